// Types: they are what the engine's table says, and say what the package does.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import test from 'node:test';
import { TARGET, text } from '../generate.mjs';
import { Batch, Db, PrefixWatch, Subscription, Transaction, memory } from '../lib/index.mjs';
import { HOME } from './kit.mjs';

test('commands.d.ts is up to date', () => {
  assert.equal(fs.readFileSync(TARGET, 'utf8'), text(), 'npm run generate');
});

test('what is declared exists, and what exists is declared', () => {
  const declared = fs.readFileSync(path.join(HOME, 'lib', 'index.d.ts'), 'utf8') + fs.readFileSync(TARGET, 'utf8');
  const db = memory();
  for (const made of [db, db.batch(), db.subscribe('a'), db.watchPrefix('p')]) {
    const names = new Set([...Object.keys(made), ...Object.getOwnPropertyNames(Object.getPrototypeOf(made))]);
    names.delete('constructor');
    for (const name of names) assert.match(declared, new RegExp(`\\b${name}\\b`), name);
  }
  for (const each of [Batch, Db, PrefixWatch, Subscription, Transaction]) assert.match(declared, new RegExp(`export const ${each.name}\\b`));
  db.close();
});

test('a transaction and a batch have the methods that are declared, and no others', () => {
  const lines = fs.readFileSync(TARGET, 'utf8').split('\n');
  const declared = (...interfaces) => {
    const names = new Set();
    let isWithin = false;
    for (const line of lines) {
      if (line.startsWith('export interface')) isWithin = interfaces.includes(/interface (\w+)/.exec(line)[1]);
      const method = isWithin && /^ {2}(\w+)\(/.exec(line);
      if (method) names.add(method[1]);
    }
    return [...names].sort();
  };
  const methods = (each, ...others) => Object.getOwnPropertyNames(each.prototype).filter((name) => !others.includes(name)).sort();
  const own = ['constructor', 'call', 'callBuffer', 'run', 'length'];
  assert.deepEqual(methods(Batch, ...own), declared('DataCommands', 'StreamReads'));
  assert.deepEqual(methods(Transaction, ...own), declared('DataCommands', 'StreamReads', 'BufferDataCommands', 'BufferStreamReads'));
});

test('a program that uses the types compiles, and what is wrong in it does not', () => {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [compiler, '--project', path.join(HOME, 'test', 'types')], { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
});
