//! How programs in C are compiled against the library: for the tests beside it.
#![allow(dead_code, reason = "each of the tests needs a part of it")]
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

pub fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn scratch() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// Whether there is a C compiler; in CI there has to be one.
pub fn has(tool: &str) -> bool {
    let found = Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    assert!(found || std::env::var_os("CI").is_none(), "missing in CI: {tool}");
    if !found {
        eprintln!("skipped: no {tool}");
    }
    found
}

pub fn succeed(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {}\n{said}", output.status);
    output.stdout
}

pub struct Built {
    /// The static library with the hooks of tests.
    pub hooked: PathBuf,
    pub shared: PathBuf,
}

/// Builds the library as it is shipped, and once more with what the tests need.
pub fn built() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| {
        let cargo = |more: &[&str]| {
            let mut build = Command::new(env!("CARGO"));
            // Not by itself: what it depends on would be built with other features, and once more.
            build.args(["build", "-q", "--workspace", "--lib"]).args(more).current_dir(here());
            succeed(&mut build);
        };
        // Where cargo puts libraries: two folders above its folder for tests.
        let folder = scratch().parent().unwrap().join("debug");
        cargo(&["--features", "tenondb-ffi/test-hooks"]);
        let hooked = scratch().join("libtenon.a");
        fs::copy(folder.join("libtenon.a"), &hooked).unwrap();
        cargo(&[]);
        Built { hooked, shared: folder.join("libtenon.so") }
    })
}

/// The flags of the sanitizers, if a program can be made with them.
pub fn sanitizers() -> &'static [&'static str] {
    const FLAGS: &[&str] = &["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    static FOUND: OnceLock<bool> = OnceLock::new();
    let found = *FOUND.get_or_init(|| {
        let empty = scratch().join("empty.c");
        fs::write(&empty, "int main(void) { return 0; }\n").unwrap();
        let to = scratch().join("empty");
        let made = Command::new("cc").args(FLAGS).arg(&empty).arg("-o").arg(&to).output();
        let works = made.is_ok_and(|made| made.status.success())
            && Command::new(&to).output().is_ok_and(|ran| ran.status.success());
        assert!(works || std::env::var_os("CI").is_none(), "missing in CI: the sanitizers of cc");
        works
    });
    if found { FLAGS } else { &[] }
}

/// Compiles `c/NAME.c`, with the sanitizers.
pub fn compile(name: &str) -> PathBuf {
    compile_with(name, sanitizers())
}

/// Compiles `c/NAME.c`.
pub fn compile_with(name: &str, flags: &[&str]) -> PathBuf {
    let (source, to) = (here().join(format!("tests/c/{name}.c")), scratch().join(name));
    let mut cc = Command::new("cc");
    cc.args(["-std=c11", "-D_GNU_SOURCE", "-O1", "-g", "-Wall", "-Wextra", "-Werror"]).args(flags);
    cc.arg("-I").arg(here().join("../include")).arg(source).arg(&built().hooked);
    succeed(cc.args(["-lpthread", "-lm", "-ldl"]).arg("-o").arg(&to));
    to
}
