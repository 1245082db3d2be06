// Scripts that do not end: who is kept from what meanwhile, who ends them, and that nothing waits for them for ever.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'node:test';
import { TenonError, attach, memory, open } from '../lib/index.mjs';
import { HOME, directory, result, run, sleep, worker } from './kit.mjs';

const ENDLESS = 'while true do end';
const STUBBORN = 'while true do pcall(function() while true do end end) end';
const WRITES = "redis.call('SET', 'half', 'done') while true do end";
const KILLED = /^ERR Script killed by user with SCRIPT KILL\./;

const says = (code) => (error) => error instanceof TenonError && error.code === code;

/** The doors that a script may come through (batches and transactions take none), as lines of a program with a `db` and a `script`. */
const DOORS = {
  'call': `db.call('EVAL', script, 0);`,
  'callBuffer': `db.callBuffer('EVAL', script, 0);`,
  'a method': `db.eval(script, 0);`,
  'callAsync': `await db.callAsync('EVAL', script, 0);`,
  'a pipeline': `const [reply] = db.pipeline().call('EVAL', script, 0).run(); if (reply instanceof Error) throw reply;`,
  'ioredis': `
    const Redis = require('${HOME}/test/node_modules/ioredis5');
    const redis = new Redis({ Connector: require('${HOME}/lib/ioredis.cjs').connector(db) });
    try { await redis.eval(script, 0); } finally { redis.disconnect(); }`,
  'node-redis': `
    const { socket } = require('${HOME}/lib/node-redis.cjs');
    const redis = require('${HOME}/test/node_modules/redis5').createClient({ socket: socket(db) }).on('error', () => {});
    await redis.connect();
    try { await redis.eval(script); } finally { redis.destroy(); }`,
};

/** A database whose scripts are not waited for. */
function impatient(db) {
  db.config('SET', 'busy-reply-threshold', 5);
  return db;
}

/** A worker that runs `script`, through one of the doors, and says what it has ended with. */
async function scripted(db, script, door = 'call') {
  const source = `
    const { script, token } = data;
    const db = tenondb.attach(token);
    try { ${DOORS[door]} } catch (error) { parentPort.postMessage(error.message); }`;
  const made = worker(source, { token: db.token, script });
  let ended;
  made.once('message', (message) => { ended = message; });
  made.once('exit', () => { ended ??= 'without an error'; });
  for (;;) {
    try {
      db.get('k');
    } catch (error) {
      assert.equal(error.code, 'BUSY');
      return made;
    }
    await sleep(1);
    assert.equal(ended, undefined, 'the script runs');
  }
}

/** A program whose worker runs `script` when `then` is run, with a `db` and the `worker`. */
function program(place, script, then) {
  const source = `
    const { script, token } = require('node:worker_threads').workerData;
    require('${HOME}/lib/index.cjs').attach(token).call('EVAL', script, 0);`;
  return `
    import { Worker } from 'node:worker_threads';
    import * as tenondb from './lib/index.mjs';
    const db = ${place};
    db.config('SET', 'busy-reply-threshold', 5);
    const workerData = { token: db.token, script: ${JSON.stringify(script)} };
    const worker = new Worker(${JSON.stringify(source)}, { eval: true, execArgv: [], workerData });
    const runs = () => { try { db.get('k'); return false; } catch { return true; } };
    const look = setInterval(() => { if (runs()) { clearInterval(look); ${then} } }, 1);`;
}

test('a script of a worker that does not end is BUSY for the others, and SCRIPT KILL ends it', async () => {
  const db = impatient(memory());
  for (const script of [ENDLESS, STUBBORN]) {
    const ended = result(await scripted(db, script));
    const calls = [
      () => db.get('k'), () => db.getBuffer('k'), () => db.set('k', 1), () => db.incr('k'), () => db.del('k'), () => db.hget('h', 'f'),
      () => db.call('MGET', 'a', 'b'), () => db.eval('return 1', 0), () => db.batch().get('k').run(), () => db.transaction((tx) => tx.get('k')),
    ];
    for (const call of calls) assert.throws(call, says('BUSY'), String(call));
    await assert.rejects(db.blpop('q', 0), says('BUSY'));
    assert.equal(db.pipeline().get('k').run()[0].code, 'BUSY');
    assert.equal(db.script('KILL'), 'OK');
    assert.match(await ended, KILLED);
    assert.throws(() => db.script('KILL'), says('NOTBUSY'));
    assert.equal(db.set('k', 1), 'OK');
  }
});

test('a script on the main thread, through whatever door, is ended by a worker that says SCRIPT KILL', async () => {
  const killer = `
    const { workerData } = require('node:worker_threads');
    const db = require('${HOME}/lib/index.cjs').attach(workerData);
    const look = setInterval(() => { try { db.call('SCRIPT', 'KILL'); clearInterval(look); } catch {} }, 1);`;
  for (const [door, body] of Object.entries(DOORS)) {
    const source = `
      import { createRequire } from 'node:module';
      import { Worker } from 'node:worker_threads';
      import { memory } from './lib/index.mjs';
      const require = createRequire(process.cwd() + '/');
      const [db, script] = [memory(), ${JSON.stringify(ENDLESS)}];
      const made = new Worker(${JSON.stringify(killer)}, { eval: true, execArgv: [], workerData: db.token });
      await new Promise((resolve) => made.once('online', resolve));
      try { ${body} } catch (error) { console.log(error.message); }
      await made.terminate();`;
    const { code, stdout, stderr } = await run(source);
    assert.deepEqual([code, stderr], [0, ''], door);
    assert.match(stdout, KILLED, door);
  }
});

test('a worker that is terminated inside a script that does not end is over, whatever door it came through', async () => {
  const db = impatient(memory());
  for (const [door, script] of [...Object.keys(DOORS).map((door) => [door, ENDLESS]), ['call', STUBBORN]]) {
    const made = await scripted(db, script, door);
    await made.terminate();
    assert.equal(db.set('k', 1), 'OK', door);
  }
});

test('a script that has written is not cut short by the end of its worker', async () => {
  const db = impatient(memory());
  const made = await scripted(db, "redis.call('SET', 'a', 1) for i = 1, 1e8 do end redis.call('SET', 'b', 1)");
  await made.terminate();
  assert.deepEqual(db.mget('a', 'b'), ['1', '1']);
});

test('a process ends when it is told to, whatever script a worker of it runs', async (t) => {
  const memories = 'tenondb.memory()';
  for (const script of [ENDLESS, STUBBORN]) {
    assert.deepEqual(await run(program(memories, script, 'process.exit(3);')), { code: 3, stdout: '', stderr: '' });
  }
  const thrown = await run(program(memories, ENDLESS, `throw new Error('mine');`));
  assert.equal(thrown.code, 1);
  assert.match(thrown.stderr, /Error: mine/);
  assert.deepEqual(await run(program(memories, ENDLESS, 'worker.unref();')), { code: 0, stdout: '', stderr: '' });
  const asked = `process.on('SIGINT', () => process.exit(4)); process.kill(process.pid, 'SIGINT');`;
  assert.deepEqual(await run(program(memories, ENDLESS, asked)), { code: 4, stdout: '', stderr: '' });
  // What is half done is nowhere; what was done before is there.
  const dir = directory(t);
  const place = `tenondb.open(${JSON.stringify(dir)})`;
  const ended = await Promise.all([
    run(program(memories, WRITES, 'process.exit(5);')),
    run(program(place, WRITES, 'process.exit(6);')),
    run(program(memories, WRITES, `worker.terminate(); setTimeout(() => process.exit(7), 20);`)),
  ]);
  assert.deepEqual(ended, [5, 6, 7].map((code) => ({ code, stdout: '', stderr: '' })));
  const db = open(dir);
  assert.equal(db.get('half'), null);
  db.close();
});

test('a signal ends a process whose main thread is in a script', async () => {
  const source = `
    import fs from 'node:fs';
    import { memory } from './lib/index.mjs';
    fs.writeSync(1, 'begins');
    memory().call('EVAL', ${JSON.stringify(ENDLESS)}, 0);`;
  for (const signal of ['SIGINT', 'SIGTERM']) {
    const argv = ['--input-type=module', '--eval', source];
    const child = spawn(process.execPath, argv, { cwd: HOME, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    child.kill(signal);
    assert.deepEqual(await ended, [null, signal]);
  }
});

test('closing beside a worker in a script, or one that waits, neither hangs nor takes the database from it', async () => {
  const db = impatient(memory());
  const { token } = db;
  const inScript = await scripted(db, ENDLESS);
  db.close();
  assert.throws(() => db.get('k'), says('ERR'));
  const again = attach(token);
  assert.throws(() => again.get('k'), says('BUSY'));
  again.close();
  await inScript.terminate();
  assert.throws(() => attach(token), (error) => error.kind === 'closed');

  const other = memory();
  const waits = worker(`
    const db = tenondb.attach(data);
    const [, value] = await Promise.all([parentPort.postMessage('waits'), db.blpop('q', 0)]);
    parentPort.postMessage(value);`, other.token);
  await once(waits, 'message');
  const ended = result(waits);
  const handle = attach(other.token);
  other.close();
  handle.rpush('q', 'job');
  handle.close();
  assert.deepEqual(await ended, ['q', 'job']);
});
