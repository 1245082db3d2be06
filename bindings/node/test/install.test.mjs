// The package as it is installed: from a tarball with a prebuilt addon, in an empty place; and what is said when there is none.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { HOME, directory } from './kit.mjs';

const ADDON = process.env.TENON_NODE_ADDON ?? path.join(HOME, 'build', 'tenondb.node');
const PLATFORM = `${process.platform}-${process.arch}`;
const { TENON_NODE_ADDON: _, ...CLEAN } = process.env;

function run(program, args, cwd, env = {}) {
  return spawnSync(program, args, { cwd, env: { ...CLEAN, ...env }, encoding: 'utf8', timeout: 120_000 });
}

/** A copy of what is published, with or without an addon. */
function staged(t, addon) {
  const stage = path.join(directory(t), 'package');
  fs.mkdirSync(stage);
  for (const name of ['lib', 'install.cjs', 'package.json', 'README.md']) fs.cpSync(path.join(HOME, name), path.join(stage, name), { recursive: true });
  if (addon !== undefined) {
    fs.mkdirSync(path.join(stage, 'prebuilds', PLATFORM), { recursive: true });
    fs.writeFileSync(path.join(stage, 'prebuilds', PLATFORM, 'tenondb.node'), addon);
  }
  return stage;
}

const SMOKE = `
  const tenondb = require('tenondb');
  const { connector } = require('tenondb/ioredis');
  const { socket } = require('tenondb/node-redis');
  const db = tenondb.memory();
  db.set('k', 'v');
  import('tenondb').then((module) => console.log(db.get('k'), module.open === tenondb.open, typeof connector(db), socket(db).path.startsWith('tenon:')));`;

test('a tarball with a prebuilt addon is installed in an empty place, and works', (t) => {
  const stage = staged(t, fs.readFileSync(ADDON));
  const packed = run('npm', ['pack', '--silent'], stage);
  assert.equal(packed.status, 0, packed.stderr);
  const empty = directory(t);
  const tarball = path.join(stage, packed.stdout.trim());
  const installed = run('npm', ['install', '--no-audit', '--no-fund', '--offline', tarball], empty);
  assert.equal(installed.status, 0, installed.stdout + installed.stderr);
  const smoke = run(process.execPath, ['-e', SMOKE], empty);
  assert.equal(smoke.stdout, 'v true function true\n', smoke.stderr);
  const files = fs.readdirSync(path.join(empty, 'node_modules', 'tenondb')).sort();
  assert.deepEqual(files, ['README.md', 'install.cjs', 'lib', 'package.json', 'prebuilds']);
});

test('without an addon and without sources the installation fails, and says what to do', (t) => {
  for (const addon of [undefined, 'no library']) {
    const { status, stderr } = run(process.execPath, ['install.cjs'], staged(t, addon));
    assert.equal(status, 1);
    assert.match(stderr, /no prebuilt addon for .*TENON_NODE_ADDON/s);
  }
});

test('without cargo the installation fails, and says so', (t) => {
  const stage = staged(t);
  // As in a checkout: two folders above lies the workspace.
  const checkout = path.join(stage, '..', 'checkout');
  fs.mkdirSync(path.join(checkout, 'bindings'), { recursive: true });
  fs.renameSync(stage, path.join(checkout, 'bindings', 'node'));
  for (const folder of [checkout, path.join(checkout, 'bindings', 'node')]) fs.writeFileSync(path.join(folder, 'Cargo.toml'), '');
  const { status, stderr } = run(process.execPath, ['install.cjs'], path.join(checkout, 'bindings', 'node'), { PATH: '/nowhere' });
  assert.equal(status, 1);
  assert.match(stderr, /no cargo to build one: install Rust/);
});

test('without an addon the package says so when it is loaded', (t) => {
  const stage = staged(t);
  const load = (env) => run(process.execPath, ['-e', `require(${JSON.stringify(stage)})`], stage, env);
  assert.match(load({}).stderr, new RegExp(`there is no native addon for ${PLATFORM}`));
  assert.match(load({ TENON_NODE_ADDON: '/never/there.node' }).stderr, /TENON_NODE_ADDON names \/never\/there\.node, which does not exist/);
  const named = run(process.execPath, ['install.cjs'], stage, { TENON_NODE_ADDON: ADDON });
  assert.equal(named.status, 0);
});
