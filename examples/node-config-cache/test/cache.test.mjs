// Two parts of a program with a cache each: what one writes, the other reads, though no time passes.
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'node:test';
import Redis from 'ioredis';
import { memory } from 'tenondb';
import { connector } from 'tenondb/ioredis';
import { Configuration } from '../cache.mjs';

/** Waits until `what` holds: an invalidation comes by itself, a few turns of the event loop later. */
async function settled(what) {
  for (const end = performance.now() + 30_000; !(await what()) && performance.now() < end;) await turn();
  assert.ok(await what(), String(what));
}

async function open(t, db) {
  const configuration = await Configuration.open(new Redis({ Connector: connector(db) }));
  t.after(() => configuration.close());
  return configuration;
}

/** Lets what has been told so far arrive. */
async function told() {
  for (let count = 0; count < 20; count++) await turn();
}

test('reads come from memory until somebody writes', async (t) => {
  const db = memory();
  const [one, two] = [await open(t, db), await open(t, db)];
  await one.set('mode', { fast: false });
  await told();
  for (let read = 0; read < 100; read++) assert.deepEqual(await two.get('mode'), { fast: false });
  assert.deepEqual([two.misses, two.hits], [1, 99]);

  await one.set('mode', { fast: true });
  await told();
  for (const cache of [one, two]) assert.deepEqual(await cache.get('mode'), { fast: true });
  assert.deepEqual([one.misses, two.misses], [1, 2]);
});

test('whoever writes is heard: another connection, the API, a transaction, expiry, FLUSHALL', async (t) => {
  const db = memory({ clock: 0 });
  const cache = await open(t, db);
  const becomes = async (value) => settled(async () => (await cache.get('k')) === value);
  db.set('config:k', '1');
  await becomes(1);
  db.transaction((tx) => { tx.set('config:k', '2'); });
  await becomes(2);
  db.set('config:k', '3', { px: 1000 });
  await becomes(3);
  // An expired key is told when the upkeep comes upon it, which it does within a tenth of a second of its clock.
  db.clock.advance(1200);
  await settled(async () => { db.tick(); return (await cache.get('k')) === undefined; });
  db.set('config:k', '4');
  await becomes(4);
  db.flushall();
  await becomes(undefined);
});

test('what is none of its business does not disturb it', async (t) => {
  const db = memory();
  const cache = await open(t, db);
  db.set('config:k', '1');
  await told();
  assert.equal(await cache.get('k'), 1);
  const { misses } = cache;
  for (let n = 0; n < 100; n++) db.set(`other:${n}`, n);
  await told();
  assert.equal(await cache.get('k'), 1);
  assert.equal(cache.misses, misses);
});

for (const type of ['pubsub', 'normal']) {
  test(`a connection that is lost takes the cache with it, and another listens: ${type}`, async (t) => {
    const db = memory();
    const redis = new Redis({ Connector: connector(db), retryStrategy: () => 1 });
    const cache = await Configuration.open(redis);
    t.after(() => cache.close());
    const cached = async () => {
      const { hits } = cache;
      await cache.get('k');
      return cache.hits > hits;
    };
    db.set('config:k', '1');
    await settled(cached);
    assert.equal(db.client('KILL', 'TYPE', type), 1);
    db.set('config:k', '2');
    await settled(async () => (await cache.get('k')) === 2);
    await settled(cached);
    db.set('config:k', '3');
    await settled(async () => (await cache.get('k')) === 3);
  });
}
