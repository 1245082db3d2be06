// Types of tenondb/ioredis, as a module.
export * from './ioredis.js';
