// ioredis on a database in this process: `new Redis({ Connector: connector('app.db') })`.
'use strict';
const { EmbeddedSocket } = require('./socket.cjs');

/**
 * Makes the class that ioredis's option `Connector` takes. `target` is a Db that is open already, or the name of a directory: each
 * connection then opens it, and what is open already in this process is shared.
 */
function connector(target) {
  return class EmbeddedConnector {
    #socket;

    constructor(disconnectTimeout) {
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
      this.#socket?.end();
    }
  };
}

module.exports = { connector };
