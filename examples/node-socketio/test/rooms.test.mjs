// Rooms reach over worker threads.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import { io } from 'socket.io-client';
import { start } from '../server.mjs';

test('rooms, acknowledgements and answers of all servers, between two worker threads', async (t) => {
  const [first, second] = await Promise.all([start('first'), start('second')]);
  const connect = async ({ port }) => {
    const client = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], reconnection: false });
    t.after(() => client.disconnect());
    await once(client, 'connect');
    return client;
  };
  const [alice, bob, carol] = [await connect(first), await connect(second), await connect(second)];
  await Promise.all([alice, bob].map((client) => client.emitWithAck('join', 'room')));
  carol.on('said', () => assert.fail('carol is in another room'));

  for (const [speaker, listener, worker] of [[alice, bob, 'first'], [bob, alice, 'second']]) {
    const heard = [once(speaker, 'said'), once(listener, 'said')];
    speaker.emit('say', 'room', 'hello');
    for (const [message] of await Promise.all(heard)) assert.deepEqual(message, { from: speaker.id, by: worker, text: 'hello' });
  }

  const who = await alice.emitWithAck('who', 'room');
  assert.deepEqual(new Map(who), new Map([[alice.id, 'first'], [bob.id, 'second']]));
  assert.deepEqual(await alice.emitWithAck('ask everybody'), ['second']);
  assert.deepEqual(await carol.emitWithAck('ask everybody'), ['first']);

  const gone = [once(alice, 'disconnect'), once(bob, 'disconnect')];
  carol.emit('throw out', 'room');
  await Promise.all(gone);
  assert.equal(carol.connected, true);
  carol.disconnect();

  for (const { worker } of [first, second]) {
    const ended = once(worker, 'exit');
    worker.postMessage('end');
    assert.deepEqual(await ended, [0]);
  }
});
