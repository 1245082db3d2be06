// The official clients, by generation, each on a database in this process.
import { createRequire } from 'node:module';
import { connector } from '../lib/ioredis.mjs';
import { socket } from '../lib/node-redis.mjs';

const require = createRequire(import.meta.url);

/** ioredis: `[name, make]`, for RESP2 and, where it speaks it, RESP3. */
export const IOREDIS = [
  ['ioredis 5', (target, options) => make(require('ioredis5'), target, options)],
  ['ioredis 6', (target, options) => make(require('ioredis6'), target, options)],
  ['ioredis 6, RESP3', (target, options) => make(require('ioredis6'), target, { protocol: 3, ...options })],
];

function make(module, target, options) {
  const Redis = module.Redis ?? module.default ?? module;
  return new Redis({ Connector: connector(target), ...options });
}

/** node-redis. */
export const NODE_REDIS = [
  ['node-redis 5', (target, options) => require('redis5').createClient({ socket: socket(target), ...options })],
  ['node-redis 5, RESP3', (target, options) => require('redis5').createClient({ socket: socket(target), RESP: 3, ...options })],
  ['node-redis 6, RESP2', (target, options) => require('redis6').createClient({ socket: socket(target), RESP: 2, ...options })],
  ['node-redis 6', (target, options) => require('redis6').createClient({ socket: socket(target), RESP: 3, ...options })],
];

/** The libraries themselves. */
export const LIBRARIES = { redis5: () => require('redis5'), redis6: () => require('redis6') };
