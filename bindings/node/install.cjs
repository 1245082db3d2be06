// Runs when the package is installed: takes the prebuilt addon of this platform, or builds it with cargo.
//
// `node install.cjs --prebuild` builds it in any case and puts it where a prebuilt one lies, for `npm pack`.
'use strict';
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const PLATFORM = `${process.platform}-${process.arch}`;
const PREBUILT = path.join(__dirname, 'prebuilds', PLATFORM, 'tenondb.node');
const BUILT = path.join(__dirname, 'build', 'tenondb.node');
const WORKSPACE = path.join(__dirname, '..', '..');
/** As cargo names a dynamic library. */
const LIBRARY = { win32: 'tenondb_node.dll', darwin: 'libtenondb_node.dylib' }[process.platform] ?? 'libtenondb_node.so';

/** The addon is one small crate over the core: looked at as a whole, its hot calls are a quarter faster. */
const PROFILE = {
  CARGO_PROFILE_RELEASE_LTO: 'fat',
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '1',
  CARGO_PROFILE_RELEASE_STRIP: 'debuginfo',
};

/** Whether the file is an addon that this Node loads. Tried in a process of its own: what cannot be loaded may take the process along. */
function loads(file) {
  const program = `process.dlopen({ exports: {} }, ${JSON.stringify(file)})`;
  return fs.existsSync(file) && spawnSync(process.execPath, ['-e', program]).status === 0;
}

function fail(text) {
  console.error(`tenondb: ${text}`);
  process.exit(1);
}

function build(target) {
  if (!fs.existsSync(path.join(__dirname, 'Cargo.toml')) || !fs.existsSync(path.join(WORKSPACE, 'Cargo.toml'))) {
    fail(
      `there is no prebuilt addon for ${PLATFORM}, and this package does not contain the Rust sources to build one. ` +
        'Install it from a checkout of TenonDB (npm install ./bindings/node), or set TENON_NODE_ADDON to a built addon.',
    );
  }
  if (spawnSync('cargo', ['--version']).status !== 0) {
    fail(`there is no prebuilt addon for ${PLATFORM}, and no cargo to build one: install Rust (https://rustup.rs) and try again.`);
  }
  try {
    execFileSync('cargo', ['build', '--release', '-p', 'tenondb-node'], { cwd: WORKSPACE, stdio: 'inherit', env: { ...PROFILE, ...process.env } });
  } catch {
    fail('cargo could not build the addon; what it said stands above.');
  }
  const metadata = execFileSync('cargo', ['metadata', '--no-deps', '--format-version', '1'], { cwd: WORKSPACE, maxBuffer: 1 << 28 });
  const from = path.join(JSON.parse(metadata).target_directory, 'release', LIBRARY);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  // A new file in its place: a process that has the old one loaded keeps it.
  fs.copyFileSync(from, `${target}.new`);
  fs.renameSync(`${target}.new`, target);
  if (!loads(target)) fail(`the addon that was built does not load: ${target}`);
}

if (process.argv.includes('--prebuild')) build(PREBUILT);
else if (process.env.TENON_NODE_ADDON) console.log(`tenondb: TENON_NODE_ADDON names the addon: ${process.env.TENON_NODE_ADDON}`);
else if (!loads(PREBUILT)) build(BUILT);
