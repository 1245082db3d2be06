// The suite's Redis as it was: a mock in JavaScript, whose time is Date's.
import { mock } from 'node:test';
import Redis from 'ioredis-mock';

mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 });
const clock = { advance: (ms) => mock.timers.tick(ms) };

export { Redis, clock };
