// What is closed, what is collected, and how a process ends.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import test from 'node:test';
import { TenonError, memory, open } from '../lib/index.mjs';
import { connector } from '../lib/ioredis.mjs';
import { EmbeddedSocket } from '../lib/socket.cjs';
import { directory, run, settled, sleep, turns } from './kit.mjs';

const isClosed = (error) => error instanceof TenonError && error.kind === 'closed';
const gc = globalThis.gc ?? (() => assert.fail('run with --expose-gc'));

/** Collects garbage until something has come to pass: finalizers run some turns later. */
async function collected(what) {
  for (let round = 0; round < 100 && !what(); round++) {
    gc();
    await turns(3);
    await sleep(1);
  }
  assert.ok(what(), 'it was collected');
}

test('a handle that was closed says so, whatever is called', async () => {
  const db = memory();
  const [other, durable, news, watch, batch] = [db.select(1), db.durable(), db.subscribe('a'), db.watchPrefix(''), db.batch().get('k')];
  assert.equal(db.isOpen, true);
  db.close();
  db.close();
  assert.equal(db.isOpen, false);
  const calls = [
    () => db.get('k'), () => db.getBuffer('k'), () => db.set('k', 'v'), () => db.set('k', 'v', { ex: 1 }), () => db.incr('k'), () => db.hget('h', 'f'),
    () => db.del('k'), () => db.exists('k'), () => db.call('PING'), () => db.callBuffer('PING'), () => other.get('k'), () => durable.set('k', 'v'),
    () => db.with({}), () => db.select(2), () => db.batch().ping().run(), () => batch.run(), () => db.pipeline().ping().run(), () => db.subscribe('a'),
    () => db.watchPrefix(''), () => db.transaction(() => {}), () => db.sync(), () => db.tick(), () => db.clock.now(), () => db.clock.set(1),
    () => db.report, () => db.token, () => db.blpop('q', 0), () => db.hgetall('h'), () => new EmbeddedSocket(db),
  ];
  for (const call of calls) assert.throws(call, isClosed, String(call));
  assert.deepEqual([news.take(), watch.take()], [[], []]);
  news.close();
  watch.close();
});

test('a transaction whose database is closed in the middle', () => {
  const db = memory();
  assert.throws(() => db.transaction((tx) => { tx.set('a', 1); db.close(); tx.get('a'); }), isClosed);
});

test('arguments that close the database while they are read', () => {
  const db = memory();
  const sly = Object.defineProperty(['a', 'b'], 1, { get: () => { db.close(); return 'b'; } });
  assert.throws(() => db.call('MGET', sly), isClosed);
  // Bytes are taken before anything else of the caller runs: their memory may be gone behind that.
  const other = memory();
  const buffer = Buffer.from(new ArrayBuffer(8));
  const moving = Object.defineProperty([1], 0, { get: () => { structuredClone(buffer.buffer, { transfer: [buffer.buffer] }); return 1; } });
  assert.equal(other.call('RPUSH', 'l', buffer, moving), 2);
  assert.deepEqual(other.lrange('l', 0, -1), ['\0'.repeat(8), '1']);
  other.set('empty', buffer);
  assert.equal(other.get('empty'), '');
  const thrown = new Error('mine');
  const throwing = Object.defineProperty([1], 0, { get: () => { throw thrown; } });
  assert.throws(() => other.call('RPUSH', 'l', throwing), (error) => error === thrown);
});

test('functions outlive the object they were taken from', () => {
  const db = memory();
  const { get, set, call } = db;
  set('k', 'v');
  assert.deepEqual([get('k'), call('GET', 'k')], ['v', 'v']);
});

test('what nobody holds is collected, and its database with it', async () => {
  (() => memory({ name: 'collected' }).set('k', 'v'))();
  const isGone = () => {
    const db = memory({ name: 'collected' });
    const gone = db.exists('k') === 0;
    db.close();
    return gone;
  };
  await collected(isGone);
});

test('a subscription, a watch and a derived handle that nobody holds are collected', async () => {
  const db = memory();
  (() => {
    for (let n = 0; n < 50; n++) {
      db.subscribe('ch');
      db.watchPrefix('p');
      db.select(n % 16).set('k', n);
    }
  })();
  assert.equal(db.publish('ch', 'x'), 50);
  await collected(() => db.pubsub('NUMSUB', 'ch').flat().at(-1) === 0);
  assert.equal(db.select(1).get('k'), '49');
});

test('who waits keeps a database that nobody else holds, and gives it up', async () => {
  const wait = (() => memory({ name: 'waited for' }).blpop('q', 0))();
  for (let round = 0; round < 5; round++) {
    gc();
    await turns(3);
  }
  (() => memory({ name: 'waited for' }).rpush('q', 'a', 'b'))();
  assert.deepEqual(await wait, ['q', 'a']);
  await collected(() => {
    const db = memory({ name: 'waited for' });
    const gone = db.exists('q') === 0;
    db.close();
    return gone;
  });
});

test('a method that outlives its handle keeps the database', async () => {
  const get = (() => { const db = memory(); db.set('k', 'v'); return db.get; })();
  for (let round = 0; round < 5; round++) {
    gc();
    await turns(3);
  }
  assert.equal(get('k'), 'v');
});

test('garbage is collected while calls go on', async () => {
  const db = memory();
  for (let round = 0; round < 20; round++) {
    for (let n = 0; n < 200; n++) {
      const twin = db.with({ buffers: n % 2 === 0 });
      twin.set(`k${n}`, Buffer.alloc(n));
      twin.hset('h', { [`f${n}`]: 'x'.repeat(n) });
      twin.hgetall('h');
      db.blpop(`q${n}`, 0.001).catch(() => {});
      try { twin.incr('h'); } catch {}
    }
    gc();
    await turns(1);
  }
  assert.equal(db.dbsize(), 201);
});

test('a socket that is destroyed in any state', async () => {
  const db = memory();
  const connections = () => Number(/connected_clients:(\d+)/.exec(db.info('clients'))[1]);
  const early = new EmbeddedSocket(db);
  early.destroy();
  const inWrite = new EmbeddedSocket(db);
  inWrite.write('PING\r\n', () => inWrite.destroy());
  const onData = new EmbeddedSocket(db);
  onData.on('data', () => onData.destroy());
  onData.write('PING\r\nPING\r\nBLPOP q 0\r\n');
  const ended = new EmbeddedSocket(db);
  ended.end('PING\r\n');
  ended.resume();
  await settled(() => [early, inWrite, onData, ended].every((each) => each.closed));
  assert.equal(connections(), 0);
});

test('what a socket is served behind its end is given back', async () => {
  const db = memory();
  const connections = () => Number(/connected_clients:(\d+)/.exec(db.info('clients'))[1]);
  const faults = [];
  const blocked = async (reads) => {
    const peer = new EmbeddedSocket(db);
    peer.on('error', (error) => faults.push(error.code));
    if (reads) peer.resume();
    await once(peer, 'connect');
    await new Promise((resolve) => peer.write('SUBSCRIBE ch\r\nPING\r\n', resolve));
    await new Promise((resolve) => peer.write('RESET\r\nBLPOP q 0\r\n', resolve));
    await turns(2);
    return peer;
  };
  // Ended in the same turn, before or behind the push; by one who reads and by one who does not.
  for (const reads of [true, false]) {
    for (const first of [true, false]) {
      const peer = await blocked(reads);
      if (first) peer.end();
      db.rpush('q', 'precious');
      if (!first) peer.end();
      await turns(5);
      assert.equal(connections(), 0, 'the connection is closed by its end');
      assert.deepEqual(db.lrange('q', 0, -1), ['precious']);
      peer.resume();
      await settled(() => peer.closed);
      db.del('q');
    }
  }
  // What was read before the end is still handed over.
  const last = new EmbeddedSocket(db);
  let text = '';
  last.on('data', (chunk) => { text += chunk; });
  last.end('SET k v\r\nGET k\r\n');
  await settled(() => last.closed);
  assert.equal(text, '+OK\r\n$1\r\nv\r\n');
  // Messages in between queue nothing behind the end, however late that is handed over.
  const reader = new EmbeddedSocket(db);
  reader.on('error', (error) => faults.push(error.code));
  reader.resume();
  await once(reader, 'connect');
  await new Promise((resolve) => reader.write('SUBSCRIBE ch\r\n', resolve));
  await turns(2);
  const busy = performance.now();
  reader.write('PING\r\n');
  while (performance.now() - busy < 3);
  db.publish('ch', 'message');
  reader.end();
  await settled(() => reader.closed);
  assert.deepEqual(faults, []);
});

test('a reader that does not keep up does not fill the memory: it is cut off as by a server', async () => {
  const db = memory();
  const peer = new EmbeddedSocket(db);
  await new Promise((resolve) => peer.write('SUBSCRIBE ch\r\n', resolve));
  await new Promise((resolve) => peer.once('data', resolve));
  peer.pause();
  const message = 'x'.repeat(100_000);
  for (let count = 0; count < 1000 && db.publish('ch', message) === 1; count++) await turns(1);
  assert.equal(db.publish('ch', message), 0);
  assert.ok(peer.readableLength < 4 << 20, `${peer.readableLength} bytes`);
  peer.resume();
  await settled(() => peer.closed);
});

test('a reader that pauses gets everything, in order', async () => {
  const db = memory();
  const peer = new EmbeddedSocket(db);
  let text = '';
  peer.on('data', (chunk) => {
    text += chunk;
    peer.pause();
    setImmediate(() => peer.resume());
  });
  const value = 'y'.repeat(300_000);
  db.set('k', value);
  for (let count = 0; count < 10; count++) peer.write(`ECHO ${count}\r\nGET k\r\n`);
  const whole = Array.from({ length: 10 }, (_, count) => `$1\r\n${count}\r\n$300000\r\n${value}\r\n`).join('');
  await settled(() => text.length >= whole.length);
  assert.equal(text, whole);
  peer.destroy();
});

test('a socket times out when it is idle, counts its bytes as text of any encoding', async () => {
  const db = memory();
  const peer = new EmbeddedSocket(db);
  const timedOut = new Promise((resolve) => peer.setTimeout(5, resolve));
  const read = new Promise((resolve) => peer.once('data', resolve));
  peer.write(Buffer.from('ECHO zwölf\r\n').toString('latin1'), 'latin1');
  assert.equal(String(await read), '$6\r\nzwölf\r\n');
  const alive = setTimeout(() => {}, 10_000);
  await timedOut;
  clearTimeout(alive);
  peer.destroy();
});

test('a program that ends without closing anything has lost nothing', async (t) => {
  const dir = directory(t);
  for (const end of ['', 'process.exit(0)', "process.kill(process.pid, 'SIGKILL')", "setImmediate(() => { throw new Error('crash') })"]) {
    const program = `
      import { open } from './lib/index.mjs';
      const db = open(process.argv[1]);
      db.incr('runs');
      db.transaction((tx) => { tx.rpush('log', 'x'); });
      db.subscribe('ch'); db.watchPrefix(''); db.batch().ping();
      ${end}`;
    await run(program, { args: [dir] });
  }
  const db = open(dir);
  assert.deepEqual([db.get('runs'), db.llen('log')], ['4', 4]);
  db.close();
});

test('a directory that another process has open is busy', async (t) => {
  const dir = directory(t);
  const db = open(dir);
  const program = `
    import { open } from './lib/index.mjs';
    try { open(process.argv[1]); } catch (error) { console.log(error.kind); }`;
  assert.equal((await run(program, { args: [dir] })).stdout, 'busy\n');
  db.close();
  assert.equal((await run(program, { args: [dir] })).stdout, '');
});

test('a directory that was removed and made again is another one', (t) => {
  const dir = directory(t);
  const first = open(dir);
  first.set('k', 'v');
  fs.rmSync(dir, { recursive: true });
  const second = open(dir);
  assert.equal(second.get('k'), null);
  second.close();
  try { first.close(); } catch (error) { assert.equal(error.kind, 'io'); }
});

test('a connector opens a directory for each connection, and lets it go with the last', async (t) => {
  const dir = directory(t);
  const Connector = connector(dir);
  const [one, two] = await Promise.all([new Connector().connect(), new Connector().connect()]);
  one.write('SET k v\r\n');
  for (const peer of [one, two]) peer.destroy();
  await settled(() => one.closed && two.closed);
  const program = `import { open } from './lib/index.mjs'; console.log(open(process.argv[1]).get('k'));`;
  assert.equal((await run(program, { args: [dir] })).stdout, 'v\n');
});

test('Buffers of all sizes have their bytes, and keep them', () => {
  const db = memory();
  const kept = [];
  for (let round = 0; round < 3; round++) {
    for (const bytes of [0, 1, 7, 100, 1023, 1024, 1025, 4095, 4096, 4097, 70_000]) {
      const value = Buffer.alloc(bytes, (round * 31 + bytes) % 256);
      db.set('k', value);
      kept.push([value, db.getBuffer('k'), db.with({ buffers: true }).get('k')]);
    }
  }
  for (const [value, one, two] of kept) {
    assert.deepEqual(one, value);
    assert.deepEqual(two, value);
  }
  // What one holder writes into his Buffer nobody else sees.
  db.set('k', 'abc');
  const [first, second] = [db.getBuffer('k'), db.getBuffer('k')];
  first.fill('x');
  assert.deepEqual([String(second), db.get('k')], ['abc', 'abc']);
  assert.throws(() => db.getBuffer(), (error) => error.kind === 'command');
  assert.throws(() => db.getBuffer('a', 'b'), (error) => error.kind === 'command');
});

test('the package may be loaded twice in one environment, as test runners do', async () => {
  const program = `
    import { createRequire } from 'node:module';
    const require = createRequire(process.cwd() + '/');
    const load = () => { for (const name of Object.keys(require.cache)) delete require.cache[name]; return require('./lib/index.cjs'); };
    const [one, two] = [load(), load()];
    const [a, b] = [one.memory({ name: 'n' }), two.memory({ name: 'n' })];
    a.set('k', 'v');
    const thrown = (db) => { try { db.incr('k'); } catch (error) { return error; } };
    console.log(one !== two, b.get('k'), thrown(a) instanceof one.TenonError, thrown(b) instanceof two.TenonError, thrown(b) instanceof one.TenonError);
    setImmediate(() => a.rpush('q', 'job'));
    console.log(await b.blpop('q', 0));`;
  assert.deepEqual(await run(program), { code: 0, stdout: "true v true true false\n[ 'q', 'job' ]\n", stderr: '' });
});
