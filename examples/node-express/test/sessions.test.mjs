// Sessions survive a restart of the process, in order or not.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const SERVER = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'server.mjs');

/** Starts the server; returns its address and a way to end it. */
async function start(t, data) {
  const server = spawn(process.execPath, [SERVER], { env: { ...process.env, DATA: data, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => server.kill('SIGKILL'));
  const [line] = await once(createInterface({ input: server.stdout }), 'line');
  const end = async (signal) => {
    const ended = once(server, 'exit');
    server.kill(signal);
    return ended;
  };
  return { url: `http://127.0.0.1:${/\d+$/.exec(line)[0]}`, end };
}

const post = (url, body, cookie) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...(cookie && { cookie }) }, body: JSON.stringify(body) });
const visits = async (url, cookie) => {
  const response = await fetch(`${url}/visits`, { headers: { cookie } });
  return [response.status, await response.json()];
};

for (const signal of ['SIGTERM', 'SIGKILL']) {
  test(`sessions survive a restart by ${signal}`, async (t) => {
    const data = fs.mkdtempSync(path.join(os.tmpdir(), 'tenondb-express-'));
    t.after(() => fs.rmSync(data, { recursive: true, force: true }));
    let server = await start(t, data);
    const login = async (user) => {
      const response = await post(`${server.url}/login`, { user });
      assert.deepEqual(await response.json(), { user });
      return response.headers.get('set-cookie').split(';')[0];
    };
    const [alice, bob] = [await login('alice'), await login('bob')];
    assert.deepEqual(await visits(server.url, alice), [200, { user: 'alice', visits: 1 }]);
    assert.deepEqual(await visits(server.url, alice), [200, { user: 'alice', visits: 2 }]);
    assert.equal((await post(`${server.url}/logout`, {}, bob)).status, 200);

    const [code] = await server.end(signal);
    assert.equal(code, signal === 'SIGTERM' ? 0 : null);

    server = await start(t, data);
    assert.deepEqual(await visits(server.url, alice), [200, { user: 'alice', visits: 3 }]);
    assert.equal((await visits(server.url, bob))[0], 401);
    assert.equal((await visits(server.url, 'connect.sid=s%3Aforged.signature'))[0], 401);
    await server.end('SIGTERM');
  });
}
