// A write-through cache of configuration: reads come out of this process's memory, writes go to the database first, and what anybody
// else changes is forgotten when the database says so, not when 60 seconds have passed.
const PREFIX = 'config:';

/** A configuration that is kept in Redis and read from memory. */
export class Configuration {
  #redis;
  #listener;
  #cached = new Map();
  /** The database tells what changes: only then anything is cached. */
  #isTold = false;
  #isClosed = false;
  /** Reads that were answered from memory, and reads that were not. */
  hits = 0;
  misses = 0;

  /** `redis` is an ioredis client. */
  static async open(redis) {
    const configuration = new Configuration();
    configuration.#redis = redis;
    redis.on('close', () => configuration.#lost());
    await configuration.#listen();
    return configuration;
  }

  async #listen() {
    // A listener that is lost is replaced: its number is what the other connection tells the database.
    const listener = this.#redis.duplicate({ retryStrategy: () => null });
    this.#listener = listener;
    listener.on('close', () => listener === this.#listener && this.#lost());
    // Not 'message': that makes one text of several keys, and an empty one of "any key".
    listener.on('messageBuffer', (_, keys) => this.#forget(keys));
    const id = await listener.client('ID');
    await listener.subscribe('__redis__:invalidate');
    await this.#redis.client('TRACKING', 'OFF');
    await this.#redis.client('TRACKING', 'ON', 'REDIRECT', id, 'BCAST', 'PREFIX', PREFIX);
    this.#isTold = listener === this.#listener && listener.status === 'ready';
  }

  /** What changes while nobody listens is not told: a connection that ends takes the cache with it. */
  #lost() {
    this.#isTold = false;
    this.#cached.clear();
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.disconnect();
    // Until somebody listens again, every read asks.
    if (listener && !this.#isClosed) this.#listen().catch(() => this.#lost());
  }

  /** Forgets some keys; all of them, when nobody knows which. */
  #forget(keys) {
    if (keys === null) return this.#cached.clear();
    for (const key of keys) this.#cached.delete(String(key));
  }

  /** Reads a value. */
  async get(name) {
    const key = PREFIX + name;
    if (this.#cached.has(key)) {
      this.hits += 1;
      return this.#cached.get(key);
    }
    this.misses += 1;
    // Kept as a promise: who asks meanwhile waits for the same answer, and an invalidation that comes before it removes it.
    const value = this.#redis.get(key).then((text) => (text === null ? undefined : JSON.parse(text)));
    if (this.#isTold) {
      this.#cached.set(key, value);
      value.catch(() => this.#cached.get(key) === value && this.#cached.delete(key));
    }
    return value;
  }

  /** Writes a value through to the database; every cache of it, this one too, is told. */
  async set(name, value) {
    await this.#redis.set(PREFIX + name, JSON.stringify(value));
  }

  async close() {
    this.#isClosed = true;
    this.#listener?.disconnect();
    await this.#redis.quit();
  }
}
