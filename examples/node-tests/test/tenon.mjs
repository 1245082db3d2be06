// The suite's Redis as it is: the real client, on a database in memory whose clock is set by hand.
import IORedis from 'ioredis';
import { memory } from 'tenondb';
import { connector } from 'tenondb/ioredis';

const db = memory({ clock: 1_700_000_000_000 });
const clock = db.clock;

class Redis extends IORedis {
  constructor(options) {
    super({ ...options, Connector: connector(db) });
  }
}

export { Redis, clock };
