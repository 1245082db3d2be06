// A handle of a database, with a method for each command.
'use strict';
const { native } = require('./native.cjs');
const { TenonError } = require('./error.cjs');
const { check, opening, isPlain, VIEW, MEMORY, DIRECTORY, SUBSCRIBE, WATCH, SIGNAL } = require('./options.cjs');
const { install, words } = require('./commands.cjs');
const { Subscription, PrefixWatch } = require('./inbox.cjs');
const { Batch } = require('./batch.cjs');
const { Pool } = require('./pool.cjs');
const { isOverdue, turn } = require('./turn.cjs');
const { Transaction, transact } = require('./transaction.cjs');

native.setup(TenonError, Map);

const MADE_HERE = Symbol('made here');
const LINE = Symbol('line');

/** The names in front of an object of options. */
function namesAndOptions(args, table, what) {
  const options = args.length > 0 && isPlain(args[args.length - 1]) ? args[args.length - 1] : undefined;
  return [options ? args.slice(0, -1) : args, check(options, table, what)];
}

/** Starts a command that may wait, and has an AbortSignal end the wait. */
function wait(native, buffers, args) {
  const [words, { signal }] = namesAndOptions(args, SIGNAL, 'a command that waits');
  if (signal?.aborted) return Promise.reject(signal.reason);
  const [promise, number] = native.wait(buffers, ...words);
  // What did not have to wait must not keep the event loop from its turn.
  if (number === 0) {
    if (!isOverdue()) return promise;
    // Nobody has it in hand during that turn: a rejection is told behind it.
    promise.catch(() => {});
    return turn().then(() => promise);
  }
  if (!signal) return promise;
  const abort = () => native.cancel(number, signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  const end = () => signal.removeEventListener('abort', abort);
  promise.then(end, end);
  return promise;
}

/** Whether a command that may wait does when it is called with these words. Options of a wait say so by themselves. */
const waits = (name, args) => !name.startsWith('XREAD') || isPlain(args[args.length - 1]) || native.waits(name, ...args);

/** A score that ZSCAN has given as text. */
function scoreOf(text) {
  const score = String(text);
  return score.endsWith('inf') ? (score.startsWith('-') ? -Infinity : Infinity) : Number(score);
}

/** The clock of a database: tests set it by hand. */
class Clock {
  #native;

  constructor(native) {
    this.#native = native;
  }

  /** Unix time in milliseconds. */
  now() {
    return this.#native.now();
  }

  /** Sets it, to milliseconds or a Date; it goes on from there unless it stands still. */
  set(time) {
    this.#native.setClock(time instanceof Date ? time.getTime() : time, false);
  }

  /** Moves it ahead by so many milliseconds. */
  advance(ms) {
    this.#native.setClock(ms, true);
  }
}

/** Small Buffers are cut out of blocks of this size: one of its own costs more than everything else of a call. */
const pool = new Pool(8 * 1024);
/** Values up to this size are; the native half knows it, too. */
const POOLED_BYTES_MAX = 1024;

/** GET with Buffers, by a native function that fills a block. */
function pooled(getInto) {
  return (...args) => {
    pool.reserve(POOLED_BYTES_MAX);
    const found = getInto(pool.block, pool.at, ...args);
    return typeof found === 'number' ? pool.cut(found) : found;
  };
}

/** A database. Calls are synchronous: they answer on this thread, in about the time of a function call. */
class Db {
  #native;
  #clock;

  constructor(secret, handle, { buffers = false } = {}) {
    if (secret !== MADE_HERE) throw new TypeError('a Db is made by open, memory or attach');
    this.#native = handle;
    this.#clock = new Clock(handle);
    // The hot ones are the native functions themselves: nothing stands between the caller and the engine.
    const getBuffer = pooled(handle.getInto);
    this.get = buffers ? getBuffer : handle.get;
    this.getBuffer = getBuffer;
    this.incr = handle.incr;
    this.hget = handle.hget;
    this.del = handle.del;
    this.exists = handle.exists;
    const set = handle.set;
    const call = handle.call;
    this.set = (...args) => {
      if (args.length !== 2) return call('SET', ...words('SET', args));
      set(args[0], args[1]);
      return 'OK';
    };
    this.call = call;
    Object.defineProperty(this, 'buffers', { value: buffers, enumerable: false });
  }

  /** As `call`, with Buffers for strings. */
  callBuffer(...words) {
    return this.#native.callBuffer(...words);
  }

  /**
   * A command that may wait, by its words: a promise of its reply. An object of options may stand last: `{signal}` ends the wait, and
   * what the command was served meanwhile is given back.
   */
  callAsync(...words) {
    return wait(this.#native, false, words);
  }

  /** As `callAsync`, with Buffers for strings. */
  callAsyncBuffer(...words) {
    return wait(this.#native, true, words);
  }

  /**
   * Runs `body` as one step: what it reads through the transaction that it is given is not changed by others, what it writes is seen by
   * others all at once, and not at all when it throws. It may be run several times, and returns no promise.
   */
  transaction(body) {
    return transact(this.#native, body);
  }

  /** A RESP connection of its own, for `tenondb/ioredis` and `tenondb/node-redis`. */
  [LINE](readable) {
    return this.#native.line(readable);
  }

  /** Another handle of the same database, which speaks of another logical database or answers in another shape. */
  with(options) {
    const given = check(options, VIEW, 'with');
    return new Db(MADE_HERE, this.#native.derive(given), { buffers: given.buffers ?? this.buffers });
  }

  /** A handle of logical database `database`, from 0 to 15. */
  select(database) {
    return this.with({ database });
  }

  /** A handle whose writes are on the disk for good before they return. They block this thread meanwhile. */
  durable() {
    return this.with({ durable: true });
  }

  /** Commands that become one step when they are run: nobody sees some done and others not. */
  batch() {
    return new Batch(this.#native, true);
  }

  /** Commands that are carried out one after the other when they are run, in one crossing. */
  pipeline() {
    return new Batch(this.#native, false);
  }

  /** Subscribes to channels. */
  subscribe(...args) {
    return this.#subscription('subscribe', args);
  }

  /** Subscribes to patterns. */
  psubscribe(...args) {
    return this.#subscription('psubscribe', args);
  }

  /** Subscribes to shard channels. */
  ssubscribe(...args) {
    return this.#subscription('ssubscribe', args);
  }

  #subscription(how, args) {
    const [names, options] = namesAndOptions(args, SUBSCRIBE, how);
    const inbox = this.#native.subscribe(options.capacity, options.bytesMax, options.overflow ?? 'cut');
    return new Subscription(inbox, options)[how](...names);
  }

  /** Tells which keys of a prefix change from now on. */
  watchPrefix(prefix, options) {
    const given = check(options, WATCH, 'watchPrefix');
    return new PrefixWatch(this.#native.watch(prefix, given.capacity, given.bytesMax), given);
  }

  /** All keys, a page at a time. Options: `match`, `count`, `type`. */
  *scanIterator(options) {
    yield* this.#scan('SCAN', [], options);
  }

  /** All members of a set. Options: `match`, `count`. */
  *sscanIterator(key, options) {
    yield* this.#scan('SSCAN', [key], options);
  }

  /** All fields of a hash, with their values: `[field, value]`. */
  *hscanIterator(key, options) {
    yield* this.#scan('HSCAN', [key], options, 2);
  }

  /** All members of a sorted set, with their scores: `[member, score]`, the score a number. */
  *zscanIterator(key, options) {
    for (const [member, score] of this.#scan('ZSCAN', [key], options, 2)) yield [member, scoreOf(score)];
  }

  *#scan(name, key, options = {}, width = 1) {
    const table = { match: { is: () => true }, count: { is: Number.isSafeInteger, what: 'an integer' }, type: { is: () => true } };
    const given = Object.entries(check(options, table, `${name.toLowerCase()}Iterator`)).flat();
    let cursor = '0';
    do {
      const [next, page] = this.call(name, key, cursor, given);
      cursor = String(next);
      for (let at = 0; at < page.length; at += width) yield width === 1 ? page[at] : [page[at], page[at + 1]];
    } while (cursor !== '0');
  }

  /** Makes everything durable that was written before. It blocks this thread meanwhile. */
  sync() {
    this.#native.sync();
  }

  /** Does a share of the upkeep, for about so many microseconds; true: there is more to do. For `threads: 0`. */
  tick(microseconds = 1000) {
    return this.#native.tick(microseconds);
  }

  get clock() {
    return this.#clock;
  }

  /** What opening the directory has found; null in memory. */
  get report() {
    return this.#native.report();
  }

  /** What `attach` finds this database by, in any worker of this process as long as somebody has it open. */
  get token() {
    return this.#native.token();
  }

  /** Whether it can be used. */
  get isOpen() {
    return this.#native.isOpen();
  }

  /**
   * Closes this handle and all that were made from it. The last one that has a directory open writes out what there is and lets it go.
   */
  close() {
    this.#native.close();
  }
}
if (Symbol.dispose) {
  Db.prototype[Symbol.dispose] = function () {
    this.close();
  };
}
if (Symbol.asyncDispose) {
  Db.prototype[Symbol.asyncDispose] = async function () {
    this.close();
  };
}
for (const name of ['get', 'set', 'incr', 'hget', 'del', 'exists']) {
  // Every object has its own, native one.
  Object.defineProperty(Db.prototype, name, { value: undefined, writable: true, configurable: true });
}
install(Db.prototype, '', () => true, (db, name, words, { blocking }) =>
  blocking && waits(name, words) ? db.callAsync(name, ...words) : db.call(name, ...words));
install(Db.prototype, 'Buffer', () => true, (db, name, words, { blocking }) =>
  blocking && waits(name, words) ? db.callAsyncBuffer(name, ...words) : db.callBuffer(name, ...words));

/** Opens the store in a directory, and makes it when there is none. What this process has open already is shared. */
function open(directory, options) {
  const given = opening(options, DIRECTORY, 'open');
  return new Db(MADE_HERE, native.open(directory, given), given);
}

/** Opens a database in memory; one of a `name` is shared by all workers of this process. */
function memory(options) {
  const given = opening(options, MEMORY, 'memory');
  return new Db(MADE_HERE, native.memory(given), given);
}

/** Opens a database that another worker of this process has open, by its token. */
function attach(token, options) {
  if (typeof token !== 'string') throw new TypeError('a token is a string');
  const given = check(options, VIEW, 'attach');
  return new Db(MADE_HERE, native.attach(token, given), given);
}

module.exports = { open, memory, attach, Db, Transaction, TenonError, LINE };
