// node-redis, unmodified, on a connection without a socket.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import test from 'node:test';
import { memory, open } from '../lib/index.mjs';
import { install, socket, uninstall } from '../lib/node-redis.mjs';
import { LIBRARIES, NODE_REDIS } from './clients.mjs';
import { directory, run, settled, turns } from './kit.mjs';

for (const [name, make] of NODE_REDIS) {
  const client = async (t, target = memory(), options = {}) => {
    const made = make(target, options);
    made.on('error', () => {});
    t.after(() => made.isOpen && made.destroy());
    await made.connect();
    return made;
  };

  test(`${name}: commands, replies, errors`, async (t) => {
    const db = memory();
    const redis = await client(t, db);
    assert.equal(await redis.set('k', 'zwölf', { EX: 100 }), 'OK');
    assert.equal(await redis.get('k'), 'zwölf');
    assert.equal(db.get('k'), 'zwölf');
    assert.equal(await redis.incrBy('n', 5), 5);
    assert.equal(await redis.hSet('h', { a: '1', b: '2' }), 2);
    assert.deepEqual({ ...(await redis.hGetAll('h')) }, { a: '1', b: '2' });
    await redis.zAdd('z', [{ score: 1.5, value: 'a' }, { score: 2, value: 'b' }]);
    assert.deepEqual(await redis.zRangeWithScores('z', 0, -1), [{ score: 1.5, value: 'a' }, { score: 2, value: 'b' }]);
    await assert.rejects(redis.lPush('k', '1'), /WRONGTYPE/);
    const large = 'x'.repeat(1_000_000);
    await redis.set('large', large);
    assert.equal(await redis.get('large'), large);
    const keys = [];
    for await (const page of redis.scanIterator()) keys.push(...page);
    assert.deepEqual(keys.sort(), ['h', 'k', 'large', 'n', 'z']);
    const many = await Promise.all(Array.from({ length: 1000 }, () => redis.incr('counter')));
    assert.equal(many[999], 1000);
  });

  test(`${name}: transactions and WATCH`, async (t) => {
    const db = memory();
    const redis = await client(t, db);
    assert.deepEqual(await redis.multi().set('a', '1').incr('a').get('a').exec(), ['OK', 2, '2']);
    await redis.watch('a');
    db.set('a', '100');
    await assert.rejects(redis.multi().set('a', 'mine').exec(), /WatchError|watched|One/i);
    assert.equal(await redis.get('a'), '100');
  });

  test(`${name}: blocking commands`, async (t) => {
    const db = memory();
    const [waiting, other] = [await client(t, db), await client(t, db)];
    const popped = waiting.blPop('jobs', 0);
    await other.rPush('jobs', 'build');
    assert.deepEqual({ ...(await popped) }, { key: 'jobs', element: 'build' });
    assert.equal(await waiting.blPop('jobs', 0.01), null);
  });

  test(`${name}: publish and subscribe`, async (t) => {
    const db = memory();
    const [reader, writer] = [await client(t, db), await client(t, db)];
    const got = [];
    await reader.subscribe('news', (message, channel) => got.push([channel, message]));
    await reader.pSubscribe('n*', (message, channel) => got.push(['pattern', channel, message]));
    assert.equal(await writer.publish('news', 'one'), 2);
    await settled(() => got.length === 2);
    assert.deepEqual(got, [['news', 'one'], ['pattern', 'news', 'one']]);
    await reader.unsubscribe('news');
    await reader.pUnsubscribe('n*');
    assert.equal(await writer.publish('news', 'nobody'), 0);
    // In RESP2 node-redis gives Buffers behind a subscription, with any server.
    assert.equal(String(await reader.set('usable', 'again')), 'OK');
  });

  test(`${name}: close, the end, duplicate, select`, async (t) => {
    const db = memory();
    const redis = await client(t, db, { database: 2, name: 'tester' });
    await redis.set('k', 'v');
    assert.equal(db.select(2).get('k'), 'v');
    assert.equal(await redis.clientGetName(), 'tester');
    const twin = redis.duplicate();
    await twin.connect();
    assert.equal(await twin.get('k'), 'v');
    twin.destroy();
    const ended = once(redis, 'end');
    await redis.close();
    await ended;
    assert.equal(redis.isOpen, false);
    const quitting = await client(t, db);
    assert.equal(await quitting.quit(), 'OK');
  });

  test(`${name}: a connection that was killed is made again`, async (t) => {
    const db = memory();
    const redis = make(db, { socket: { ...socket(db), reconnectStrategy: 1 } });
    redis.on('error', () => {});
    t.after(() => redis.destroy());
    await redis.connect();
    const id = await redis.clientId();
    // Not `once` of events: that gives up when an error is told, as it is here.
    const again = new Promise((resolve) => redis.once('ready', resolve));
    assert.equal(db.client('KILL', 'ID', id), 1);
    await again;
    assert.notEqual(await redis.clientId(), id);
  });

  test(`${name}: a directory as the target`, async (t) => {
    const dir = directory(t);
    const redis = await client(t, dir);
    await redis.set('k', 'v');
    const db = open(dir);
    assert.equal(db.get('k'), 'v');
    await redis.close();
    db.close();
  });
}

for (const library of ['redis5', 'redis6']) {
  test(`${library}: its client-side cache forgets what others change`, async (t) => {
    const { createClient, BasicClientSideCache } = LIBRARIES[library]();
    const db = memory();
    const cache = new BasicClientSideCache({ ttl: 0, maxEntries: 0 });
    const redis = createClient({ socket: socket(db), RESP: 3, clientSideCache: cache });
    redis.on('error', () => {});
    t.after(() => redis.destroy());
    await redis.connect();
    db.set('k', 'one');
    assert.equal(await redis.get('k'), 'one');
    assert.equal(await redis.get('k'), 'one');
    assert.equal(cache.stats().hitCount, 1);
    const invalidated = once(cache, 'invalidate');
    db.set('k', 'two');
    await invalidated;
    assert.equal(await redis.get('k'), 'two');
    assert.equal(cache.stats().missCount, 2);
  });
}

test('only our paths are ours: other connections pass unchanged', async (t) => {
  install();
  const server = net.createServer((peer) => peer.end('hello'));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  for (const connect of [() => net.createConnection(server.address().port, '127.0.0.1'), () => net.connect({ port: server.address().port })]) {
    const peer = connect();
    assert.ok(peer instanceof net.Socket);
    assert.equal(String((await once(peer, 'data'))[0]), 'hello');
  }
  const dir = directory(t);
  const connected = await new Promise((resolve) => {
    const peer = net.createConnection({ path: `tenon:${dir}` }, () => resolve(peer));
  });
  connected.write('PING\r\n');
  assert.equal(String((await once(connected, 'data'))[0]), '+PONG\r\n');
  connected.destroy();
  await once(connected, 'close');
  const patched = net.createConnection;
  uninstall();
  assert.notEqual(net.createConnection, patched);
  install();
});

test('the options of a Db hold it, and nothing else does', async () => {
  const gc = globalThis.gc ?? (() => assert.fail('run with --expose-gc'));
  let collected = 0;
  const registry = new FinalizationRegistry(() => { collected += 1; });
  const held = { ...socket(memory()) };
  (() => {
    for (let count = 0; count < 20; count++) {
      const db = memory();
      registry.register(db);
      socket(db);
    }
  })();
  for (let round = 0; round < 200 && collected < 20; round++) {
    gc();
    await turns(3);
  }
  assert.equal(collected, 20);
  const peer = net.createConnection(held);
  peer.write('PING\r\n');
  assert.equal(String((await once(peer, 'data'))[0]), '+PONG\r\n');
  peer.destroy();
  assert.throws(() => net.createConnection({ path: held.path }), TypeError);
});

test('a program that closes its client ends', async () => {
  const program = `
    import { createRequire } from 'node:module';
    import { memory } from './lib/index.mjs';
    import { socket } from './lib/node-redis.mjs';
    const { createClient } = createRequire(process.cwd() + '/test/')('redis5');
    const redis = await createClient({ socket: socket(memory()) }).connect();
    await redis.set('k', 'v');
    console.log(await redis.get('k'));
    await redis.close();`;
  assert.deepEqual(await run(program), { code: 0, stdout: 'v\n', stderr: '' });
});
