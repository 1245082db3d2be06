// Promises of commands that wait: served, timed out, aborted, closed; nothing that was served is lost.
import assert from 'node:assert/strict';
import test from 'node:test';
import { TenonError, memory } from '../lib/index.mjs';
import { run, sleep, turns } from './kit.mjs';

test('a blocking command is a promise, and is served by whoever writes', async () => {
  const db = memory();
  const first = db.blpop('jobs', 0);
  const second = db.brpop('jobs', 0);
  db.rpush('jobs', 'a', 'b', 'c');
  assert.deepEqual(await first, ['jobs', 'a']);
  assert.deepEqual(await second, ['jobs', 'c']);
  assert.deepEqual(await db.blpop('jobs', 0), ['jobs', 'b']);
  assert.equal(await db.blpop('jobs', 0.01), null);
  const popped = db.bzpopmin('z', 0);
  db.zadd('z', 1.5, 'm');
  assert.deepEqual(await popped, ['z', 'm', 1.5]);
  const buffer = db.blpopBuffer('jobs', 0);
  db.rpush('jobs', 'x');
  assert.deepEqual(await buffer, [Buffer.from('jobs'), Buffer.from('x')]);
  assert.deepEqual(await db.callAsync('PING'), 'PONG');
});

test('XREAD is a promise when it says BLOCK, a value otherwise', async () => {
  const db = memory();
  const read = db.xread('BLOCK', 0, 'STREAMS', 's', '$');
  assert.ok(read instanceof Promise);
  const id = db.xadd('s', '*', 'f', 'v');
  assert.deepEqual(await read, { s: [[id, ['f', 'v']]] });
  assert.deepEqual(db.xread('STREAMS', 's', '0'), { s: [[id, ['f', 'v']]] });
});

test('only an option BLOCK makes a promise of XREAD, in whatever form it is given', async () => {
  const db = memory();
  const id = db.xadd('block', '*', 'f', 'v');
  const entries = { block: [[id, ['f', 'v']]] };
  db.xgroup('CREATE', 'block', 'block', '0');
  // Streams, groups and consumers may be named so.
  assert.deepEqual(db.xread('STREAMS', 'block', '0'), entries);
  assert.deepEqual(db.xread(['COUNT', 5, ['STREAMS', Buffer.from('block')]], '0'), entries);
  assert.deepEqual(db.call('XREAD', 'STREAMS', 'block', '0'), entries);
  assert.deepEqual(db.pipeline().xread('STREAMS', 'block', '0').run(), [entries]);
  assert.deepEqual(db.batch().xread('STREAMS', 'block', '0').run(), [entries]);
  assert.deepEqual(db.transaction((tx) => tx.xread('STREAMS', 'block', '0')), entries);
  assert.deepEqual(db.xreadgroup('GROUP', 'block', 'block', 'COUNT', 1, 'STREAMS', 'block', '>'), entries);
  assert.deepEqual(db.call('XREADGROUP', 'NOACK', 'GROUP', 'block', 'block', 'STREAMS', 'block', '0'), entries);
  // Lists, Buffers and small letters say it, too.
  for (const words of [[['BLOCK', 1, 'STREAMS', 's', '$']], [Buffer.from('block'), 1, 'STREAMS', 's', '$'], ['COUNT', 1, 'Block', 1, 'STREAMS', 's', '$']]) {
    const read = db.xread(...words);
    assert.ok(read instanceof Promise);
    assert.equal(await read, null);
    assert.throws(() => db.call('XREAD', ...words), (error) => error.kind === 'misuse');
  }
  // It is a promise even when there is something to read, and with options of a wait.
  for (const words of [['BLOCK', 0, 'STREAMS', 'block', '0'], ['STREAMS', 'block', '0', { signal: new AbortController().signal }]]) {
    const read = db.xread(...words);
    assert.ok(read instanceof Promise);
    assert.deepEqual(await read, entries);
  }
  const group = db.xreadgroup('GROUP', 'block', 'me', 'BLOCK', 1, 'STREAMS', 'block', '>');
  assert.ok(group instanceof Promise);
  assert.equal(await group, null);
});

test('errors reject, of the command and of its arguments', async () => {
  const db = memory();
  db.set('k', 'v');
  await assert.rejects(db.blpop('k', 0), (error) => error instanceof TenonError && error.kind === 'wrong-type');
  await assert.rejects(db.blpop('q', -1), /timeout is negative/);
  await assert.rejects(db.callAsync('NOPE'), /unknown command/);
  assert.throws(() => db.blpop('q', 0, { nope: 1 }), TypeError);
  assert.throws(() => db.blpop('q', 0, { signal: 5 }), TypeError);
  assert.throws(() => db.blpop(null, 0), TypeError);
  assert.throws(() => db.call('BLPOP', 'q', 0), (error) => error.kind === 'misuse');
});

test('an AbortSignal ends the wait, and what was served meanwhile is given back', async () => {
  const db = memory();
  const reason = new Error('enough');
  const early = AbortSignal.abort(reason);
  await assert.rejects(db.blpop('q', 0, { signal: early }), (error) => error === reason);
  const late = new AbortController();
  const waits = db.blpop('q', 0, { signal: late.signal });
  late.abort(reason);
  await assert.rejects(waits, (error) => error === reason);
  db.rpush('q', 'nobody waits');
  assert.equal(db.lpop('q'), 'nobody waits');
  // Served by the push, but nobody has had it when the signal comes.
  const both = new AbortController();
  const served = db.blpop('q', 0, { signal: both.signal });
  db.rpush('q', 'precious', 'next');
  both.abort(reason);
  await assert.rejects(served, (error) => error === reason);
  assert.deepEqual(db.lrange('q', 0, -1), ['precious', 'next']);
  // A signal that comes too late changes nothing.
  const over = new AbortController();
  assert.deepEqual(await db.blpop('q', 0, { signal: over.signal }), ['q', 'precious']);
  over.abort(reason);
  assert.deepEqual(db.lrange('q', 0, -1), ['next']);
  const move = new AbortController();
  db.del('q');
  const moved = db.blmove('q', 'to', 'LEFT', 'RIGHT', 0, { signal: move.signal });
  db.rpush('q', 'x');
  move.abort(reason);
  await assert.rejects(moved);
  // A move that was made stays: nothing is in flight that could be lost.
  assert.deepEqual([db.lrange('q', 0, -1), db.lrange('to', 0, -1)], [[], ['x']]);
});

test('many signals and waits at once: every element comes exactly once', async () => {
  const db = memory();
  const got = [];
  const waits = [];
  for (let at = 0; at < 500; at++) {
    const controller = new AbortController();
    waits.push(db.blpop('q', 0, { signal: controller.signal }).then(([, value]) => got.push(value), () => {}));
    if (at % 3 === 0) setImmediate(() => controller.abort());
    else if (at % 3 === 1) queueMicrotask(() => db.rpush('q', `e${at}`));
    if (at % 50 === 0) await turns(1);
  }
  await turns(10);
  for (let at = 0; at < 500; at++) db.rpush('q', `late${at}`);
  await Promise.all(waits);
  const left = db.lrange('q', 0, -1);
  const pushed = Array.from({ length: 500 }, (_, at) => (at % 3 === 1 ? [`e${at}`, `late${at}`] : [`late${at}`])).flat();
  assert.deepEqual([...got, ...left].sort(), pushed.sort());
});

test('a wait goes by the clock that was set by hand', async () => {
  const db = memory({ clock: 0, threads: 0 });
  const waits = db.blpop('q', 3600);
  db.clock.advance(3_600_000);
  assert.equal(await waits, null);
});

test('closing ends who waits', async () => {
  const db = memory();
  const twin = db.select(1);
  const waits = [db.blpop('q', 0), twin.blpop('q', 0), db.xread('BLOCK', 0, 'STREAMS', 's', '$')];
  const checked = waits.map((wait) => assert.rejects(wait, (error) => error instanceof TenonError && error.kind === 'closed'));
  db.close();
  await Promise.all(checked);
  assert.throws(() => twin.get('k'), (error) => error.kind === 'closed');
});

test('who waits keeps the process alive, and only as long as it waits', async () => {
  const program = (body) => `import { memory } from './lib/index.mjs'; const db = memory(); ${body}`;
  const served = await run(program(`db.blpop('q', 0.2).then((reply) => console.log(reply));`));
  assert.deepEqual(served, { code: 0, stdout: 'null\n', stderr: '' });
  const exits = await run(program(`for (let n = 0; n < 100; n++) db.blpop('q' + n, 0); setImmediate(() => process.exit(3));`));
  assert.deepEqual(exits, { code: 3, stdout: '', stderr: '' });
  const aborted = await run(program(`
    const controller = new AbortController();
    db.blpop('q', 0, { signal: controller.signal }).catch((error) => console.log(error.name));
    setTimeout(() => controller.abort(), 20);`));
  assert.deepEqual(aborted, { code: 0, stdout: 'AbortError\n', stderr: '' });
});

test('a timer still ticks while one wait after the other is over at once', async () => {
  const db = memory();
  let ticks = 0;
  const timer = setInterval(() => { ticks += 1; }, 1);
  let waits = 0;
  for (; ticks < 20 && waits < 2_000_000; waits++) {
    db.rpush('q', 1);
    await db.blpop('q', 0);
  }
  clearInterval(timer);
  assert.equal(ticks, 20, `${ticks} ticks in ${waits} waits`);
  await sleep(0);
});
