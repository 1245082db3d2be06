// Several commands in one crossing: a batch is one step of the database, a pipeline only saves crossings.
'use strict';
const { install } = require('./commands.cjs');

/** Collects commands by the methods of a Db; `run` carries them out and returns their replies. */
class Batch {
  #native;
  #atomic;
  #commands = [];

  constructor(native, atomic) {
    this.#native = native;
    this.#atomic = atomic;
  }

  /** Adds a command by its words. */
  call(...words) {
    this.#commands.push(words);
    return this;
  }

  get length() {
    return this.#commands.length;
  }

  /**
   * Carries the commands out and returns a list of their replies. A command that fails does not stop the others: its place has the
   * TenonError.
   */
  run() {
    const commands = this.#commands;
    this.#commands = [];
    return this.#native.many(this.#atomic, commands);
  }
}
install(Batch.prototype, '', ({ blocking, name }) => !blocking || name.startsWith('XREAD'), (batch, name, words) => batch.call(name, ...words));

module.exports = { Batch };
