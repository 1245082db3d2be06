// Two worker threads, each with a Socket.IO server: a load balancer would stand before their ports.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Starts a worker; returns it and its port. */
export async function start(name) {
  const worker = new Worker(new URL('worker.mjs', import.meta.url), { workerData: { name } });
  const [port] = await once(worker, 'message');
  return { worker, port };
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  for (const name of ['first', 'second']) console.log(`${name}: http://127.0.0.1:${(await start(name)).port}`);
}
