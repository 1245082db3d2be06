// The suite before and after differs in one line.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';

test('one line was changed', () => {
  const [before, after] = ['before', 'after'].map((name) => fs.readFileSync(new URL(`${name}.test.mjs`, import.meta.url), 'utf8').split('\n'));
  const changed = after.filter((line, at) => line !== before[at]);
  assert.equal(before.length, after.length);
  assert.deepEqual(changed, ["import { Redis, clock } from './tenon.mjs';"]);
});
