// Calls, conversion, errors, transactions, batches, options: what this half does with arguments and replies.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test from 'node:test';
import tenondb, { TenonError, attach, memory, open } from '../lib/index.mjs';
import { directory } from './kit.mjs';

const require = createRequire(import.meta.url);
const refusal = (kind, code, text) => (error) => {
  assert.ok(error instanceof TenonError && error instanceof Error, String(error));
  assert.deepEqual([error.kind, error.code], [kind, code]);
  if (text) assert.match(error.message, text);
  return true;
};

test('ESM and CommonJS give the same objects', () => {
  const cjs = require('../lib/index.cjs');
  assert.equal(cjs, tenondb);
  assert.equal(cjs.open, open);
  assert.equal(cjs.TenonError, TenonError);
});

test('values come as strings or Buffers by option, never by looking at them', () => {
  const db = memory();
  const binary = Buffer.from([0, 255, 10, 13, 128]);
  assert.equal(db.set('k', binary), 'OK');
  assert.deepEqual(db.getBuffer('k'), binary);
  assert.equal(db.get('k'), binary.toString('utf8'));
  assert.equal(db.get('absent'), null);
  assert.equal(db.getBuffer('absent'), null);
  db.set('text', 'zwölf 🎉');
  assert.equal(db.get('text'), 'zwölf 🎉');
  assert.deepEqual(db.getBuffer('text'), Buffer.from('zwölf 🎉'));
  const raw = db.with({ buffers: true });
  assert.deepEqual(raw.get('text'), Buffer.from('zwölf 🎉'));
  assert.deepEqual(raw.mget('text', 'absent'), [Buffer.from('zwölf 🎉'), null]);
  assert.deepEqual(db.mgetBuffer('text', 'absent'), [Buffer.from('zwölf 🎉'), null]);
  db.hset('h', 'f', 'v');
  assert.equal(db.hget('h', 'f'), 'v');
  assert.deepEqual(raw.hget('h', 'f'), Buffer.from('v'));
  // What the database itself says stays text.
  assert.equal(raw.call('SET', 'a', 'b'), 'OK');
});

test('strings of every length survive, also around the length that is tried first', () => {
  const db = memory();
  for (const length of [0, 1, 22, 23, 100, 250, 251, 252, 253, 254, 255, 256, 257, 1000, 100_000]) {
    for (const letter of ['a', 'ö', '€', '🎉']) {
      const text = letter.repeat(length);
      db.set(`key:${text}`, text);
      assert.equal(db.get(`key:${text}`), text);
      assert.equal(db.hset(`hash:${text}`, text, text), length > 0 || letter === 'a' ? 1 : 0);
      assert.equal(db.hget(`hash:${text}`, text), text);
      assert.equal(db.call('GET', `key:${text}`), text);
      assert.equal(db.exists(`key:${text}`, `hash:${text}`), 2);
    }
  }
  // A surrogate without its twin is no character: it becomes the replacement character, as everywhere in Node.
  db.set('half', 'a\ud800b');
  assert.equal(db.get('half'), 'a\ufffdb');
});

test('numbers and BigInts are given as their text, other values are refused', () => {
  const db = memory();
  const stored = (value) => {
    db.set('n', value);
    const direct = db.get('n');
    db.call('SET', 'n', value);
    assert.equal(db.get('n'), direct);
    return direct;
  };
  assert.equal(stored(42), '42');
  assert.equal(stored(-0), '0');
  assert.equal(stored(1.5), '1.5');
  assert.equal(stored(0.1 + 0.2), '0.30000000000000004');
  assert.equal(stored(2 ** 53), '9007199254740992');
  assert.equal(stored(1e21), '1e+21');
  assert.equal(stored(Infinity), 'inf');
  assert.equal(stored(2n ** 80n), String(2n ** 80n));
  assert.equal(stored(new Uint8Array([65, 66])), 'AB');
  assert.equal(stored(new Uint16Array([0x4241])), 'AB');
  for (const value of [undefined, null, true, NaN, {}, () => {}, Symbol('s'), new Date(0)]) {
    assert.throws(() => db.set('n', value), TypeError, String(value));
    assert.throws(() => db.call('SET', 'n', value), TypeError, String(value));
    assert.throws(() => db.get(value), TypeError, String(value));
  }
  assert.throws(() => db.call(), TypeError);
  assert.equal(db.zadd('z', Infinity, 'top', [[1.5, 'a'], [2, 'b']]), 3);
  assert.deepEqual(db.zrange('z', 0, -1, 'WITHSCORES'), [['a', 1.5], ['b', 2], ['top', Infinity]]);
});

test('integers beyond 2^53 are BigInts, or all of them by option', () => {
  const db = memory();
  assert.equal(db.incrby('n', 2n ** 53n - 1n), 2 ** 53 - 1);
  assert.equal(db.incr('n'), 2n ** 53n);
  assert.equal(db.incr('n'), 2n ** 53n + 1n);
  assert.equal(db.decrby('n', 2n ** 54n), -(2 ** 53) + 1);
  assert.equal(db.decr('n'), -(2n ** 53n));
  assert.equal(db.call('SET', 'max', '9223372036854775806'), 'OK');
  assert.equal(db.incr('max'), 9223372036854775807n);
  const big = db.with({ bigints: true });
  assert.equal(big.incr('small'), 1n);
  assert.equal(big.del('small'), 1n);
  assert.equal(big.exists('small'), 0n);
  assert.equal(big.rpush('l', 'a'), 1n);
});

test('maps are objects or Maps by option, and __proto__ is a name as any other', () => {
  const db = memory();
  assert.equal(db.hset('h', { a: 1, b: 'x' }), 2);
  assert.equal(db.hset('h', new Map([['c', 'y']])), 1);
  assert.deepEqual(db.hgetall('h'), { a: '1', b: 'x', c: 'y' });
  assert.deepEqual(db.with({ maps: true }).hgetall('h'), new Map([['a', '1'], ['b', 'x'], ['c', 'y']]));
  assert.deepEqual(db.hgetall('absent'), {});
  db.hset('evil', '__proto__', 'value');
  const evil = db.hgetall('evil');
  assert.deepEqual(Object.keys(evil), ['__proto__']);
  assert.equal(Object.getPrototypeOf(evil), Object.prototype);
  assert.equal(evil.value, undefined);
  db.mset({ m1: 1, m2: 2 });
  assert.deepEqual(db.mget(['m1', 'm2']), ['1', '2']);
  const id = db.xadd('s', '*', { field: 'value' });
  assert.deepEqual(db.xrange('s', '-', '+'), [[id, ['field', 'value']]]);
});

test('set has options, by words or by an object', () => {
  const db = memory({ clock: 1_000_000 });
  assert.equal(db.set('k', 1, 'EX', 10), 'OK');
  assert.equal(db.ttl('k'), 10);
  assert.equal(db.set('k', 2, { px: 5000 }), 'OK');
  assert.equal(db.pttl('k'), 5000);
  assert.equal(db.set('k', 3, { nx: true }), null);
  assert.equal(db.set('k', 3, { get: true, xx: true, keepttl: true }), '2');
  assert.equal(db.pttl('k'), 5000);
  assert.throws(() => db.set('k', 1, { ex: 1, foo: 2 }), TypeError);
  assert.throws(() => db.set('k', 1, { nx: 1 }), TypeError);
  assert.throws(() => db.set('k', 1, { ex: 0 }), refusal('command', 'ERR', /invalid expire/));
  assert.throws(() => db.set('k'), refusal('command', 'ERR', /wrong number of arguments for 'set'/));
});

test('errors have a kind, a code and the text of Redis', () => {
  const db = memory();
  db.set('k', 'v');
  assert.throws(() => db.lpush('k', 1), refusal('wrong-type', 'WRONGTYPE', /wrong kind of value/));
  assert.throws(() => db.incr('k'), refusal('command', 'ERR', /not an integer/));
  assert.throws(() => db.call('NOPE', 1), refusal('command', 'ERR', /unknown command 'NOPE'/));
  assert.throws(() => db.get(), refusal('command', 'ERR', /'get'/));
  assert.throws(() => db.del(), refusal('command', 'ERR', /'del'/));
  assert.throws(() => db.xgroup('CREATE', 'absent', 'g', '$'), (error) => error instanceof TenonError);
  db.xgroup('CREATE', 's', 'g', '$', 'MKSTREAM');
  assert.throws(() => db.xgroup('CREATE', 's', 'g', '$'), refusal('conflict', 'BUSYGROUP'));
  try {
    db.incr('k');
  } catch (caught) {
    assert.equal(caught.name, 'TenonError');
    assert.equal(caught.constructor, TenonError);
    assert.match(caught.stack, /api\.test\.mjs/);
  }
});

test('options that are not known or of a wrong type are TypeErrors', () => {
  for (const options of [{ foo: 1 }, { buffers: 1 }, { stripes: 0 }, { threads: 2 }, { clock: -1 }, { clock: 'x' }, { seed: 1.5 },
    { name: 5 }, { database: 16 }, { fsync: 'always' }, [], 5, null]) {
    assert.throws(() => memory(options), TypeError, JSON.stringify(options));
  }
  for (const options of [{ fsync: 'often' }, { salvage: 1 }, { name: 'x' }, { segmentBytes: 0 }]) {
    assert.throws(() => open('never-made', options), TypeError, JSON.stringify(options));
  }
  for (const name of ['', 5, undefined, 'a\0b']) assert.throws(() => open(name), TypeError);
  assert.throws(() => new tenondb.Db(), TypeError);
  const db = memory({ name: undefined });
  assert.throws(() => db.with({ stripes: 1 }), TypeError);
  assert.throws(() => db.subscribe('a', { overflow: 'x' }), TypeError);
  assert.throws(() => db.watchPrefix('a', { nope: 1 }), TypeError);
});

test('a clock that is set by hand moves nothing by itself', () => {
  const db = memory({ clock: new Date(1_700_000_000_000) });
  assert.equal(db.clock.now(), 1_700_000_000_000);
  db.set('k', 'v', { ex: 60 });
  db.clock.advance(59_999);
  assert.equal(db.get('k'), 'v');
  db.clock.advance(1);
  assert.equal(db.get('k'), null);
  db.clock.set(new Date(1_800_000_000_000));
  assert.equal(db.time()[0], '1800000000');
  for (const time of [-1, 1.5, NaN]) assert.throws(() => db.clock.set(time), TypeError);
  assert.throws(() => db.clock.advance(-5), TypeError);
});

test('chance repeats itself with a seed', () => {
  const drawn = () => {
    const db = memory({ seed: 7, clock: 0 });
    db.sadd('s', ...Array.from({ length: 100 }, (_, at) => at));
    return db.spop('s', 20);
  };
  assert.deepEqual(drawn(), drawn());
});

test('a transaction is one step, sees its own writes, and leaves nothing behind when it throws', () => {
  const db = memory();
  db.set('seats', 2);
  const left = db.transaction((tx) => {
    tx.decr('seats');
    tx.rpush('booked', 'alice');
    assert.equal(tx.get('seats'), '1');
    assert.deepEqual(tx.getBuffer('seats'), Buffer.from('1'));
    assert.equal(db.get('seats'), '2');
    return tx.get('seats');
  });
  assert.equal(left, '1');
  assert.deepEqual([db.get('seats'), db.lrange('booked', 0, -1)], ['1', ['alice']]);
  const reason = new Error('no');
  assert.throws(() => db.transaction((tx) => { tx.del('seats'); throw reason; }), (error) => error === reason);
  assert.equal(db.get('seats'), '1');
  assert.throws(() => db.transaction(async (tx) => tx.del('seats')), TypeError);
  assert.equal(db.get('seats'), '1');
  assert.throws(() => db.transaction(), TypeError);
  let kept;
  db.transaction((tx) => { kept = tx; });
  assert.throws(() => kept.get('seats'), refusal('misuse', 'ERR'));
  assert.throws(() => db.transaction((tx) => tx.flushall()), refusal('misuse', 'ERR'));
});

test('a transaction is begun again when what it has touched was changed', () => {
  const db = memory();
  let runs = 0;
  db.transaction((tx) => {
    runs += 1;
    const seen = Number(tx.get('n') ?? 0);
    if (runs < 3) db.incr('n');
    tx.set('n', seen + 10);
  });
  assert.deepEqual([runs, db.get('n')], [3, '12']);
  // One that always disturbs itself ends with an error, not never.
  assert.throws(() => db.transaction((tx) => { tx.get('n'); db.incr('n'); }), refusal('conflict', 'ERR', /instead of the transaction/));
});

test('a batch is one step and a pipeline is not; both have errors in their places', () => {
  const db = memory();
  const batch = db.batch().set('k', 'v').lpush('k', 1).get('k').call('INCR', 'n').hset('h', { a: 1 });
  assert.equal(batch.length, 5);
  const replies = batch.run();
  assert.deepEqual([replies[0], replies[2], replies[3], replies[4]], ['OK', 'v', 1, 1]);
  assert.ok(refusal('wrong-type', 'WRONGTYPE')(replies[1]));
  assert.equal(batch.length, 0);
  assert.throws(() => db.batch().set('x', 1).call('NOPE').run(), refusal('command', 'ERR'));
  assert.equal(db.exists('x'), 0);
  const piped = db.pipeline().set('x', 1).call('NOPE').ping().run();
  assert.deepEqual([piped[0], piped[2]], ['OK', 'PONG']);
  assert.ok(refusal('command', 'ERR')(piped[1]));
  assert.throws(() => db.pipeline().call('BLPOP', 'q', 0).run(), refusal('misuse', 'ERR'));
  assert.deepEqual(db.pipeline().run(), []);
});

test('every command of the engine is a method, but for those about a connection', () => {
  const db = memory();
  const names = db.call('COMMAND', 'LIST').map((name) => name.toLowerCase()).filter((name) => !name.includes('|'));
  const connected = ['auth', 'discard', 'exec', 'hello', 'monitor', 'multi', 'punsubscribe', 'quit', 'reset', 'sunsubscribe', 'unsubscribe',
    'unwatch', 'watch'];
  assert.ok(names.length > 150);
  for (const name of names) {
    assert.equal(typeof db[name], connected.includes(name) ? 'undefined' : 'function', name);
  }
});

test('iterators go over all keys, members, fields and scores', () => {
  const db = memory();
  const numbers = Array.from({ length: 500 }, (_, at) => String(at));
  db.mset(new Map(numbers.map((n) => [`k:${n}`, n])));
  db.sadd('set', numbers);
  db.hset('hash', Object.fromEntries(numbers.map((n) => [n, `v${n}`])));
  db.zadd('zset', numbers.map((n) => [n, `m${n}`]));
  assert.equal(new Set(db.scanIterator({ match: 'k:*', count: 50 })).size, 500);
  assert.deepEqual([...db.scanIterator({ type: 'hash' })], ['hash']);
  assert.equal(new Set(db.sscanIterator('set')).size, 500);
  assert.deepEqual(new Map(db.hscanIterator('hash')).get('77'), 'v77');
  assert.equal(new Map(db.zscanIterator('zset')).get('m77'), 77);
  db.zadd('ends', '-inf', 'low', Infinity, 'high', 1.5, 'between');
  const ends = [['low', -Infinity], ['between', 1.5], ['high', Infinity]];
  assert.deepEqual([...db.zscanIterator('ends')].sort(([, a], [, b]) => a - b), ends);
  assert.equal([...db.with({ buffers: true }).zscanIterator('ends', { match: 'low' })][0][1], -Infinity);
  assert.throws(() => [...db.scanIterator({ nope: 1 })], TypeError);
});

test('databases are told apart, and share their engine', () => {
  const db = memory();
  const other = db.select(3);
  other.set('k', 'three');
  assert.equal(db.get('k'), null);
  assert.equal(db.select(3).get('k'), 'three');
  assert.equal(attach(db.token, { database: 3 }).get('k'), 'three');
  assert.throws(() => db.select(16), TypeError);
});

test('what is in a directory is there when it is opened again', (t) => {
  const dir = directory(t);
  const db = open(dir, { fsync: 'always' });
  assert.equal(db.report.keys, 0);
  db.set('k', 'v');
  db.durable().set('durable', 'yes');
  db.sync();
  // The same directory is the same engine, as long as somebody has it open.
  const twin = open(dir);
  assert.equal(twin.get('k'), 'v');
  db.close();
  assert.equal(twin.get('durable'), 'yes');
  twin.set('after', 1);
  twin.close();
  const again = open(dir);
  assert.deepEqual(again.mget('k', 'durable', 'after'), ['v', 'yes', '1']);
  assert.equal(memory().report, null);
  again.close();
});

test('a directory that cannot be made says why', () => {
  assert.throws(() => open('/dev/null/never'), refusal('io', 'ERR', /\/dev\/null\/never/));
});
