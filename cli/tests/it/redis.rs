//! Redis's own programs against our server. They are skipped, with a line that says so, where they are not installed.
use crate::support::{Server, tenon, text};
use std::process::{Command, Output};

fn run(program: &str, args: &[&str]) -> Option<Output> {
    match Command::new(program).args(args).output() {
        Ok(output) => Some(output),
        Err(_) => {
            eprintln!("skipped: {program} is not installed");
            None
        }
    }
}

#[test]
fn redis_cli_works() {
    let server = Server::start(&[]);
    let socket = server.socket.to_str().unwrap();
    for (args, want) in [
        (&["SET", "a", "1"][..], "OK\n"),
        (&["GET", "a"], "1\n"),
        (&["-n", "3", "GET", "a"], "\n"),
        (&["-3", "--no-raw", "CONFIG", "GET", "databases"], "1# \"databases\" => \"16\"\n"),
    ] {
        let Some(output) = run("redis-cli", &[&["-s", socket], args].concat()) else { return };
        assert_eq!(text(&output.stdout), want, "{args:?}: {}", text(&output.stderr));
    }
}

/// The shell shows what redis-cli shows.
#[test]
fn the_shell_prints_as_redis_cli_does() {
    let lines = [
        "SET a \"x\\x00\\n\\\"\"",
        "GET a",
        "GET none",
        "INCR n",
        "MSET k1 v1 k2 v2",
        "CONFIG GET databases",
        "CONFIG GET nothing*",
        "COMMAND INFO get nosuch",
        "COMMAND GETKEYS MSET a 1 b 2",
        "COMMAND DOCS get",
        "NOSUCH",
        "GET",
        "HELLO x",
    ];
    for protocol in ["2", "3"] {
        let server = Server::start(&[]);
        let socket = server.socket.to_str().unwrap();
        for line in lines {
            let set_up = "MSET k1 v1";
            let flag = format!("-{protocol}");
            let words: Vec<String> = words(line);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let Some(theirs) = run("redis-cli", &[&[&*flag, "--no-raw", "-s", socket], &words[..]].concat())
            else {
                return;
            };
            let ours = tenon(&["--pretty", "--resp", protocol, "-e", set_up, "-e", line], b"");
            let ours = text(&ours.stdout);
            let ours = ours.strip_prefix("OK\n").unwrap();
            // redis-cli has no notation for what an argument of a process cannot hold.
            if !line.contains("\\x00") && line != "GET a" {
                assert_eq!(ours.trim_end(), text(&theirs.stdout).trim_end(), "{line} in RESP{protocol}");
            }
        }
    }
}

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

#[test]
fn redis_benchmark_works() {
    let server = Server::start(&[]);
    let socket = server.socket.to_str().unwrap();
    for more in [&["-P", "1"][..], &["-P", "16"], &["-3"]] {
        let args =
            [&["-q", "-s", socket, "-n", "5000", "-c", "20", "-t", "ping,set,get,incr,mset"], more].concat();
        let Some(output) = run("redis-benchmark", &args) else { return };
        let out = text(&output.stdout);
        assert!(output.status.success(), "{out}{}", text(&output.stderr));
        for test in ["PING_INLINE", "SET", "GET", "INCR", "MSET"] {
            assert!(out.contains(&format!("{test}:")) || out.contains(test), "{test}: {out}");
        }
        assert!(!out.contains("Error"), "{out}");
    }
}
