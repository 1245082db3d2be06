// Messages and invalidations as async iterators.
import assert from 'node:assert/strict';
import test from 'node:test';
import { TenonError, memory } from '../lib/index.mjs';
import { run, turns } from './kit.mjs';

test('messages come in their order, with their channel and pattern', async () => {
  const db = memory();
  const news = db.subscribe('a', 'b').psubscribe('p*');
  const shard = db.ssubscribe('s');
  for (let at = 0; at < 200; at++) db.publish(at % 2 ? 'a' : 'b', at);
  db.publish('pattern', 'matched');
  db.spublish('s', 'sharded');
  let at = 0;
  for await (const { channel, message, pattern } of news) {
    if (pattern !== undefined) {
      assert.deepEqual([pattern, channel, message], ['p*', 'pattern', 'matched']);
      break;
    }
    assert.deepEqual([channel, message], [at % 2 ? 'a' : 'b', String(at)]);
    at += 1;
  }
  assert.equal(at, 200);
  // Leaving the loop has ended the subscription.
  assert.equal(db.publish('a', 'nobody'), 0);
  assert.deepEqual(shard.take(), [{ channel: 's', message: 'sharded' }]);
  shard.close();
});

test('who waits is woken, several readers take turns, close ends them all', async () => {
  const db = memory();
  const news = db.subscribe('a');
  const reads = [news.next(), news.next(), news.next()];
  await turns(2);
  db.publish('a', 1);
  db.publish('a', 2);
  assert.equal((await reads[0]).value.message, '1');
  assert.equal((await reads[1]).value.message, '2');
  news.close();
  assert.deepEqual(await reads[2], { done: true, value: undefined });
  assert.deepEqual(await news.next(), { done: true, value: undefined });
  news.close();
});

test('subscriptions change while they are read', async () => {
  const db = memory();
  const news = db.subscribe();
  assert.equal(db.publish('a', 1), 0);
  news.subscribe('a', ['b']).psubscribe('p:*');
  assert.deepEqual([db.publish('a', 1), db.publish('b', 2), db.publish('p:x', 3)], [1, 1, 1]);
  news.unsubscribe('a').punsubscribe();
  assert.deepEqual([db.publish('a', 1), db.publish('b', 4), db.publish('p:x', 3)], [0, 1, 0]);
  news.unsubscribe();
  assert.equal(db.publish('b', 5), 0);
  assert.deepEqual(news.take().map(({ message }) => message), ['1', '2', '3', '4']);
  news.close();
  assert.throws(() => news.subscribe('a'), (error) => error instanceof TenonError && error.kind === 'closed');
});

test('names of any form are remembered: without names all of them end', () => {
  const db = memory();
  const news = db.subscribe(new Uint8Array([97]), Buffer.from([0xff]), 5, Infinity, 'ü').psubscribe(Buffer.from([0xfe]));
  const names = ['a', Buffer.from([0xff]), '5', 'inf', 'ü', Buffer.from([0xfe])];
  const counts = () => names.map((name) => db.publish(name, 'x'));
  assert.deepEqual(counts(), [1, 1, 1, 1, 1, 1]);
  news.unsubscribe('a');
  assert.deepEqual(counts(), [0, 1, 1, 1, 1, 1]);
  // What was given may be used for something else meanwhile.
  const name = Buffer.from('mine');
  news.subscribe(name);
  name.fill(0);
  news.unsubscribe().punsubscribe();
  assert.deepEqual(counts(), [0, 0, 0, 0, 0, 0]);
  assert.equal(db.publish('mine', 'x'), 0);
  news.close();
});

test('a subscription without room is cut, or drops what the option says', async () => {
  const db = memory();
  const cut = db.subscribe('a', { capacity: 2 });
  const oldest = db.subscribe('a', { capacity: 2, overflow: 'drop-oldest' });
  const newest = db.subscribe('a', { capacity: 2, overflow: 'drop-newest' });
  for (const message of [1, 2, 3]) db.publish('a', message);
  const messages = (from) => from.take().map(({ message }) => message);
  assert.deepEqual([messages(oldest), messages(newest)], [['2', '3'], ['1', '2']]);
  assert.deepEqual([oldest.dropped, newest.dropped], [1, 1]);
  const seen = [];
  await assert.rejects(async () => {
    for await (const { message } of cut) seen.push(message);
  }, (error) => error instanceof TenonError && error.kind === 'limit');
  assert.deepEqual(seen, ['1', '2']);
});

test('Buffers by option', async () => {
  const db = memory({ buffers: true });
  const news = db.subscribe('a');
  db.publish('a', Buffer.from([0, 255]));
  assert.deepEqual((await news.next()).value, { channel: Buffer.from('a'), message: Buffer.from([0, 255]) });
  news.close();
});

test('a watched prefix tells what has changed, before the call that changed it returns', async () => {
  const db = memory({ clock: 0 });
  const watch = db.watchPrefix('conf:');
  db.set('conf:a', 1);
  db.set('other', 1);
  db.transaction((tx) => { tx.set('conf:b', 1); });
  assert.throws(() => db.transaction((tx) => { tx.set('conf:c', 1); throw new Error(); }));
  assert.deepEqual(watch.take(), ['conf:a', 'conf:b']);
  const next = watch.next();
  db.del('conf:a');
  assert.deepEqual(await next, { done: false, value: 'conf:a' });
  db.flushall();
  assert.deepEqual(watch.take(), [null]);
  const small = db.watchPrefix('', { capacity: 2 });
  for (const key of ['a', 'b', 'c']) db.set(key, 1);
  assert.deepEqual(small.take(), [null]);
  small.close();
  watch.close();
  assert.deepEqual(watch.take(), []);
});

test('closing the database ends its readers', async () => {
  const db = memory();
  const [news, watch] = [db.subscribe('a'), db.watchPrefix('')];
  const reads = [news.next(), watch.next()];
  await turns(1);
  db.close();
  for (const read of reads) assert.deepEqual(await read, { done: true, value: undefined });
  assert.deepEqual(await news.next(), { done: true, value: undefined });
  const idle = memory();
  const unread = idle.subscribe('a');
  idle.publish('a', 1);
  idle.close();
  assert.deepEqual(await unread.next(), { done: true, value: undefined });
});

test('a reader keeps the process alive unless it was told not to', async () => {
  const program = (body) => `import { memory } from './lib/index.mjs'; const db = memory(); ${body}`;
  const idle = await run(program(`db.subscribe('a'); console.log('end');`));
  assert.deepEqual(idle, { code: 0, stdout: 'end\n', stderr: '' });
  const unheld = await run(program(`(async () => { for await (const _ of db.watchPrefix('', { ref: false })); })(); console.log('end');`));
  assert.deepEqual(unheld, { code: 0, stdout: 'end\n', stderr: '' });
  const later = await run(program(`const news = db.subscribe('a'); news.next(); setTimeout(() => news.unref(), 10); console.log('end');`));
  assert.deepEqual(later, { code: 0, stdout: 'end\n', stderr: '' });
  const held = await run(program(`
    (async () => { for await (const { message } of db.subscribe('a')) { console.log(message); if (message === 'last') return; } })();
    setTimeout(() => { db.publish('a', 'one'); db.publish('a', 'last'); }, 20).unref();
    setTimeout(() => {}, 100);`));
  assert.deepEqual(held, { code: 0, stdout: 'one\nlast\n', stderr: '' });
});

test('a timer still ticks while messages are there all the time', async () => {
  const db = memory();
  const news = db.subscribe('a');
  let ticks = 0;
  const timer = setInterval(() => { ticks += 1; }, 1);
  let messages = 0;
  for (; ticks < 20 && messages < 2_000_000; messages++) {
    db.publish('a', messages);
    await news.next();
  }
  clearInterval(timer);
  news.close();
  assert.equal(ticks, 20, `${ticks} ticks in ${messages} messages`);
});

test('what has a dispose method has it where Node knows the symbol', { skip: !Symbol.dispose }, async () => {
  const db = memory();
  const news = db.subscribe('a');
  news[Symbol.dispose]();
  assert.equal(db.publish('a', 1), 0);
  await db.watchPrefix('')[Symbol.asyncDispose]();
  db[Symbol.dispose]();
  assert.equal(db.isOpen, false);
  await memory()[Symbol.asyncDispose]();
});
