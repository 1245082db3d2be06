// Thumbnails in the background: a queue of BullMQ, its worker, and who waits for the results.
import { once } from 'node:events';
import { FlowProducer, Queue, QueueEvents, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { connector } from 'tenondb/ioredis';

/** What BullMQ needs of a store at `place`: connections. With a server, this line is `new Redis(process.env.REDIS_URL, options)`. */
export const connect = (place) => new Redis({ Connector: connector(place), maxRetriesPerRequest: null });

/** Ends a connection; the last one lets the directory go. */
export async function ended(client) {
  const end = client.status === 'end' ? null : once(client, 'end');
  client.disconnect();
  await end;
}

/** Opens the queue, and a worker that runs `work` for each job. */
export async function start(place, work) {
  const clients = [];
  const connection = () => {
    const client = connect(place);
    clients.push(client);
    return client;
  };
  const queue = new Queue('thumbnails', { connection: connection() });
  const events = new QueueEvents('thumbnails', { connection: connection() });
  const flows = new FlowProducer({ connection: connection() });
  const worker = new Worker('thumbnails', work, { connection: connection(), concurrency: 4 });
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady(), worker.waitUntilReady()]);
  return {
    queue,
    events,
    flows,
    worker,
    async stop() {
      await worker.close();
      await Promise.all([events.close(), flows.close(), queue.close()]);
      await Promise.all(clients.map(ended));
    },
  };
}
