// Finds and loads the native half: what TENON_NODE_ADDON names, a prebuilt one, or the one that was built here at installation.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { isMainThread } = require('node:worker_threads');

/** The name of this platform's folder, as in `prebuilds/linux-x64/`. */
const PLATFORM = `${process.platform}-${process.arch}`;
const HOME = path.join(__dirname, '..');
const PLACES = [path.join(HOME, 'prebuilds', PLATFORM, 'tenondb.node'), path.join(HOME, 'build', 'tenondb.node')];

function find() {
  const named = process.env.TENON_NODE_ADDON;
  if (named) {
    if (!fs.existsSync(named)) throw new Error(`tenondb: TENON_NODE_ADDON names ${named}, which does not exist`);
    return path.resolve(named);
  }
  const found = PLACES.find((place) => fs.existsSync(place));
  if (!found) {
    throw new Error(
      `tenondb: there is no native addon for ${PLATFORM}: neither of ${PLACES.join(' and ')} exists. ` +
        'Install the package again with scripts enabled and a Rust toolchain (https://rustup.rs) at hand, ' +
        'or set TENON_NODE_ADDON to a built one.',
    );
  }
  return found;
}

/** Set when the end of the process is told: the package may be loaded many times, as test runners do. */
const TOLD = Symbol.for('tenondb: the exit is told');

// `process.dlopen` rather than `require`: a library that cargo has built does not end in `.node`.
const addon = { exports: {} };
process.dlopen(addon, find());

// Who ends the process waits for its workers, also for one whose script has no end: the native half must know.
if (isMainThread && !process[TOLD]) {
  process[TOLD] = true;
  process.on('exit', (code) => addon.exports.exits(code));
}

module.exports = { native: addon.exports, PLATFORM, PLACES };
