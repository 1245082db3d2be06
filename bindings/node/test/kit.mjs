// What the tests share.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** The package's folder. */
export const HOME = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');

/** An empty directory that is removed when the test is over. */
export function directory(test) {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'tenondb-node-'));
  test.after(() => fs.rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Runs a program in a process of its own; a hang is a failure. */
export function run(source, { flags = [], env = {}, args = [], limitMs = 60_000 } = {}) {
  const argv = [...flags, '--input-type=module', '--eval', source, '--', ...args];
  return new Promise((resolve) => {
    const options = { cwd: HOME, env: { ...process.env, ...env }, timeout: limitMs, killSignal: 'SIGKILL' };
    execFile(process.execPath, argv, options, (error, stdout, stderr) => {
      resolve({ code: error ? (error.code ?? error.signal) : 0, stdout, stderr });
    });
  });
}

/** A promise that is kept when the event loop has gone around so many times. */
export async function turns(count) {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until something has come to pass, for longer than anything that goes well needs: other threads may have to come to their turn. */
export async function settled(what) {
  for (const end = performance.now() + 30_000; !what() && performance.now() < end;) await turns(1);
  assert.ok(what(), `it has come to pass: ${what}`);
}

/** A worker that runs `source` with `data`; its messages are its results. */
export function worker(source, data) {
  const program = `
    const { parentPort, workerData: data } = require('node:worker_threads');
    const tenondb = require(${JSON.stringify(`${HOME}/lib/index.cjs`)});
    (async () => { ${source} })();`;
  return new Worker(program, { eval: true, workerData: data });
}

/** What a worker that ends says last of all. */
export const result = async (made) => {
  const [[message]] = await Promise.all([once(made, 'message'), once(made, 'exit')]);
  return message;
};
