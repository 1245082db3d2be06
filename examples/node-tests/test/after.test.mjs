// Sessions and limits of calls, without waiting for a day.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { Sessions, isAllowed } from '../limits.mjs';
import { Redis, clock } from './tenon.mjs';

const redis = new Redis();
beforeEach(() => redis.flushall());
after(() => redis.disconnect());

test('a session lives for a day from its last use on', async () => {
  const sessions = new Sessions(redis);
  await sessions.start('s1', 'alice');
  clock.advance(30_000);
  const left = await sessions.left('s1');
  assert.ok(left >= 86_340 && left <= 86_400, `${left} s are left`);
  clock.advance(86_000_000);
  assert.deepEqual(await sessions.use('s1'), { user: 'alice' });
  clock.advance(86_399_000);
  assert.deepEqual(await sessions.use('s1'), { user: 'alice' });
  clock.advance(86_401_000);
  assert.equal(await sessions.use('s1'), null);
  assert.equal(await sessions.left('s1'), -2);
});

test('the eleventh call of a minute is refused', async () => {
  for (let call = 1; call <= 10; call++) {
    assert.equal(await isAllowed(redis, 'alice'), true, `call ${call}`);
    clock.advance(1000);
  }
  assert.equal(await isAllowed(redis, 'alice'), false);
  assert.equal(await isAllowed(redis, 'bob'), true);
  clock.advance(49_000);
  assert.equal(await isAllowed(redis, 'alice'), false);
  clock.advance(1001);
  assert.equal(await isAllowed(redis, 'alice'), true);
});
