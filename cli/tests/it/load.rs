//! Files of commands: counted, run in their order, their errors reported with their place.
use crate::support::{Folder, Server, resp, tenon, text};

/// 30,000 lines of which three are wrong, and what they leave.
fn lines() -> Vec<u8> {
    let mut text = String::from("# made by a test\n\nSET word \"a b\"\n");
    for number in 0..30_000 {
        match number {
            10 => text.push_str("NOSUCH x\n"),
            20_000 => text.push_str("SET 'a\n"),
            29_999 => text.push_str("INCR word\n"),
            _ => text.push_str("INCR counter\n"),
        }
    }
    text.into_bytes()
}

#[test]
fn lines_are_sent_to_a_server_and_errors_have_their_line() {
    let server = Server::start(&[]);
    let file = server.folder.file("commands", lines());
    let (file, socket) = (file.to_str().unwrap(), server.socket.to_str().unwrap());
    let output = tenon(&["load", file, "--unix", socket, "--db", "2"], b"");
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(out.starts_with("30001 commands, 3 errors, "), "{out}{err}");
    assert_eq!(output.status.code(), Some(1));
    let want = [
        "line 14: ERR unknown command",
        "line 20004: the quotes do not match",
        "line 30003: ERR value is not",
    ];
    for want in want {
        assert!(err.contains(want), "{want}: {err}");
    }
    let mut client = server.connect();
    client.ask("SELECT 2", "+OK\r\n");
    client.ask("GET counter", "$5\r\n29997\r\n");
}

#[test]
fn a_resp_stream_is_sent_whole_with_big_and_binary_values() {
    let server = Server::start(&["--requirepass", "secret"]);
    let big = vec![b'\n'; 3 << 20];
    let mut stream = Vec::new();
    for number in 0..5_000 {
        stream.extend_from_slice(&resp(&[b"SET", format!("k{number}").as_bytes(), b"a\r\n\0\xff"]));
    }
    let small = stream.len();
    stream.extend_from_slice(&resp(&[b"SET", b"big", &big]));
    stream.extend_from_slice(&resp(&[b"GET", b"big"]));
    stream.extend_from_slice(&resp(&[b"INCR", b"big"]));
    let socket = server.socket.to_str().unwrap();
    // From standard input, as `redis-cli --pipe` takes it.
    let output = tenon(&["load", "-", "--unix", socket, "--pass", "secret"], &stream);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(out.starts_with("5003 commands, 1 errors, "), "{out}{err}");
    assert!(err.contains("standard input: command 5003: ERR value is not an integer"), "{err}");
    let mut client = server.connect();
    client.ask("AUTH secret", "+OK\r\n");
    client.ask("GET k4999", "$5\r\na\r\n\0");
    let refused = tenon(&["load", "-", "--unix", socket], &stream[..small]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stdout).contains("5000 commands, 5000 errors"), "{}", text(&refused.stdout));
    assert!(text(&refused.stderr).contains("more errors are counted and not shown"));
}

#[test]
fn a_shell_loads_into_its_own_database() {
    let folder = Folder::new();
    let file = folder.file("commands", lines());
    let input = format!(".load {}\nGET counter\n", file.display());
    let output = tenon(&[], input.as_bytes());
    let out = text(&output.stdout);
    assert!(out.starts_with("30001 commands, 3 errors, ") && out.ends_with("29997\n"), "{out}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn what_cannot_be_loaded_says_why() {
    let server = Server::start(&[]);
    let socket = server.socket.to_str().unwrap();
    let torn = server.folder.file("torn", &resp(&[b"SET", b"a", b"1"]).repeat(3)[..70]);
    let output = tenon(&["load", torn.to_str().unwrap(), "--unix", socket], b"");
    assert_eq!(output.status.code(), Some(2));
    let err = text(&output.stderr);
    assert!(err.contains("command 3: it ends too early; before that: 2 commands, 0 errors"), "{err}");
    for (args, want) in [
        (vec!["load", "/nonexistent", "--unix", socket], "cannot read /nonexistent"),
        (vec!["load", "/", "--unix", socket], "it is a directory"),
        (vec!["load", torn.to_str().unwrap(), "--unix", "/nonexistent"], "cannot connect to /nonexistent"),
        (vec!["load", torn.to_str().unwrap()], "into which server?"),
    ] {
        let output = tenon(&args, b"");
        assert!(text(&output.stderr).contains(want), "{args:?}: {}", text(&output.stderr));
        assert_eq!(output.status.code(), Some(2));
    }
}

#[test]
fn a_server_that_hangs_up_is_reported() {
    let server = Server::start(&[]);
    let socket = server.socket.to_str().unwrap();
    let file = server.folder.file("commands", "SET a 1\nQUIT\nSET a 2\n");
    let output = tenon(&["load", file.to_str().unwrap(), "--unix", socket], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("the server closed the connection; before that: 2 commands"));
    server.connect().ask("GET a", "$1\r\n1\r\n");
}
