// Methods by the names of commands, in lower case: made from the engine's own table, so that none is missing.
//
// Sugar builds arguments: an object or Map may stand for pairs, options of `set` for their words. It decides nothing.
'use strict';
const { native } = require('./native.cjs');
const { isPlain } = require('./options.cjs');

/** About a connection, which a call has none of; or a method of its own stands for it. */
const NOT_METHODS = new Set([
  'AUTH', 'DISCARD', 'EXEC', 'HELLO', 'MONITOR', 'MULTI', 'PSUBSCRIBE', 'PUNSUBSCRIBE', 'QUIT', 'RESET', 'SELECT', 'SSUBSCRIBE',
  'SUBSCRIBE', 'SUNSUBSCRIBE', 'UNSUBSCRIBE', 'UNWATCH', 'WATCH',
]);

/** The commands that are methods: name, whether they may wait, and the facts of the table. */
const COMMANDS = native.commands().filter(({ name }) => !name.includes('|') && !NOT_METHODS.has(name));

/** Fields and values, one after the other, of a Map or an object. */
function pairs(value) {
  if (value instanceof Map) return [...value].flat();
  return isPlain(value) ? Object.entries(value).flat() : [value];
}

const SET_OPTIONS = {
  ex: 'EX', px: 'PX', exat: 'EXAT', pxat: 'PXAT', ifeq: 'IFEQ',
  nx: 'NX', xx: 'XX', get: 'GET', keepttl: 'KEEPTTL',
};
const SET_FLAGS = new Set(['nx', 'xx', 'get', 'keepttl']);

function setWords(options) {
  if (!isPlain(options)) return [options];
  const words = [];
  for (const [name, value] of Object.entries(options)) {
    const word = Object.hasOwn(SET_OPTIONS, name) ? SET_OPTIONS[name] : undefined;
    if (!word) throw new TypeError(`set has no option '${name}'`);
    if (value === undefined || value === false) continue;
    if (!SET_FLAGS.has(name)) words.push(word, value);
    else if (value === true) words.push(word);
    else throw new TypeError(`option '${name}' of set is true or false`);
  }
  return words;
}

const last = (args, make) => [...args.slice(0, -1), ...make(args[args.length - 1])];

/** How the arguments of some commands may be given besides as words. */
const SUGAR = {
  SET: (args) => (args.length === 3 ? last(args, setWords) : args),
  MSET: (args) => (args.length === 1 ? pairs(args[0]) : args),
  MSETNX: (args) => (args.length === 1 ? pairs(args[0]) : args),
  HSET: (args) => (args.length === 2 ? last(args, pairs) : args),
  HMSET: (args) => (args.length === 2 ? last(args, pairs) : args),
  XADD: (args) => last(args, pairs),
};

/** The arguments of a command as words. */
function words(name, args) {
  const sugar = SUGAR[name];
  return sugar && args.length > 0 ? sugar(args) : args;
}

/**
 * Gives `prototype` a method for each command that `wants` wants. `call` is called with `this`, the name, the arguments as words, and the
 * command's facts.
 */
function install(prototype, suffix, wants, call) {
  for (const facts of COMMANDS) {
    if (!wants(facts)) continue;
    const key = facts.name.toLowerCase() + suffix;
    if (Object.hasOwn(prototype, key)) continue;
    const value = { [key](...args) { return call(this, facts.name, words(facts.name, args), facts); } }[key];
    Object.defineProperty(prototype, key, { value, writable: true, configurable: true });
  }
}

module.exports = { COMMANDS, install, words };
