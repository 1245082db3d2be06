// Measures, as ratios in one run: `get` beside Map.get; ioredis and node-redis through the seam beside a real server over a unix socket.
//
//     npm run bench            what is there is measured: without redis-server on the PATH the clients are measured on the seam alone
//
// Both sides of a ratio are measured in turn, in many short rounds, and the quickest round of each counts: what else runs on the machine
// only makes rounds slower.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { memory, open } from './lib/index.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 200);
const KEYS = Number(process.env.KEYS ?? 1_000_000);
const CALLS = 10_000;
const COMMANDS = 500;
const VALUE = 'x'.repeat(100);

const show = (name, figure) => console.log(`${name.padEnd(52)} ${figure}`);

/** Nanoseconds for one of `count` things that `body` does, by the name of each side: of the quickest round. */
async function measure(sides, count) {
  const quickest = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, body] of Object.entries(sides)) {
      const began = process.hrtime.bigint();
      await body(count);
      const took = Number(process.hrtime.bigint() - began) / count;
      quickest[name] = Math.min(quickest[name] ?? Infinity, took);
    }
  }
  return quickest;
}

/** Numbers in a random order that is the same in every run. */
function* numbers(below) {
  for (let state = 1n; ; ) {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffff_ffff_ffff_ffffn;
    yield Number(state >> 33n) % below;
  }
}

/** Calls over `keys` keys, each round over another part of a random order. */
async function calls(keys) {
  const random = numbers(keys);
  const names = Array.from({ length: keys }, (_, at) => `key:${at}`);
  const [db, map] = [memory(), new Map()];
  for (const name of names) {
    db.set(name, VALUE);
    map.set(name, VALUE);
  }
  // Other strings than those it was filled with: in real programs what is asked for is not the same object either.
  const order = Array.from({ length: Math.min(CALLS * 40, keys * 10) }, () => Buffer.from(names[random.next().value]).toString());
  let [sink, from] = [0, 0];
  const over = (call) => (count) => {
    from = (from + count) % order.length;
    for (let at = 0; at < count; at++) sink += call(order[from + at]);
  };
  const ns = await measure(
    {
      'Map.get': over((key) => map.get(key).length),
      'db.get': over((key) => db.get(key).length),
      'db.getBuffer': over((key) => db.getBuffer(key).length),
      "db.call('GET')": over((key) => db.call('GET', key).length),
      'db.set': over((key) => db.set(key, VALUE).length),
      'db.exists': over((key) => db.exists(key)),
      'db.incr, one key': over(() => db.incr('counter')),
    },
    CALLS,
  );
  for (const [name, each] of Object.entries(ns)) {
    show(`${name}, ${keys} keys, values of 100 bytes`, `${each.toFixed(0)} ns, ${(each / ns['Map.get']).toFixed(2)} x Map.get`);
  }
  db.close();
  if (sink < 0) console.log(sink);
}

/** Starts redis-server on a unix socket, if there is one. */
async function server() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tenondb-bench-'));
  const at = path.join(dir, 'redis.sock');
  const args = ['--port', '0', '--unixsocket', at, '--save', '', '--appendonly', 'no', '--dir', dir];
  const started = spawn('redis-server', args, { stdio: 'ignore' });
  const failed = new Promise((resolve) => started.once('error', () => resolve(false)));
  const up = (async () => {
    for (let tries = 0; tries < 200; tries++) {
      if (fs.existsSync(at)) return true;
      await sleep(20);
    }
    return false;
  })();
  const is = await Promise.race([failed, up]);
  return { at: is ? at : undefined, end: () => { started.kill(); fs.rmSync(dir, { recursive: true, force: true }); } };
}

async function clients() {
  const { IOREDIS, LIBRARIES, NODE_REDIS } = await import('./test/clients.mjs');
  const { createRequire } = await import('node:module');
  const require = createRequire(new URL('test/', import.meta.url));
  const real = await server();
  const db = memory();
  const one = (get) => async (count) => {
    for (let at = 0; at < count; at++) await get('key');
  };
  const many = (get) => async (count) => {
    for (let at = 0; at < count; at += 50) await Promise.all(Array.from({ length: 50 }, () => get('key')));
  };
  const compare = async (name, ours, theirs, how) => {
    const sides = { seam: how((key) => ours.get(key)) };
    if (theirs) sides.socket = how((key) => theirs.get(key));
    const ns = await measure(sides, COMMANDS);
    const ratio = theirs ? `, socket ${(ns.socket / 1000).toFixed(1)} us: ${(ns.socket / ns.seam).toFixed(1)} x faster` : '';
    show(name, `${(ns.seam / 1000).toFixed(2)} us${ratio}`);
  };
  for (const [name, make] of IOREDIS) {
    const { Redis } = require(name.startsWith('ioredis 5') ? 'ioredis5' : 'ioredis6');
    const options = name.endsWith('RESP3') ? { protocol: 3 } : {};
    const [ours, theirs] = [make(db, options), real.at && new Redis({ path: real.at, ...options })];
    for (const each of [ours, theirs]) await each?.set('key', VALUE);
    await compare(`${name}: get, one after the other`, ours, theirs, one);
    await compare(`${name}: get, 50 at once`, ours, theirs, many);
    for (const each of [ours, theirs]) each?.disconnect();
  }
  for (const [name, make] of NODE_REDIS) {
    const { createClient } = LIBRARIES[name.startsWith('node-redis 5') ? 'redis5' : 'redis6']();
    const RESP = name.endsWith('RESP3') || name === 'node-redis 6' ? 3 : 2;
    const [ours, theirs] = [make(db), real.at && createClient({ socket: { path: real.at }, RESP })];
    for (const each of [ours, theirs]) {
      await each?.connect();
      await each?.set('key', VALUE);
    }
    await compare(`${name}: get, one after the other`, ours, theirs, one);
    await compare(`${name}: get, 50 at once`, ours, theirs, many);
    for (const each of [ours, theirs]) each?.destroy();
  }
  real.end();
  db.close();
}

async function durable() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tenondb-bench-'));
  const db = open(dir);
  const ns = await measure({ 'db.set into a directory, everysec': (count) => { for (let at = 0; at < count; at++) db.set(`key:${at % 1000}`, VALUE); } }, CALLS);
  for (const [name, each] of Object.entries(ns)) show(name, `${each.toFixed(0)} ns`);
  db.close();
  fs.rmSync(dir, { recursive: true, force: true });
}

console.log(`node ${process.version}, ${os.cpus()[0].model} x ${os.cpus().length}, load ${os.loadavg()[0].toFixed(1)}`);
for (const keys of [1000, KEYS]) await calls(keys);
await durable();
await clients();
