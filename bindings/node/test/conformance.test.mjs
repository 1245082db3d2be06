// The corpus that all doors share: byte by byte through a connection, and by its contents through `db.call`.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import test from 'node:test';
import tenondb from '../lib/index.mjs';
import { HOME, sleep } from './kit.mjs';
import { fits, parse, readReplies } from './tnt.mjs';

const { LINE } = createRequire(import.meta.url)('../lib/db.cjs');
const CORPUS = path.join(HOME, '..', '..', 'tests', 'conformance');
const FILES = fs.readdirSync(CORPUS, { recursive: true }).filter((name) => name.endsWith('.tnt')).sort();
const SHOWN_MAX = 10;

/** A connection, as the clients of this package use it. */
class Connection {
  #line;
  #room = Buffer.alloc(64 * 1024);

  constructor(db) {
    this.#line = db[LINE](() => {});
  }

  #drain(first) {
    let bytes = '';
    for (let got = first; got > 0; got = this.#line.read(this.#room, 0)) bytes += this.#room.toString('latin1', 0, got);
    return readReplies(bytes);
  }

  send(words) {
    if (words.length === 0) return this.#drain(this.#line.read(this.#room, 0));
    const request = [`*${words.length}\r\n`, ...words.map((word) => `$${word.length}\r\n${word}\r\n`)].join('');
    return this.#drain(this.#line.exchange(Buffer.from(request, 'latin1'), this.#room, 0));
  }

  close() {
    this.#line.close();
  }
}

async function play(section, setting) {
  const db = tenondb.memory();
  const clients = Math.max(1, ...section.items.map((item) => item.client ?? 1));
  const connections = Array.from({ length: clients }, () => new Connection(db));
  const faults = [];
  if (setting) connections[0].send(['CONFIG', 'SET', ...setting]);
  if (section.resp === 3) connections.forEach((connection) => connection.send(['HELLO', '3']));
  for (const item of section.items) {
    if (item.wait !== undefined) {
      await sleep(item.wait);
      continue;
    }
    const replies = connections[item.client - 1].send(item.argv);
    if (!fits(item.replies, replies)) {
      faults.push(`line ${item.line}: ${item.text}\n  expected ${JSON.stringify(item.replies)}\n  got ${JSON.stringify(replies)}`);
    }
  }
  connections.forEach((connection) => connection.close());
  db.close();
  return faults;
}

test('every file gets the replies it expects, through a connection', async () => {
  let steps = 0;
  const faults = [];
  for (const name of FILES) {
    for (const section of parse(fs.readFileSync(path.join(CORPUS, name), 'latin1'))) {
      for (const setting of section.settings.length > 0 ? section.settings : [undefined]) {
        steps += section.items.length;
        faults.push(...(await play(section, setting)).map((fault) => `${name} ${fault}`));
      }
    }
  }
  assert.ok(steps > 4000, `the corpus was read: ${steps} steps`);
  assert.equal(faults.length, 0, `${faults.length} of ${steps} replies differ:\n${faults.slice(0, SHOWN_MAX).join('\n')}`);
});

/** The contents of a reply, without the shape that RESP2 and RESP3 give it: texts, one after the other. */
function contents([kind, value]) {
  switch (kind) {
    case 'nil': case 'nil list': return [null];
    case 'bool': return [value ? '1' : '0'];
    case 'verbatim': return [value.slice(4)];
    case 'map': return value.flat().flatMap(contents);
    case 'list': case 'set': case 'push': return value.flatMap(contents);
    default: return [value];
  }
}

/** The contents of what `db.call` has returned. */
function returned(value) {
  if (value === null) return [null];
  if (typeof value === 'boolean') return [value ? '1' : '0'];
  if (Array.isArray(value)) return value.flatMap(returned);
  if (value instanceof Map) return [...value].flatMap(returned);
  if (Buffer.isBuffer(value)) return [value.toString('latin1')];
  if (value instanceof Error) return [value.message];
  return [String(value)];
}

const same = (a, b) => a === b || (a !== null && b !== null && a !== '' && b !== '' && Number(a) === Number(b)) || inf(a) === inf(b);
const inf = (text) => ({ inf: 'Infinity', '-inf': '-Infinity' })[text] ?? text;

const CONNECTED = new Set(['SELECT', 'MULTI', 'EXEC', 'WATCH', 'HELLO', 'CLIENT', 'MONITOR', 'QUIT', 'RESET', 'AUTH']);

test('db.call returns what the corpus expects', () => {
  let compared = 0;
  const faults = [];
  for (const name of FILES.filter((name) => /^(hash|key|list|set|stream|string|zset)\b/.test(name))) {
    for (const section of parse(fs.readFileSync(path.join(CORPUS, name), 'latin1'))) {
      const alone = section.items.every((item) => item.client === 1 && item.argv.length > 0 && !CONNECTED.has(item.argv[0].toUpperCase()));
      if (!alone || section.settings.length > 0) continue;
      const db = tenondb.memory({ buffers: true, maps: true });
      for (const { line, argv, replies, text } of section.items) {
        let got;
        try {
          got = returned(db.call(...argv.map((word) => Buffer.from(word, 'latin1'))));
        } catch (error) {
          // What may wait is refused; its own tests are elsewhere.
          if (error.kind === 'misuse') break;
          got = [error.message];
        }
        const [{ how, value }] = replies;
        if (replies.length !== 1 || !['exactly', 'any order', 'any pairs'].includes(how)) continue;
        compared += 1;
        let wanted = contents(value);
        if (how !== 'exactly') [wanted, got] = [wanted.sort(), got.sort()];
        if (wanted.length !== got.length || !wanted.every((each, at) => same(each, got[at]))) {
          faults.push(`${name} line ${line}: ${text}\n  expected ${JSON.stringify(wanted)}\n  got ${JSON.stringify(got)}`);
        }
      }
      db.close();
    }
  }
  assert.ok(compared > 1200, `enough was compared: ${compared} replies`);
  assert.equal(faults.length, 0, `${faults.length} of ${compared} differ:\n${faults.slice(0, SHOWN_MAX).join('\n')}`);
});
