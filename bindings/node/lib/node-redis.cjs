// node-redis on a database in this process: `createClient({ socket: socket('app.db') })`.
//
// node-redis has no option for a stream of one's own: it calls `net.createConnection`. The first call of `socket` therefore puts a
// function in front of that one, for the whole process, which looks at the path and lets everything else pass unchanged. Paths that begin with
// `tenon:` are ours; no socket in a file system is named so by accident.
'use strict';
const net = require('node:net');
const { EmbeddedSocket } = require('./socket.cjs');

const PREFIX = 'tenon:';
/** A database that is open already travels with the options: clients hand on copies, and it lives as long as they. */
const TARGET = Symbol('tenondb');
let original;

/** What a connection is made to: the Db of the options, or the directory that the path names. */
function targetOf(name, options) {
  const target = options[TARGET];
  if (target === undefined && name.startsWith('\0')) throw new TypeError('the options of socket(db) have lost the Db: hand them on whole');
  return target ?? name;
}

/** Puts our function in front of `net.createConnection`, once. `socket` does so by itself. */
function install() {
  if (original) return;
  original = net.createConnection;
  const create = function createConnection(options, ...rest) {
    const path = typeof options === 'string' ? options : options?.path;
    if (typeof path !== 'string' || !path.startsWith(PREFIX)) return original.call(this, options, ...rest);
    const connected = rest.find((argument) => typeof argument === 'function');
    const made = new EmbeddedSocket(targetOf(path.slice(PREFIX.length), options));
    if (connected) made.once('connect', connected);
    return made;
  };
  net.createConnection = create;
  net.connect = create;
}

/** Takes our function away again; connections that are open stay so. */
function uninstall() {
  if (!original) return;
  net.createConnection = original;
  net.connect = original;
  original = undefined;
}

/**
 * The option `socket` of node-redis for a database: a Db that is open already, or the name of a directory, which each connection then
 * opens. What else belongs there may be given: `{ ...socket(db), reconnectStrategy: false }`.
 */
function socket(target) {
  install();
  if (typeof target === 'string') return { path: PREFIX + target, tls: false };
  // No directory has a NUL in its name.
  return { path: `${PREFIX}\0${target.token}`, tls: false, [TARGET]: target };
}

module.exports = { socket, install, uninstall };
