// One of several workers: a Socket.IO server whose rooms reach into the other workers by the Redis adapter.
import { createServer } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import { createAdapter } from '@socket.io/redis-adapter';
import Redis from 'ioredis';
import { Server } from 'socket.io';
import { memory } from 'tenondb'; // <- new
import { connector } from 'tenondb/ioredis'; // <- new

const publisher = new Redis({ Connector: connector(memory({ name: 'chat' })) }); // <- was process.env.REDIS_URL
const subscriber = publisher.duplicate();

const http = createServer();
const io = new Server(http, { adapter: createAdapter(publisher, subscriber) });

io.on('connection', (socket) => {
  socket.data.worker = workerData.name;
  socket.on('join', async (room, done) => {
    await socket.join(room);
    done();
  });
  socket.on('say', (room, text) => io.to(room).emit('said', { from: socket.id, by: workerData.name, text }));
  socket.on('who', async (room, done) => {
    const all = await io.in(room).fetchSockets();
    done(all.map(({ id, data }) => [id, data.worker]));
  });
  socket.on('ask everybody', async (done) => done(await io.serverSideEmitWithAck('name?')));
  socket.on('throw out', (room) => io.in(room).disconnectSockets(true));
});
io.on('name?', (answer) => answer(workerData.name));

http.listen(0, '127.0.0.1', () => parentPort.postMessage(http.address().port));

parentPort.once('message', async () => {
  await io.close();
  publisher.disconnect();
  subscriber.disconnect();
  parentPort.close();
});
