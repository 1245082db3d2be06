// Options are checked by name and type before anything is opened: what is not known is a TypeError, never ignored.
'use strict';

const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const boolean = { is: (value) => typeof value === 'boolean', what: 'true or false' };
const count = { is: isCount, what: 'an integer from 0 on' };
const positive = { is: (value) => isCount(value) && value > 0, what: 'an integer from 1 on' };
const string = { is: (value) => typeof value === 'string', what: 'a string' };
const oneOf = (...names) => ({ is: (value) => names.includes(value), what: names.map((name) => `'${name}'`).join(' or ') });

/** How replies look, and which logical database is spoken of. */
const VIEW = {
  database: { is: (value) => isCount(value) && value < 16, what: 'an integer from 0 to 15' },
  durable: boolean,
  buffers: boolean,
  bigints: boolean,
  maps: boolean,
};

const MEMORY = {
  ...VIEW,
  stripes: positive,
  threads: { is: (value) => value === 0 || value === 1, what: '0 or 1' },
  clock: {
    is: (value) => value === 'system' || isCount(value) || (value instanceof Date && isCount(value.getTime())),
    what: "'system', a time in milliseconds or a Date",
  },
  seed: count,
  requirepass: string,
  name: string,
};

const { name: _, ...SHARED } = MEMORY;
const DIRECTORY = {
  ...SHARED,
  fsync: oneOf('always', 'everysec', 'no'),
  salvage: boolean,
  segmentBytes: positive,
};

const SUBSCRIBE = {
  capacity: positive,
  bytesMax: positive,
  overflow: oneOf('cut', 'drop-oldest', 'drop-newest'),
  ref: boolean,
};

const WATCH = { capacity: positive, bytesMax: positive, ref: boolean };

const SIGNAL = {
  signal: {
    is: (value) => typeof value?.addEventListener === 'function' && typeof value.aborted === 'boolean',
    what: 'an AbortSignal',
  },
};

/** Tells an object of options from other values that may stand last: neither a list, bytes, nor one of a class. */
function isPlain(value) {
  if (value === null || typeof value !== 'object') return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** Checks `options` by `table`; returns a copy without what is undefined. */
function check(options, table, what) {
  if (options === undefined) return {};
  if (!isPlain(options)) throw new TypeError(`the options of ${what} are an object`);
  const given = {};
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(table, name)) throw new TypeError(`${what} has no option '${name}'`);
    if (value === undefined) continue;
    if (!table[name].is(value)) throw new TypeError(`option '${name}' of ${what} is ${table[name].what}`);
    given[name] = value;
  }
  return given;
}

/** The options of opening, as the native half takes them. */
function opening(options, table, what) {
  const given = check(options, table, what);
  if (given.clock === 'system') delete given.clock;
  else if (given.clock instanceof Date) given.clock = given.clock.getTime();
  return given;
}

module.exports = { check, opening, isPlain, VIEW, MEMORY, DIRECTORY, SUBSCRIBE, WATCH, SIGNAL };
