//! The C API from C: the programs in `c/` are compiled against the header and the static library, under the address and the
//! undefined-behaviour sanitizers where the compiler has them, and run.
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn scratch() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// Whether there is a C compiler; in CI there has to be one.
fn has(tool: &str) -> bool {
    let found = Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    assert!(found || std::env::var_os("CI").is_none(), "missing in CI: {tool}");
    if !found {
        eprintln!("skipped: no {tool}");
    }
    found
}

fn succeed(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {}\n{said}", output.status);
    output.stdout
}

struct Built {
    /// The static library with the hooks of tests.
    hooked: PathBuf,
    shared: PathBuf,
}

/// Builds the library as it is shipped, and once more with what the tests need.
fn built() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| {
        let cargo = |more: &[&str]| {
            let mut build = Command::new(env!("CARGO"));
            build.args(["build", "-q", "-p", "tenondb-ffi"]).args(more).current_dir(here());
            succeed(&mut build);
        };
        // Where cargo puts libraries: two folders above its folder for tests.
        let folder = scratch().parent().unwrap().join("debug");
        cargo(&["--features", "test-hooks"]);
        let hooked = scratch().join("libtenon.a");
        fs::copy(folder.join("libtenon.a"), &hooked).unwrap();
        cargo(&[]);
        Built { hooked, shared: folder.join("libtenon.so") }
    })
}

/// The flags of the sanitizers, if a program can be made with them.
fn sanitizers() -> &'static [&'static str] {
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

/// Compiles `c/NAME.c`.
fn compile(name: &str) -> PathBuf {
    let (source, to) = (here().join(format!("tests/c/{name}.c")), scratch().join(name));
    let mut cc = Command::new("cc");
    cc.args(["-std=c11", "-D_GNU_SOURCE", "-O1", "-g", "-Wall", "-Wextra", "-Werror"]).args(sanitizers());
    cc.arg("-I").arg(here().join("../include")).arg(source).arg(&built().hooked);
    succeed(cc.args(["-lpthread", "-lm", "-ldl"]).arg("-o").arg(&to));
    to
}

/// Compiles and runs `c/NAME.c`, with a folder of its own as argument when it wants one.
fn play(name: &str, wants_folder: bool) {
    if !has("cc") {
        return;
    }
    let mut program = Command::new(compile(name));
    let folder = scratch().join(format!("{name}-{}", std::process::id()));
    if wants_folder {
        fs::create_dir_all(&folder).unwrap();
        program.arg(&folder);
    }
    // Within reason: a program that waits for ever is a failure, too.
    let mut timed = Command::new("timeout");
    timed.arg("300").arg(program.get_program()).args(program.get_args());
    succeed(&mut timed);
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn replies_hold_what_was_said() {
    play("values", false);
}

#[test]
fn typed_calls_answer_and_tell_of_errors() {
    play("typed", false);
}

#[test]
fn what_is_no_open_handle_is_refused_everywhere() {
    play("misuse", false);
}

#[test]
fn handles_live_and_end_in_any_order() {
    play("life", true);
}

#[test]
fn threads_share_handles_and_their_end() {
    play("threads", false);
}

#[test]
fn transactions_commit_conflict_or_leave_nothing() {
    play("txn", false);
}

#[test]
fn what_waits_is_polled_waited_for_or_told() {
    play("waiting", false);
}

#[test]
fn panics_stop_at_the_boundary() {
    play("panic", false);
}

#[test]
fn the_header_is_cpp_too() {
    if !has("c++") {
        return;
    }
    let mut compiler = Command::new("c++");
    compiler.args(["-std=c++17", "-Wall", "-Wextra", "-Werror"]).args(sanitizers());
    compiler.arg("-I").arg(here().join("../include")).arg(here().join("tests/c/header.cpp"));
    let to = scratch().join("header-cpp");
    succeed(compiler.arg(&built().hooked).args(["-lpthread", "-lm", "-ldl"]).arg("-o").arg(&to));
    succeed(&mut Command::new(to));
}

#[test]
fn the_shared_library_has_these_symbols_and_no_others() {
    if !has("nm") || cfg!(not(target_os = "linux")) {
        return;
    }
    let listed =
        succeed(Command::new("nm").args(["-D", "--defined-only", "--format=posix"]).arg(&built().shared));
    let listed = String::from_utf8(listed).unwrap();
    let mut names: Vec<&str> = listed.lines().filter_map(|line| line.split(' ').next()).collect();
    names.sort_unstable();
    let expected = fs::read_to_string(here().join("tenon.symbols")).unwrap();
    let mut expected: Vec<&str> = expected.lines().collect();
    expected.sort_unstable();
    assert_eq!(names, expected);
}
