// Worker threads: one engine for all of them, and an end at any moment without harm.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import { attach, memory, open } from '../lib/index.mjs';
import { HOME, directory, result, run, settled, sleep, worker } from './kit.mjs';

test('workers share a database by its directory, by its name and by its token', async (t) => {
  const dir = directory(t);
  const [stored, named, own] = [open(dir), memory({ name: 'shared' }), memory()];
  for (const db of [stored, named, own]) db.set('k', 'main');
  const source = `
    const [stored, named, own, other] =
      [tenondb.open(data.dir), tenondb.memory({ name: 'shared' }), tenondb.attach(data.token), tenondb.memory()];
    const all = [stored, named, own, other];
    const read = all.map((db) => db.get('k'));
    all.forEach((db) => db.set('k', 'worker'));
    all.forEach((db) => db.close());
    parentPort.postMessage(read);`;
  assert.deepEqual(await result(worker(source, { dir, token: own.token })), ['main', 'main', 'main', null]);
  assert.deepEqual([stored, named, own].map((db) => db.get('k')), ['worker', 'worker', 'worker']);
  const { token } = own;
  for (const db of [stored, named, own]) db.close();
  assert.throws(() => attach(token), (error) => error.kind === 'closed');
  assert.throws(() => attach('tenon:nobody'), (error) => error.kind === 'closed');
  assert.equal(memory({ name: 'shared' }).get('k'), null);
});

test('a blocking command of one worker is served by another, and messages go between them', async () => {
  const db = memory();
  const source = `
    const db = tenondb.attach(data);
    const news = db.subscribe('to-worker');
    parentPort.postMessage('ready');
    const job = await db.blpop('jobs', 0);
    const { value } = await news.next();
    db.publish('to-main', value.message + ' ' + job[1]);
    db.close();`;
  const news = db.subscribe('to-main');
  const made = worker(source, db.token);
  const ended = once(made, 'exit');
  await once(made, 'message');
  db.rpush('jobs', 'build');
  db.publish('to-worker', 'done');
  assert.equal((await news.next()).value.message, 'done build');
  news.close();
  await ended;
});

test('transactions of several workers add up', async () => {
  const db = memory();
  const source = `
    const db = tenondb.attach(data);
    for (let n = 0; n < 500; n++) {
      db.transaction((tx) => { tx.set('sum', Number(tx.get('sum') ?? 0) + 1); });
      db.incr('count');
    }
    parentPort.postMessage('done');`;
  await Promise.all(Array.from({ length: 4 }, () => result(worker(source, db.token))));
  assert.deepEqual([db.get('sum'), db.get('count')], ['2000', '2000']);
});

test('a worker that is terminated while it waits leaves nothing behind', async () => {
  const db = memory();
  const source = `
    const db = tenondb.attach(data);
    const keep = [db.blpop('q', 0), db.bzpopmin('z', 0), db.xread('BLOCK', 0, 'STREAMS', 's', '$')];
    (async () => { for await (const _ of db.subscribe('ch')); })();
    (async () => { for await (const _ of db.watchPrefix('')); })();
    db.transaction(() => {});
    parentPort.postMessage('waits');
    await Promise.all(keep);`;
  for (let round = 0; round < 10; round++) {
    const made = worker(source, db.token);
    await once(made, 'message');
    assert.equal(db.publish('ch', 'hello'), 1);
    await made.terminate();
    await settled(() => db.pubsub('NUMSUB', 'ch').flat().at(-1) === 0);
    // Whatever was pushed is there for the living.
    db.rpush('q', round);
    assert.equal(db.lpop('q'), String(round));
    db.zadd('z', 1, 'm');
    assert.deepEqual(db.zpopmin('z'), ['m', 1]);
  }
});

test('a connection of a worker that is terminated is closed', async () => {
  const db = memory();
  const source = `
    const { connector } = require(${JSON.stringify(`${HOME}/lib/ioredis.cjs`)});
    const Redis = require(${JSON.stringify(`${HOME}/test/node_modules/ioredis5`)});
    const db = tenondb.attach(data);
    const redis = new Redis({ Connector: connector(db), connectionName: 'in-worker' });
    await redis.ping();
    redis.blpop('q', 0);
    await redis.duplicate().subscribe('ch');
    parentPort.postMessage('connected');`;
  const made = worker(source, db.token);
  await once(made, 'message');
  assert.match(db.client('LIST'), /name=in-worker/);
  await made.terminate();
  await settled(() => !/name=in-worker/.test(db.client('LIST')));
  db.rpush('q', 'kept');
  assert.deepEqual(db.lrange('q', 0, -1), ['kept']);
});

test('workers that are terminated at any moment harm nobody', async () => {
  const db = memory();
  const source = `
    const db = tenondb.attach(data);
    parentPort.postMessage('runs');
    for (let n = 0; ; n++) {
      db.set('k' + (n % 100), 'x'.repeat(n % 300));
      db.get('k' + (n % 100));
      db.hset('h', { a: n, b: n });
      db.hgetall('h');
      db.batch().incr('n').lpush('l', n).ltrim('l', 0, 10).run();
      try { db.incr('h'); } catch {}
      db.select(1).set('k', n);
      if (n % 100 === 0) { db.blpop('q' + n, 0.001).catch(() => {}); await db.blpop('never', 0.0001); }
    }`;
  const made = [];
  for (let round = 0; round < 12; round++) {
    made.push(worker(source, db.token));
    await once(made[round], 'message');
    await sleep(round % 5);
    if (round >= 2) await made[round - 2].terminate();
  }
  await Promise.all(made.map((each) => each.terminate()));
  assert.equal(db.get('n') > 0, true);
  assert.equal(db.set('usable', 1), 'OK');
});

test('a process with workers that wait ends when it is told to', async () => {
  const program = `
    import { Worker } from 'node:worker_threads';
    import { memory } from './lib/index.mjs';
    const db = memory();
    const source = \`
      const tenondb = require('${HOME}/lib/index.cjs');
      const { parentPort, workerData } = require('node:worker_threads');
      const db = tenondb.attach(workerData);
      db.blpop('q', 0);
      (async () => { for await (const _ of db.subscribe('ch')); })();
      parentPort.postMessage('waits');\`;
    let waiting = 0;
    for (let n = 0; n < 4; n++) {
      new Worker(source, { eval: true, execArgv: [], workerData: db.token }).on('message', () => {
        waiting += 1;
        if (waiting === 4) { db.blpop('r', 0); process.exit(5); }
      });
    }`;
  for (let round = 0; round < 3; round++) assert.deepEqual(await run(program), { code: 5, stdout: '', stderr: '' });
});

test('the addon stays when all workers that have loaded it have ended', async () => {
  const program = `
    import { once } from 'node:events';
    import { Worker } from 'node:worker_threads';
    const source = \`
      const db = require('${HOME}/lib/index.cjs').memory();
      db.set('k', 'v', { px: 5 });
      db.blpop('q', 0.002).then(() => require('node:worker_threads').parentPort.postMessage('done'));
      if (require('node:worker_threads').workerData) db.blpop('never', 0);\`;
    for (let round = 0; round < 6; round++) {
      const worker = new Worker(source, { eval: true, execArgv: [], workerData: round % 2 });
      await Promise.all([once(worker, 'exit'), once(worker, 'message').then(() => round % 2 && worker.terminate())]);
      // The engine's threads outlive the worker for a moment.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    console.log('alive');`;
  assert.deepEqual(await run(program), { code: 0, stdout: 'alive\n', stderr: '' });
});
