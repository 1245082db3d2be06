// The one class of errors that the database itself throws.
'use strict';

/**
 * What the database refuses. `kind` says what to do next (`command`, `wrong-type`, `conflict`, `limit`, `busy`, `io`, `corrupt`,
 * `closed`, `misuse`, `internal`); `code` is Redis's first word (`ERR`, `WRONGTYPE`, …); the message is Redis's text.
 */
class TenonError extends Error {
  constructor(message, kind, code) {
    super(message);
    this.kind = kind;
    this.code = code;
  }
}
// On the prototype, as the built-in errors have it: it is not an own property that shows up when an error is printed.
Object.defineProperty(TenonError.prototype, 'name', { value: 'TenonError', configurable: true, writable: true });

module.exports = { TenonError };
