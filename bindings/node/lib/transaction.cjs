// Transactions: a function that reads, decides and writes, as one step.
'use strict';
const { install } = require('./commands.cjs');
const { TenonError } = require('./error.cjs');

/** After so many attempts the function itself is what changes the keys that it has touched, as a rule. */
const ATTEMPTS_MAX = 1000;
const METHODS = ({ blocking, name }) => !blocking || name.startsWith('XREAD');

/** An open transaction, while its function runs: the methods of a Db for commands about keys. */
class Transaction {
  #native;
  #number;

  constructor(native, number) {
    this.#native = native;
    this.#number = number;
  }

  /** A command by its words. It sees what the transaction has written; others do not, before it is over. */
  call(...words) {
    return this.#native.txCall(this.#number, false, ...words);
  }

  /** As `call`, with Buffers for strings. */
  callBuffer(...words) {
    return this.#native.txCall(this.#number, true, ...words);
  }
}
install(Transaction.prototype, '', METHODS, (tx, name, words) => tx.call(name, ...words));
install(Transaction.prototype, 'Buffer', METHODS, (tx, name, words) => tx.callBuffer(name, ...words));

/** Runs `body` until nobody has changed what it has touched; returns what it returns. What throws leaves nothing behind. */
function transact(native, body) {
  if (typeof body !== 'function') throw new TypeError('a transaction is a function');
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const number = native.begin();
    let committed = false;
    let result;
    try {
      result = body(new Transaction(native, number));
      if (typeof result?.then === 'function') {
        throw new TypeError('a transaction is synchronous: its function must not return a promise');
      }
      committed = native.commit(number);
    } finally {
      if (!committed) native.abort(number);
    }
    if (committed) return result;
  }
  throw new TenonError(
    `ERR the transaction was begun ${ATTEMPTS_MAX} times, and each time what it had touched was changed meanwhile: does its function use the database instead of the transaction?`,
    'conflict',
    'ERR',
  );
}

module.exports = { Transaction, transact };
