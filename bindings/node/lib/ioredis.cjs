// ioredis on a database in this process: `new Redis({ Connector: connector('app.db') })`.
'use strict';
const { EmbeddedSocket } = require('./socket.cjs');

/** For so long a connection that was disconnected may take to read what it has got; ioredis's own default. */
const DISCONNECT_TIMEOUT_MS = 2000;

/**
 * Makes the class that ioredis's option `Connector` takes. `target` is a Db that is open already, or the name of a directory: each
 * connection then opens it, and what is open already in this process is shared.
 */
function connector(target) {
  return class EmbeddedConnector {
    #socket;

    /** ioredis gives all its options. */
    constructor({ disconnectTimeout = DISCONNECT_TIMEOUT_MS } = {}) {
      this.disconnectTimeout = disconnectTimeout;
      this.connecting = false;
      this.firstError = undefined;
    }

    /** Any server will do: there is one. */
    check() {
      return true;
    }

    async connect() {
      this.connecting = true;
      this.#socket = new EmbeddedSocket(target);
      return this.#socket;
    }

    disconnect() {
      this.connecting = false;
      const socket = this.#socket;
      if (!socket || socket.destroyed) return;
      // A reader that has stopped reading never comes to the end.
      const timeout = setTimeout(() => socket.destroy(), this.disconnectTimeout);
      socket.once('close', () => clearTimeout(timeout));
      socket.end();
    }
  };
}

module.exports = { connector };
