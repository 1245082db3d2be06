// The event loop goes on under clients that await one command after the other. What is counted is ticks, not time.
import assert from 'node:assert/strict';
import test from 'node:test';
import { memory } from '../lib/index.mjs';
import { IOREDIS, NODE_REDIS } from './clients.mjs';

const TICKS = 20;
const COMMANDS_MAX = 2_000_000;

async function ticksUnder(command) {
  let ticks = 0;
  const timer = setInterval(() => { ticks += 1; }, 1);
  let commands = 0;
  while (ticks < TICKS && commands < COMMANDS_MAX) {
    await command();
    commands += 1;
  }
  clearInterval(timer);
  return [ticks, commands];
}

for (const [name, make] of IOREDIS) {
  test(`${name}: a timer ticks under sequential awaits`, async () => {
    const redis = make(memory(), {});
    const [ticks, commands] = await ticksUnder(() => redis.get('k'));
    redis.disconnect();
    assert.equal(ticks, TICKS, `${ticks} ticks in ${commands} commands`);
    // Fair, but not one command a turn: there are many more commands than turns.
    assert.ok(commands > TICKS, `${commands} commands`);
  });
}

for (const [name, make] of NODE_REDIS) {
  test(`${name}: a timer ticks under sequential awaits`, async () => {
    const redis = make(memory(), {});
    await redis.connect();
    const [ticks, commands] = await ticksUnder(() => redis.get('k'));
    redis.destroy();
    assert.equal(ticks, TICKS, `${ticks} ticks in ${commands} commands`);
  });
}
