// ioredis, unmodified, on a connection without a socket.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import { memory, open } from '../lib/index.mjs';
import { connector } from '../lib/ioredis.mjs';
import { IOREDIS } from './clients.mjs';
import { directory, run, settled } from './kit.mjs';

for (const [name, make] of IOREDIS) {
  const client = (t, target = memory(), options = {}) => {
    const made = make(target, options);
    t.after(() => made.disconnect());
    return made;
  };

  test(`${name}: commands, strings, Buffers, numbers, errors`, async (t) => {
    const db = memory();
    const redis = client(t, db);
    assert.equal(await redis.set('k', 'zwölf'), 'OK');
    assert.equal(await redis.get('k'), 'zwölf');
    assert.deepEqual(await redis.getBuffer('k'), Buffer.from('zwölf'));
    assert.equal(db.get('k'), 'zwölf');
    const binary = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    await redis.set('binary', binary);
    assert.deepEqual(await redis.getBuffer('binary'), binary);
    assert.equal(await redis.incrby('n', 5), 5);
    assert.equal(await redis.hset('h', { a: 1, b: 2 }), 2);
    assert.deepEqual({ ...(await redis.hgetall('h')) }, { a: '1', b: '2' });
    assert.deepEqual(await redis.mget('k', 'absent'), ['zwölf', null]);
    await assert.rejects(redis.lpush('k', 1), /WRONGTYPE/);
    const large = 'x'.repeat(1_000_000);
    await redis.set('large', large);
    assert.equal(await redis.get('large'), large);
    await redis.rpush('list', ...Array.from({ length: 20_000 }, (_, at) => `item:${at}`));
    assert.equal((await redis.lrange('list', 0, -1))[19_999], 'item:19999');
  });

  test(`${name}: pipelines and transactions`, async (t) => {
    const redis = client(t);
    const pipeline = redis.pipeline();
    for (let at = 0; at < 1000; at++) pipeline.set(`k:${at}`, at).get(`k:${at}`);
    const replies = await pipeline.exec();
    assert.equal(replies.length, 2000);
    assert.deepEqual(replies[1999], [null, '999']);
    const [[, set], [error], [, got]] = await redis.multi().set('a', 'b').incr('a').get('a').exec();
    assert.deepEqual([set, got], ['OK', 'b']);
    assert.match(error.message, /not an integer/);
    await redis.watch('a');
    const other = client(t, undefined);
    await other.quit();
    const together = await Promise.all(Array.from({ length: 500 }, (_, at) => redis.incr(at % 2 ? 'odd' : 'even')));
    assert.equal(Math.max(...together), 250);
  });

  test(`${name}: WATCH fails a transaction when somebody else writes`, async (t) => {
    const db = memory();
    const redis = client(t, db);
    await redis.watch('k');
    db.set('k', 'other');
    assert.equal(await redis.multi().set('k', 'mine').exec(), null);
    assert.equal(await redis.get('k'), 'other');
  });

  test(`${name}: blocking commands wait, and what stands behind them waits, too`, async (t) => {
    const db = memory();
    const [waiting, other] = [client(t, db), client(t, db)];
    const popped = waiting.blpop('jobs', 0);
    const behind = waiting.set('behind', 1);
    assert.equal(await other.get('behind'), null);
    await other.rpush('jobs', 'build');
    assert.deepEqual(await popped, ['jobs', 'build']);
    assert.equal(await behind, 'OK');
    assert.equal(await waiting.blpop('jobs', 0.01), null);
    const direct = waiting.brpop('jobs', 5);
    await other.ping();
    db.rpush('jobs', 'direct');
    assert.deepEqual(await direct, ['jobs', 'direct']);
  });

  test(`${name}: publish and subscribe, patterns and binary messages`, async (t) => {
    const db = memory();
    const [reader, writer] = [client(t, db), client(t, db)];
    const got = [];
    reader.on('message', (channel, message) => got.push([channel, message]));
    reader.on('pmessage', (pattern, channel, message) => got.push([pattern, channel, message]));
    assert.equal(await reader.subscribe('news', 'weather'), 2);
    assert.equal(await reader.psubscribe('n*'), 3);
    assert.equal(await writer.publish('news', 'one'), 2);
    await settled(() => got.length === 2);
    const binary = once(reader, 'messageBuffer');
    db.publish('weather', Buffer.from([0, 255]));
    assert.deepEqual((await binary)[1], Buffer.from([0, 255]));
    assert.deepEqual(got.slice(0, 2), [['news', 'one'], ['n*', 'news', 'one']]);
    assert.equal(await reader.unsubscribe('weather'), 2);
    assert.equal(await writer.publish('weather', 'nobody'), 0);
    await reader.punsubscribe('n*');
    // Without names ioredis waits until nothing at all is subscribed to: the last one has to be of this kind.
    await reader.unsubscribe();
    assert.equal(await reader.set('usable', 'again'), 'OK');
  });

  test(`${name}: quit, the end, duplicate, select, a client's name`, async (t) => {
    const db = memory();
    const redis = client(t, db, { db: 2, connectionName: 'tester' });
    await redis.set('k', 'v');
    assert.equal(db.select(2).get('k'), 'v');
    assert.equal(await redis.client('GETNAME'), 'tester');
    assert.match(await redis.client('LIST'), /name=tester/);
    const twin = redis.duplicate();
    t.after(() => twin.disconnect());
    assert.equal(await twin.get('k'), 'v');
    await redis.select(0);
    assert.equal(await redis.get('k'), null);
    const ended = once(redis, 'end');
    assert.equal(await redis.quit(), 'OK');
    await ended;
    assert.equal(redis.status, 'end');
    await assert.rejects(redis.get('k'), /Connection is closed/);
  });

  test(`${name}: a connection that was killed is made again`, async (t) => {
    const db = memory();
    const redis = client(t, db, { retryStrategy: () => 1 });
    await redis.set('k', 'v');
    const id = await redis.client('ID');
    const again = once(redis, 'ready');
    assert.equal(db.client('KILL', 'ID', id), 1);
    await again;
    assert.equal(await redis.get('k'), 'v');
    assert.notEqual(await redis.client('ID'), id);
  });

  test(`${name}: lazyConnect, a directory as the target`, async (t) => {
    const dir = directory(t);
    const redis = client(t, dir, { lazyConnect: true });
    assert.equal(redis.status, 'wait');
    await redis.set('k', 'v');
    // The same process, the same engine.
    const db = open(dir);
    assert.equal(db.get('k'), 'v');
    const ended = once(redis, 'end');
    await redis.quit();
    await ended;
    db.close();
  });

  test(`${name}: what a connection that was given up is served with is given back`, async (t) => {
    const steps = [(db) => db.rpush('jobs', 'precious'), (_, redis) => redis.disconnect()];
    for (const inOrder of [steps, [...steps].reverse()]) {
      const db = memory();
      const redis = client(t, db);
      const faults = [];
      redis.on('error', (error) => faults.push(error));
      await redis.ping();
      const rejected = assert.rejects(redis.blpop('jobs', 0), /closed/);
      await settled(() => /blocked_clients:1/.test(db.info('clients')));
      const ended = once(redis, 'end');
      for (const step of inOrder) step(db, redis);
      await rejected;
      await ended;
      assert.deepEqual(db.lrange('jobs', 0, -1), ['precious']);
      assert.deepEqual(faults, []);
    }
  });

  test(`${name}: closing the database ends its connections`, async (t) => {
    const db = memory();
    const redis = client(t, db, { retryStrategy: () => null, maxRetriesPerRequest: 0 });
    await redis.ping();
    const waiting = redis.blpop('k', 0);
    const ended = once(redis, 'end');
    db.close();
    await assert.rejects(waiting);
    await ended;
  });
}

test('a connector takes the options of ioredis, and destroys what nobody reads', async () => {
  const Connector = connector(memory());
  assert.equal(new Connector().disconnectTimeout, 2000);
  const made = new Connector({ disconnectTimeout: 1, host: 'nowhere' });
  assert.equal(made.disconnectTimeout, 1);
  made.disconnect();
  const peer = await made.connect();
  await new Promise((resolve) => peer.write('PING\r\n', resolve));
  // Nobody reads the reply, and so nobody comes to the end.
  const closed = once(peer, 'close');
  made.disconnect();
  await closed;
  made.disconnect();
});

test('a program that quits its client ends, and one that does not stays', async () => {
  const program = (last) => `
    import { createRequire } from 'node:module';
    import { memory } from './lib/index.mjs';
    import { connector } from './lib/ioredis.mjs';
    const Redis = createRequire(process.cwd() + '/test/')('ioredis5');
    const redis = new Redis({ Connector: connector(memory()) });
    await redis.set('k', 'v');
    console.log(await redis.get('k'));
    ${last}`;
  assert.deepEqual(await run(program('await redis.quit();')), { code: 0, stdout: 'v\n', stderr: '' });
  assert.deepEqual(await run(program('redis.disconnect();')), { code: 0, stdout: 'v\n', stderr: '' });
  const stays = await run(program(`setTimeout(() => { console.log('alive'); process.exit(7); }, 100);`));
  assert.deepEqual(stays, { code: 7, stdout: 'v\nalive\n', stderr: '' });
});
