//! Messages through the server: those who listen hear them though nobody asks, whichever thread serves them.
use crate::support::{Client, Server, resp};
use std::{io::Read, time::Duration};

fn message(channel: &str, body: &str) -> Vec<u8> {
    resp(&[b"message", channel.as_bytes(), body.as_bytes()])
}

/// A connection that speaks RESP3 and has subscribed to `c`.
fn subscribed(server: &Server) -> Client {
    let mut client = server.connect();
    client.send(b"HELLO 3\r\nSUBSCRIBE c\r\nPING\r\n");
    let (mut seen, mut byte) = (Vec::new(), [0]);
    while !seen.ends_with(b"+PONG\r\n") {
        client.0.read_exact(&mut byte).unwrap();
        seen.push(byte[0]);
    }
    client
}

#[test]
fn messages_reach_those_who_sleep() {
    let server = Server::start(&["--threads", "2"]);
    let mut listeners: Vec<_> = (0..20).map(|_| server.connect()).collect();
    for (n, listener) in listeners.iter_mut().enumerate() {
        let own = format!("own{n}");
        let len = own.len();
        let want = format!(
            "*3\r\n$9\r\nsubscribe\r\n$3\r\nall\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n${len}\r\n{own}\r\n:2\r\n"
        );
        listener.ask(&format!("SUBSCRIBE all {own}"), &want);
    }
    let mut publisher = server.connect();
    for round in 0..20 {
        publisher.ask(&format!("PUBLISH all {round}"), ":20\r\n");
        for (n, listener) in listeners.iter_mut().enumerate() {
            listener.expect(&message("all", &round.to_string()));
            publisher.ask(&format!("PUBLISH own{n} x"), ":1\r\n");
            listener.expect(&message(&format!("own{n}"), "x"));
        }
    }
    drop(listeners);
    for _ in 0..1_000 {
        if publisher.ask_text("INFO stats").contains("pubsub_channels:0\r\n") {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("closed connections are still subscribed");
}

#[test]
fn one_who_hears_itself_hears_behind_the_reply() {
    let server = Server::start(&["--threads", "1"]);
    let mut client = subscribed(&server);
    client.send(&resp(&[b"PUBLISH", b"c", b"x"]).repeat(3));
    let pushed = [&b":1\r\n>3"[..], &message("c", "x")[2..]].concat();
    client.expect(&pushed.repeat(3));
}

/// A pipeline of more than any buffer holds, to one who reads and one who does not: the latter is cut, the former misses
/// nothing.
#[test]
fn one_who_does_not_read_is_cut_alone() {
    let server = Server::start(&["--threads", "1"]);
    let (mut slow, mut reader, mut publisher) = (server.connect(), server.connect(), server.connect());
    let subscribed = "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n";
    slow.ask("SUBSCRIBE c", subscribed);
    reader.ask("SUBSCRIBE c", subscribed);
    publisher.ask("CONFIG SET client-output-buffer-limit \"pubsub 4mb 0 0\"", "+OK\r\n");
    let body = "x".repeat(10_000);
    let want = message("c", &body);
    for _ in 0..1_000 {
        publisher.send(&resp(&[b"PUBLISH", b"c", body.as_bytes()]));
        reader.expect(&want);
    }
    publisher.send(b"QUIT\r\n");
    publisher.rest();
    // What the kernel had taken is still read, then there is the end.
    let got = slow.rest();
    assert!(got.len() < 1_000 * want.len());
    let info = server.connect().ask_text("INFO stats");
    assert!(info.contains("client_output_buffer_limit_disconnections:1"), "{info}");
}

#[test]
fn a_reader_that_stops_for_a_while_misses_nothing() {
    let server = Server::start(&["--threads", "1"]);
    let (mut slow, mut publisher) = (server.connect(), server.connect());
    slow.ask("SUBSCRIBE c", "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n");
    let body = "x".repeat(10_000);
    for _ in 0..800 {
        publisher.send(&resp(&[b"PUBLISH", b"c", body.as_bytes()]));
        publisher.expect(b":1\r\n");
    }
    let want = message("c", &body);
    for _ in 0..800 {
        slow.expect(&want);
    }
}

#[test]
fn a_blocked_command_is_answered_and_messages_come_meanwhile() {
    let server = Server::start(&["--threads", "2"]);
    let (mut client, mut other) = (subscribed(&server), server.connect());
    client.send(b"BLPOP l 0\r\nPING\r\n");
    while !other.ask_text("CLIENT LIST").contains("cmd=blpop") {
        std::thread::sleep(Duration::from_millis(1));
    }
    other.ask("PUBLISH c x", ":1\r\n");
    client.expect(&[&b">3"[..], &message("c", "x")[2..]].concat());
    other.ask("RPUSH l v", ":1\r\n");
    client.expect(b"*2\r\n$1\r\nl\r\n$1\r\nv\r\n+PONG\r\n");
}
