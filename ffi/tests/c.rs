//! The C API from C: the programs in `c/` are compiled against the header and the static library, under the address and the
//! undefined-behaviour sanitizers where the compiler has them, and run.
mod kit;

use kit::{built, compile_with, has, here, sanitizers, scratch, succeed};
use std::{fs, process::Command};

/// Compiles and runs `c/NAME.c`, with a folder of its own as argument when it wants one.
fn play(name: &str, wants_folder: bool) {
    if !has("cc") {
        return;
    }
    // The memory of the address sanitizer is no place to fork from while other threads allocate: the child may wait for
    // a lock of theirs for ever. That of the C library is.
    let flags = if name == "fork" { &[] } else { sanitizers() };
    let mut program = Command::new(compile_with(name, flags));
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
fn connections_are_written_read_and_told_of() {
    play("conn", false);
}

#[test]
fn a_child_of_a_fork_is_refused_and_harms_nobody() {
    play("fork", true);
}

#[test]
fn a_program_that_dies_loses_nothing_that_was_acknowledged() {
    play("crash", true);
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

/// What no program in C has ever called may as well not be there.
#[test]
fn every_function_is_called_by_some_test() {
    let calls: String = fs::read_dir(here().join("tests/c"))
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    let symbols = fs::read_to_string(here().join("tenon.symbols")).unwrap();
    let lacking: Vec<&str> = symbols.lines().filter(|name| !calls.contains(&format!("{name}("))).collect();
    assert_eq!(lacking, Vec::<&str>::new());
}
