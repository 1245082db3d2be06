// What comes by itself: messages of channels, and invalidations of watched prefixes, as async iterators.
'use strict';
const { isOverdue, turn } = require('./turn.cjs');

/** How many are taken out of the engine at once. */
const TAKEN_AT_ONCE = 64;
const TOPICS = { channel: 0, pattern: 1, shard: 2 };

/** Reads one inbox of the native half. */
class Inbox {
  #native;
  #taken = [];
  #at = 0;
  #ended = false;
  /** Readers are served one after the other, in the order in which they asked. */
  #turn = Promise.resolve();

  constructor(native, { ref = true } = {}) {
    this.#native = native;
    if (!ref) native.hold(false);
  }

  get native() {
    return this.#native;
  }

  #refill() {
    const taken = this.#native.take(TAKEN_AT_ONCE);
    if (taken === null) this.#ended = true;
    else [this.#taken, this.#at] = [taken, 0];
    return this.#taken.length > 0;
  }

  async #read() {
    // What is there already must not keep the event loop from its turn.
    if (isOverdue()) await turn();
    for (;;) {
      if (this.#at < this.#taken.length) return { done: false, value: this.#taken[this.#at++] };
      [this.#taken, this.#at] = [[], 0];
      if (this.#ended) return { done: true, value: undefined };
      if (!this.#refill() && !this.#ended) await this.#native.wait();
    }
  }

  /** The next one, as a promise. */
  next() {
    const result = this.#turn.then(() => this.#read());
    this.#turn = result.catch(() => {});
    return result;
  }

  /** Everything that has come and was not read yet, at most `most`; it does not wait. */
  take(most = Infinity) {
    const all = [];
    while (all.length < most) {
      if (this.#at < this.#taken.length) all.push(this.#taken[this.#at++]);
      else if (this.#ended || !this.#refill()) break;
    }
    return all;
  }

  /** Ends it: who waits is told that it is over. */
  close() {
    this.#ended = true;
    [this.#taken, this.#at] = [[], 0];
    this.#native.close();
  }

  /** Called by `for await` when its loop is left. */
  async return(value) {
    this.close();
    return { done: true, value };
  }

  /** Waiting for it keeps the process alive; so it is at first. */
  ref() {
    this.#native.hold(true);
    return this;
  }

  /** Waiting for it does not keep the process alive. */
  unref() {
    this.#native.hold(false);
    return this;
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}
if (Symbol.dispose) {
  Inbox.prototype[Symbol.dispose] = function () {
    this.close();
  };
}
if (Symbol.asyncDispose) {
  Inbox.prototype[Symbol.asyncDispose] = async function () {
    this.close();
  };
}

/** A name that nobody changes any more, and what tells it from others: its bytes, one character for each. */
function kept(name) {
  const word = ArrayBuffer.isView(name) ? Buffer.from(Buffer.from(name.buffer, name.byteOffset, name.byteLength)) : name;
  return [Buffer.from(Buffer.isBuffer(word) ? word : String(word)).toString('latin1'), word];
}

/** A subscription to channels, patterns or shard channels: `{channel, message, pattern?}`. */
class Subscription extends Inbox {
  #names = { channel: new Map(), pattern: new Map(), shard: new Map() };

  #change(add, topic, names) {
    for (const name of names.flat(Infinity)) {
      this.native[add ? 'add' : 'remove'](TOPICS[topic], name);
      const [key, word] = kept(name);
      if (add) this.#names[topic].set(key, word);
      else this.#names[topic].delete(key);
    }
    return this;
  }

  /** Subscribes to more channels. */
  subscribe(...names) {
    return this.#change(true, 'channel', names);
  }

  /** Subscribes to more patterns, which are those of `KEYS`. */
  psubscribe(...patterns) {
    return this.#change(true, 'pattern', patterns);
  }

  /** Subscribes to more shard channels. */
  ssubscribe(...names) {
    return this.#change(true, 'shard', names);
  }

  /** Ends the subscription to these channels; without any, to all. What waits already is still read. */
  unsubscribe(...names) {
    return this.#change(false, 'channel', names.length > 0 ? names : [...this.#names.channel.values()]);
  }

  punsubscribe(...patterns) {
    return this.#change(false, 'pattern', patterns.length > 0 ? patterns : [...this.#names.pattern.values()]);
  }

  sunsubscribe(...names) {
    return this.#change(false, 'shard', names.length > 0 ? names : [...this.#names.shard.values()]);
  }

  /** How many messages were dropped because they had no room. */
  get dropped() {
    return this.native.dropped();
  }
}

/** Tells which keys of a prefix have changed: their names, or null when any may have. */
class PrefixWatch extends Inbox {}

module.exports = { Subscription, PrefixWatch };
