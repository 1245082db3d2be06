// Types of tenondb/node-redis.
import type { Db } from './index.js';

/**
 * The option `socket` of node-redis for a database: a Db that is open already, or the name of a directory, which each connection then
 * opens. Its first call puts a function in front of `net.createConnection`, which lets all other connections pass.
 * The Db travels with the object, under a symbol: `{ ...socket(db) }` keeps it, a copy by way of JSON does not.
 */
export function socket(target: Db<any> | string): { path: string; tls: false };
/** Puts that function there without making a path. */
export function install(): void;
/** Takes it away again; connections that are open stay so. */
export function uninstall(): void;
