// A stream that looks like a socket and is a RESP connection inside this process: what ioredis and node-redis sit on.
//
// A write executes its commands at once, in one crossing that brings their replies, too. They are handed over a moment later, never
// inside the write: clients note a command as sent only after they have written it. Everything that was read goes through one queue, so that
// what comes by itself (messages, ends of waits, the end of the connection) never overtakes a reply.
'use strict';
const { Duplex } = require('node:stream');
const tenondb = require('./index.cjs');
const { LINE } = require('./db.cjs');
const { Pool } = require('./pool.cjs');
const { soon } = require('./turn.cjs');

/** Replies are read into blocks of this size; clients may keep slices of them. All connections share them. */
const pool = new Pool(64 * 1024);
/** With less room than this left, a new block is begun. */
const ROOM_MIN = 1024;
/** Where a request is written whose reply is not read yet. */
const NO_ROOM = Buffer.alloc(0);

const isUtf8 = (encoding) => encoding === 'utf8' || encoding === 'utf-8';

/** The bytes of corked pieces. */
function joined(chunks) {
  return Buffer.concat(chunks.map(({ chunk, encoding }) => (typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk)));
}

/** What a `Connector` or a path stands for: a Db that is open already, or a directory that is opened for the connection. */
function database(target) {
  if (target instanceof tenondb.Db) return { db: target, owned: false };
  if (typeof target === 'string' && target !== '') return { db: tenondb.open(target), owned: true };
  throw new TypeError('a Db or the name of a directory is needed');
}

class EmbeddedSocket extends Duplex {
  #db;
  #owned;
  #line;
  #queue = [];
  #isDue = false;
  /** The reader does not keep up: what comes stays in the engine, whose limits count it. */
  #isFull = false;
  /** The end is in the queue or behind it: nothing is read any longer. */
  #isEnded = false;
  #deliver = () => this.#handOver();
  #timeout;
  #timeoutMs = 0;

  constructor(target) {
    // Text is turned into bytes by the native half; what fills this buffer is in memory already.
    super({ allowHalfOpen: false, decodeStrings: false, highWaterMark: 1 << 20 });
    ({ db: this.#db, owned: this.#owned } = database(target));
    this.#line = this.#db[LINE](() => this.#readAll());
    this.connecting = true;
    this.pending = true;
    this.remoteAddress = 'embedded';
    this.remotePort = 0;
    this.remoteFamily = 'embedded';
    process.nextTick(() => {
      if (this.destroyed) return;
      this.connecting = false;
      this.pending = false;
      this.emit('connect');
      this.emit('ready');
      // What came by itself before anybody wrote anything is told from now on.
      this.#readAll();
    });
  }

  get readyState() {
    if (this.connecting) return 'opening';
    return this.destroyed ? 'closed' : 'open';
  }

  /** Takes what was read into the room: `got` bytes, none, or -1 for the end. True: there may be more. */
  #took(got) {
    if (got < 0) {
      this.#enqueueEnd();
      return false;
    }
    if (got === 0) return false;
    this.#enqueue(pool.cut(got));
    return pool.isFull;
  }

  #readAll() {
    if (this.destroyed || this.#isEnded || this.#isFull) return;
    do pool.reserve(ROOM_MIN);
    while (this.#took(this.#line.read(pool.block, pool.at)));
  }

  #exchange(request) {
    if (this.#isFull) {
      this.#line.exchange(request, NO_ROOM, 0);
    } else {
      pool.reserve(ROOM_MIN);
      if (this.#took(this.#line.exchange(request, pool.block, pool.at))) this.#readAll();
    }
    this.#touch();
  }

  #enqueueEnd() {
    if (this.#isEnded) return;
    this.#enqueue(null);
    this.#isEnded = true;
  }

  #enqueue(chunk) {
    if (this.#isEnded) return;
    this.#queue.push(chunk);
    if (this.#isDue) return;
    this.#isDue = true;
    soon(this.#deliver);
  }

  #handOver() {
    this.#isDue = false;
    const queue = this.#queue;
    this.#queue = [];
    this.#touch();
    for (const chunk of queue) {
      if (this.destroyed) return;
      if (!this.push(chunk) && chunk !== null) this.#isFull = true;
    }
  }

  _read() {
    if (!this.#isFull) return;
    this.#isFull = false;
    this.#readAll();
  }

  _write(chunk, encoding, done) {
    let fault;
    try {
      this.#exchange(typeof chunk === 'string' && !isUtf8(encoding) ? Buffer.from(chunk, encoding) : chunk);
    } catch (error) {
      fault = error;
    }
    done(fault);
  }

  _writev(chunks, done) {
    // Clients cork a command's pieces: text stays text until the native half turns it into bytes, all at once.
    let text = '';
    for (const { chunk, encoding } of chunks) {
      if (typeof chunk !== 'string' || !isUtf8(encoding)) return this._write(joined(chunks), 'buffer', done);
      text += chunk;
    }
    this._write(text, 'utf8', done);
  }

  _final(done) {
    let fault;
    try {
      // What it is served with from now on nobody would have: it is given back before somebody else looks for it.
      this.#line.close();
    } catch (error) {
      fault = error;
    }
    this.#enqueueEnd();
    done(fault);
  }

  _destroy(error, done) {
    clearTimeout(this.#timeout);
    this.#queue = [];
    try {
      this.#line.close();
      if (this.#owned) this.#db.close();
    } catch (fault) {
      error ??= fault;
    }
    done(error);
  }

  /** As a socket's: `timeout` is emitted when nothing was written or read for so long. */
  setTimeout(ms, listener) {
    this.#timeoutMs = ms;
    if (listener) {
      if (ms > 0) this.once('timeout', listener);
      else this.removeListener('timeout', listener);
    }
    clearTimeout(this.#timeout);
    this.#timeout = undefined;
    this.#touch();
    return this;
  }

  get timeout() {
    return this.#timeoutMs || undefined;
  }

  #touch() {
    if (this.#timeoutMs === 0) return;
    if (this.#timeout) this.#timeout.refresh();
    else this.#timeout = setTimeout(() => this.emit('timeout'), this.#timeoutMs).unref();
  }

  setNoDelay() {
    return this;
  }

  setKeepAlive() {
    return this;
  }

  /** An open connection keeps the process alive, as a socket does. */
  ref() {
    if (!this.destroyed) this.#line.hold(true);
    return this;
  }

  unref() {
    if (!this.destroyed) this.#line.hold(false);
    return this;
  }

  destroySoon() {
    this.end(() => this.destroy());
  }

  address() {
    return {};
  }
}

module.exports = { EmbeddedSocket };
