// What is tested: sessions and a limit of calls, on an ioredis client.

const DAY_S = 86_400;
const CALLS_MAX = 10;
const WINDOW_S = 60;

/** Keeps a session for a day from its last use on. */
export class Sessions {
  constructor(redis) {
    this.redis = redis;
  }

  async start(id, user) {
    await this.redis.set(`session:${id}`, JSON.stringify({ user }), 'EX', DAY_S);
  }

  async use(id) {
    const [[, text]] = await this.redis.multi().get(`session:${id}`).expire(`session:${id}`, DAY_S).exec();
    return text === null ? null : JSON.parse(text);
  }

  /** Seconds that are left, -2 when there is no such session. */
  left(id) {
    return this.redis.ttl(`session:${id}`);
  }
}

/** Allows so many calls a minute, counted from the first one. */
export async function isAllowed(redis, caller) {
  const key = `calls:${caller}`;
  const calls = await redis.incr(key);
  if (calls === 1) await redis.expire(key, WINDOW_S);
  return calls <= CALLS_MAX;
}
