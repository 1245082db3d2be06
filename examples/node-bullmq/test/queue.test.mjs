// The queue does what it does on a server, and has lost nothing when the program comes back.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import Redlock from 'redlock';
import { connect, ended, start } from '../queue.mjs';

const LIMIT_MS = 30_000;

function folder(t) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tenon-bullmq-'));
  t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
  return path.join(dir, 'app.db');
}

test('jobs are done, tried again, delayed, and children before their parents', async (t) => {
  const tries = new Map();
  const app = await start(folder(t), async (job) => {
    tries.set(job.id, (tries.get(job.id) ?? 0) + 1);
    if (job.name === 'unlucky' && tries.get(job.id) === 1) throw new Error('not this time');
    if (job.name === 'album') return Object.values(await job.getChildrenValues()).sort();
    return `${job.data.picture}.thumb`;
  });
  try {
    const result = async (job) => job.waitUntilFinished(app.events, LIMIT_MS);
    const many = await app.queue.addBulk(
      Array.from({ length: 200 }, (_, n) => ({ name: 'plain', data: { picture: `p${n}` } })),
    );
    assert.equal(await result(many[199]), 'p199.thumb');
    const unlucky = await app.queue.add('unlucky', { picture: 'u' }, { attempts: 3, backoff: 10 });
    assert.equal(await result(unlucky), 'u.thumb');
    assert.equal(tries.get(unlucky.id), 2);
    assert.equal(await result(await app.queue.add('later', { picture: 'l' }, { delay: 50 })), 'l.thumb');
    const flow = await app.flows.add({
      name: 'album',
      queueName: 'thumbnails',
      children: ['a', 'b'].map((picture) => ({ name: 'plain', queueName: 'thumbnails', data: { picture } })),
    });
    assert.deepEqual(await result(flow.job), ['a.thumb', 'b.thumb']);
    // One after the other: each that waits listens.
    for (const job of many) await result(job);
    assert.equal(await app.queue.getCompletedCount(), 205);
    assert.equal(await app.queue.getJobCountByTypes('failed', 'waiting', 'active', 'delayed', 'waiting-children'), 0);
  } finally {
    await app.stop();
  }
});

test('jobs that were added before the program ended are done by the next', async (t) => {
  const place = folder(t);
  const idle = await start(place, async () => {});
  await idle.worker.close();
  const added = await idle.queue.addBulk([1, 2, 3].map((n) => ({ name: 'plain', data: { n } })));
  await idle.stop();

  const done = [];
  const app = await start(place, async (job) => done.push(job.data.n) && job.data.n * 10);
  try {
    for (const { id } of added) {
      const job = await app.queue.getJob(id);
      assert.equal(await job.waitUntilFinished(app.events, LIMIT_MS), job.data.n * 10);
    }
    assert.deepEqual(done.sort(), [1, 2, 3]);
  } finally {
    await app.stop();
  }
});

test('a lock of redlock is one', async (t) => {
  const client = connect(folder(t));
  try {
    const lock = await new Redlock([client]).acquire(['lock:album'], 60_000);
    await assert.rejects(new Redlock([client], { retryCount: 0 }).acquire(['lock:album'], 1000));
    await (await lock.extend(60_000)).release();
    assert.equal(await client.exists('lock:album'), 0);
  } finally {
    await ended(client);
  }
});
