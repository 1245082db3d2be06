// Types of tenondb/node-redis, as a module.
export * from './node-redis.js';
