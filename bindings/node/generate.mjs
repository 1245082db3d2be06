// Writes lib/commands.d.ts: the methods of all commands, from the engine's own table. `npm run generate`; a test compares.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const { COMMANDS } = createRequire(import.meta.url)('./lib/commands.cjs');
export const TARGET = fileURLToPath(new URL('lib/commands.d.ts', import.meta.url));

const T = "S['text']";
const I = "S['int']";
const PAIRS = `[member: ${T}, score: number][]`;
const ENTRY = `[id: ${T}, fields: ${T}[]]`;
const key = 'key: Word';
const keys = '...keys: Words[]';
const members = 'key: Word, ...members: Words[]';

/** Arguments and result, where more is known than words and a reply. */
const SIGNATURES = {
  // strings
  GET: [key, `${T} | null`],
  SET: [
    ['key: Word, value: Word', "'OK'"],
    ['key: Word, value: Word, options: SetOptions', `'OK' | ${T} | null`],
    ['key: Word, value: Word, ...options: Words[]', `'OK' | ${T} | null`],
  ],
  GETDEL: [key, `${T} | null`],
  GETSET: ['key: Word, value: Word', `${T} | null`],
  GETRANGE: ['key: Word, start: Integer, end: Integer', T],
  MGET: [keys, `(${T} | null)[]`],
  MSET: [['fields: Fields', "'OK'"], ['...words: Words[]', "'OK'"]],
  MSETNX: [['fields: Fields', I], ['...words: Words[]', I]],
  APPEND: ['key: Word, value: Word', I],
  STRLEN: [key, I],
  SETNX: ['key: Word, value: Word', I],
  INCR: [key, `${I} | bigint`],
  DECR: [key, `${I} | bigint`],
  INCRBY: ['key: Word, by: Integer', `${I} | bigint`],
  DECRBY: ['key: Word, by: Integer', `${I} | bigint`],
  INCRBYFLOAT: ['key: Word, by: number | string', T],
  // keys
  DEL: [keys, I],
  UNLINK: [keys, I],
  EXISTS: [keys, I],
  TOUCH: [keys, I],
  EXPIRE: ['key: Word, seconds: Integer, ...when: Words[]', I],
  PEXPIRE: ['key: Word, milliseconds: Integer, ...when: Words[]', I],
  EXPIREAT: ['key: Word, seconds: Integer, ...when: Words[]', I],
  PEXPIREAT: ['key: Word, milliseconds: Integer, ...when: Words[]', I],
  TTL: [key, I],
  PTTL: [key, I],
  PERSIST: [key, I],
  TYPE: [key, 'string'],
  RENAME: ['key: Word, to: Word', "'OK'"],
  RENAMENX: ['key: Word, to: Word', I],
  KEYS: ['pattern: Word', `${T}[]`],
  RANDOMKEY: ['', `${T} | null`],
  SCAN: ['cursor: Word, ...options: Words[]', `[cursor: ${T}, keys: ${T}[]]`],
  DBSIZE: ['', I],
  FLUSHDB: ['...how: Words[]', "'OK'"],
  FLUSHALL: ['...how: Words[]', "'OK'"],
  // lists
  LPUSH: ['key: Word, ...elements: Words[]', I],
  RPUSH: ['key: Word, ...elements: Words[]', I],
  LPOP: [[key, `${T} | null`], ['key: Word, count: Integer', `${T}[] | null`]],
  RPOP: [[key, `${T} | null`], ['key: Word, count: Integer', `${T}[] | null`]],
  LLEN: [key, I],
  LRANGE: ['key: Word, start: Integer, stop: Integer', `${T}[]`],
  LINDEX: ['key: Word, index: Integer', `${T} | null`],
  LREM: ['key: Word, count: Integer, element: Word', I],
  LTRIM: ['key: Word, start: Integer, stop: Integer', "'OK'"],
  LMOVE: ["source: Word, target: Word, from: 'LEFT' | 'RIGHT', to: 'LEFT' | 'RIGHT'", `${T} | null`],
  BLPOP: [waiting(`[key: ${T}, element: ${T}] | null`)],
  BRPOP: [waiting(`[key: ${T}, element: ${T}] | null`)],
  // hashes
  HSET: [['key: Word, fields: Fields', I], ['key: Word, ...fields: Words[]', I]],
  HGET: ['key: Word, field: Word', `${T} | null`],
  HMGET: ['key: Word, ...fields: Words[]', `(${T} | null)[]`],
  HGETALL: [key, 'MapOf<S>'],
  HDEL: ['key: Word, ...fields: Words[]', I],
  HEXISTS: ['key: Word, field: Word', I],
  HLEN: [key, I],
  HKEYS: [key, `${T}[]`],
  HVALS: [key, `${T}[]`],
  HINCRBY: ['key: Word, field: Word, by: Integer', `${I} | bigint`],
  // sets
  SADD: [members, I],
  SREM: [members, I],
  SMEMBERS: [key, `${T}[]`],
  SISMEMBER: ['key: Word, member: Word', I],
  SCARD: [key, I],
  SINTER: [keys, `${T}[]`],
  SUNION: [keys, `${T}[]`],
  SDIFF: [keys, `${T}[]`],
  // sorted sets
  ZADD: ['key: Word, ...words: Words[]', `${I} | number | null`],
  ZREM: [members, I],
  ZCARD: [key, I],
  ZSCORE: ['key: Word, member: Word', 'number | null'],
  ZINCRBY: ['key: Word, by: number | string, member: Word', 'number'],
  ZRANK: ['key: Word, member: Word', `${I} | null`],
  ZRANGE: [
    ["key: Word, start: Word, stop: Word, scores: 'WITHSCORES'", PAIRS],
    ['key: Word, start: Word, stop: Word', `${T}[]`],
    ['key: Word, start: Word, stop: Word, ...options: Words[]', `${T}[] | ${PAIRS}`],
  ],
  BZPOPMIN: [waiting(`[key: ${T}, member: ${T}, score: number] | null`)],
  BZPOPMAX: [waiting(`[key: ${T}, member: ${T}, score: number] | null`)],
  // streams
  XADD: [['key: Word, id: Word, fields: Fields', `${T}`], ['key: Word, ...words: Words[]', `${T} | null`]],
  XLEN: [key, I],
  XRANGE: ['key: Word, start: Word, end: Word, ...count: Words[]', `${ENTRY}[]`],
  XREVRANGE: ['key: Word, end: Word, start: Word, ...count: Words[]', `${ENTRY}[]`],
  XACK: ['key: Word, group: Word, ...ids: Words[]', I],
  XDEL: ['key: Word, ...ids: Words[]', I],
  // others
  PUBLISH: ['channel: Word, message: Word', I],
  SPUBLISH: ['channel: Word, message: Word', I],
  PING: ['...message: Words[]', `'PONG' | ${T}`],
  INFO: ['...sections: Words[]', 'string'],
  TIME: ['', `[seconds: ${T}, microseconds: ${T}]`],
};

function waiting(result) {
  return ['...words: [...Words[], Waiting] | Words[]', `Promise<${result}>`];
}

const READS_STREAMS = ({ name }) => name.startsWith('XREAD');
/** A value without BLOCK and a promise with it, which only the words in front of STREAMS tell. */
const STREAM_READS = [
  ["block: 'BLOCK', ...words: [...Words[], Waiting] | Words[]", 'Promise<Reply<S>>'],
  ['...words: [...Words[], Waiting]', 'Promise<Reply<S>>'],
  ['...words: Words[]', 'Reply<S> | Promise<Reply<S>>'],
];

/** The overloads of a command. */
function overloads(facts) {
  const given = SIGNATURES[facts.name];
  if (given) return Array.isArray(given[0]) ? given : [given];
  if (READS_STREAMS(facts)) return STREAM_READS;
  return facts.blocking ? [waiting('Reply<S>')] : [['...words: Words[]', 'Reply<S>']];
}

function methods(suffix, wants, of = overloads) {
  const lines = [];
  for (const facts of COMMANDS.filter(wants)) {
    const name = facts.name.toLowerCase();
    lines.push('  /**', `   * ${facts.summary}`, '   *', `   * \`${`${facts.name} ${facts.usage}`.trim()}\` – ${facts.complexity}`, '   */');
    for (const [args, result] of of(facts)) lines.push(`  ${name}${suffix}(${args}): ${result};`);
  }
  return lines;
}

/** The interfaces of the methods whose names end so. */
function interfaces(prefix, suffix, how) {
  return [
    `/** Commands that never wait${how}. */`,
    `export interface ${prefix}DataCommands<S extends Shape> {`,
    ...methods(suffix, ({ blocking }) => !blocking),
    '}',
    '',
    `/** Reading streams where nobody can wait: in a transaction or a batch${how}. */`,
    `export interface ${prefix}StreamReads<S extends Shape> {`,
    ...methods(suffix, READS_STREAMS, () => [['...words: Words[]', 'Reply<S>']]),
    '}',
    '',
    `/** Commands, by their names in lower case${how}; promises of those that may wait. */`,
    `export interface ${prefix}Commands<S extends Shape> extends ${prefix}DataCommands<S> {`,
    ...methods(suffix, ({ blocking }) => blocking),
    '}',
    '',
  ];
}

/** The text of the file. */
export function text() {
  return [
    '// The methods of all commands. Made by generate.mjs from the table of commands; not to be changed by hand.',
    "import type { Fields, Integer, MapOf, Reply, SetOptions, Shape, Waiting, Word, Words } from './index.js';",
    '',
    ...interfaces('', '', ''),
    ...interfaces('Buffer', 'Buffer', ', with Buffers whatever the options of the handle say'),
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) fs.writeFileSync(TARGET, text());
