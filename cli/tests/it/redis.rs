//! Redis's own programs against our server. They are skipped, with a line that says so, where they are not installed.
use crate::support::{Folder, Process, Server, tenon, text};
use std::{
    fs::File,
    process::{Command, Output},
    time::Duration,
};

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

/// What is dumped here can be loaded there.
#[test]
fn redis_loads_our_dumps() {
    let folder = Folder::new();
    let path = folder.path("dump.resp");
    let lines = format!(
        "SET s \"a\\x00\\r\\n\"\nSET t 1 PXAT 9999999999999\nRPUSH l a b a\nHSET h f v\nSADD n 1 2\n\
         ZADD z 1.5 a -inf b\nSELECT 3\nSADD m x\n.dump {}\n",
        path.display()
    );
    let output = tenon(&[], lines.as_bytes());
    assert!(output.status.success(), "{}", text(&output.stdout));
    assert!(text(&output.stdout).ends_with("7 keys, 10 commands\n"), "{}", text(&output.stdout));
    let socket = folder.path("redis");
    let (log, socket) = (folder.path("log"), socket.to_str().unwrap());
    if run("redis-server", &["--version"]).is_none() {
        return;
    }
    let mut serve = Command::new("redis-server");
    serve.args(["--port", "0", "--unixsocket", socket, "--save", "", "--logfile", log.to_str().unwrap()]);
    let server = Process::start(serve.current_dir(log.parent().unwrap()));
    let pipe = || {
        Command::new("redis-cli").args(["-s", socket, "--pipe"]).stdin(File::open(&path).unwrap()).output()
    };
    let piped = (0..3_000).find_map(|_| {
        std::thread::sleep(Duration::from_millis(20));
        pipe().ok().filter(|output| output.status.success())
    });
    let said = run("redis-cli", &["-s", socket, "LRANGE", "l", "0", "-1"]);
    let left = run("redis-cli", &["-s", socket, "PEXPIRETIME", "t"]);
    drop(server);
    let (Some(piped), Some(said), Some(left)) = (piped, said, left) else { panic!("{lines}") };
    assert!(text(&piped.stdout).contains("errors: 0, replies: 10"), "{}", text(&piped.stdout));
    assert_eq!((text(&said.stdout), text(&left.stdout)), ("a\nb\na\n".into(), "9999999999999\n".into()));
}
