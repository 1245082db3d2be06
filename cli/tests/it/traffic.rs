//! Much of everything: connections, pipelines, bytes; and clients that do not read.
use crate::support::{Client, Folder, Process, Server, TENON, bulk, resp};
use std::{
    io::{ErrorKind, Read, Write},
    process::{Command, Stdio},
    time::Duration,
};

#[test]
fn two_thousand_idle_connections_disturb_nobody() {
    // Both ends of this test are files of their process.
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let raised = rustix::process::Rlimit { current: limit.maximum, maximum: limit.maximum };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, raised).unwrap();
    let server = Server::start(&[]);
    let mut idle: Vec<Client> = (0..2_000).map(|_| server.connect()).collect();
    let mut client = server.connect();
    let mut requests = Vec::new();
    for number in 0..10_000 {
        requests.extend_from_slice(&resp(&[b"SET", format!("key{number}").as_bytes(), b"value"]));
        requests.extend_from_slice(&resp(&[b"GET", format!("key{number}").as_bytes()]));
    }
    client.send(&requests);
    client.expect(&b"+OK\r\n$5\r\nvalue\r\n".repeat(10_000));
    for (number, client) in idle.iter_mut().enumerate().step_by(97) {
        client.ask(&format!("GET key{number}"), "$5\r\nvalue\r\n");
    }
    let list = client.ask_text("CLIENT LIST");
    assert!(list.lines().count() >= 2_001);
    drop(idle);
    for _ in 0..1_000 {
        if client.ask_text("CLIENT LIST").lines().count() == 1 {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("closed connections are still listed");
}

#[test]
fn commands_may_arrive_in_any_pieces() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    let mut requests = Vec::new();
    for number in 0..200 {
        requests.extend_from_slice(&resp(&[b"SET", b"a", format!("{number}").as_bytes()]));
        requests.extend_from_slice(b"GET a\r\n");
    }
    let want: Vec<u8> =
        (0..200).flat_map(|n| [&b"+OK\r\n"[..], &bulk(format!("{n}").as_bytes())].concat()).collect();
    for piece in requests.chunks(3) {
        client.send(piece);
    }
    client.expect(&want);
}

#[test]
fn a_pipeline_may_be_sent_to_its_end_before_anything_is_read() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    let value = vec![b'v'; 300];
    client.send(&resp(&[b"SET", b"a", &value]));
    client.expect(b"+OK\r\n");
    // 32 MB of replies: far more than any buffer between us, and than what a slow reader is allowed.
    const COUNT: usize = 100_000;
    client.send(&resp(&[b"GET", b"a"]).repeat(COUNT));
    let want = bulk(&value);
    for _ in 0..COUNT {
        client.expect(&want);
    }
}

#[test]
fn a_slow_reader_waits_alone() {
    let server = Server::start(&["--threads", "1"]);
    let mut slow = server.connect();
    let value = vec![b'v'; 4 << 20];
    slow.send(&resp(&[b"SET", b"big", &value]));
    slow.expect(b"+OK\r\n");
    const COUNT: usize = 30;
    slow.send(&b"GET big\r\n".repeat(COUNT));
    let mut quick = server.connect();
    for number in 0..2_000 {
        quick.ask(&format!("SET a {number}"), "+OK\r\n");
        quick.ask("GET a", &format!("${}\r\n{number}\r\n", number.to_string().len()));
    }
    let want = bulk(&value);
    for _ in 0..COUNT {
        slow.expect(&want);
    }
    slow.ask("PING", "+PONG\r\n");
}

#[test]
fn values_of_64_megabytes_pass_in_both_directions() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    let value: Vec<u8> = (0..64_u32 << 20).map(|n| (n ^ (n >> 8) ^ (n >> 16)) as u8).collect();
    client.send(&resp(&[b"SET", b"big", &value]));
    client.expect(b"+OK\r\n");
    client.send(b"GET big\r\nPING\r\n");
    client.expect(&bulk(&value));
    client.expect(b"+PONG\r\n");
}

#[test]
fn who_leaves_too_much_unread_is_cut() {
    let server = Server::start(&[]);
    let mut other = server.connect();
    other.ask("CONFIG SET client-output-buffer-limit \"normal 3mb 0 0\"", "+OK\r\n");
    let value = vec![b'v'; 1 << 20];
    other.send(&resp(&[b"SET", b"big", &value]));
    other.expect(b"+OK\r\n");
    let mut greedy = server.connect();
    greedy.send(&b"GET big\r\n".repeat(2));
    greedy.expect(&bulk(&value).repeat(2));
    greedy.send(&b"MGET big big big big\r\n".repeat(2));
    assert!(greedy.rest().len() < 8 << 20, "it was cut");
    other.ask("PING", "+PONG\r\n");
}

#[test]
fn who_announces_much_and_sends_little_costs_little() {
    let server = Server::start(&[]);
    let mut liars: Vec<Client> = (0..50).map(|_| server.connect()).collect();
    for liar in &mut liars {
        liar.send(b"*1000000\r\n$500000000\r\nabc");
    }
    let mut client = server.connect();
    client.ask("PING", "+PONG\r\n");
    let list = client.ask_text("CLIENT LIST");
    let total: u64 =
        list.split(" tot-mem=").skip(1).filter_map(|rest| rest.split(' ').next()?.parse::<u64>().ok()).sum();
    assert!(total < 10 << 20, "{total} bytes for 50 lies");
}

#[test]
fn a_client_that_neither_reads_nor_leaves_does_not_keep_the_server_alive() {
    let mut server = Server::start(&[]);
    let mut client = server.connect();
    let value = vec![b'v'; 8 << 20];
    client.send(&resp(&[b"SET", b"big", &value]));
    client.expect(b"+OK\r\n");
    client.send(&b"GET big\r\n".repeat(4));
    // The first bytes are there: the server is at it.
    client.expect(b"$8388608\r\n");
    server.signal(rustix::process::Signal::TERM);
    assert_eq!(server.wait(), Some(0));
    let mut left = Vec::new();
    match client.0.read_to_end(&mut left) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    assert!(client.0.write_all(b"PING\r\n").is_err());
}

#[test]
fn it_goes_on_when_it_has_run_out_of_files() {
    let folder = Folder::new();
    let socket = folder.path("socket");
    // Room for a few connections, and leave to take more than that.
    let script = format!("ulimit -n 48; exec {TENON} serve --port 0 --threads 1 --unix {}", socket.display());
    let _server = Process::start(Command::new("sh").args(["-c", &script]).stderr(Stdio::null()));
    let mut first = Client::connect(&socket);
    first.ask("PING", "+PONG\r\n");
    first.ask("CONFIG SET maxclients 1000", "+OK\r\n");
    let mut crowd: Vec<Client> = (0..100).map(|_| Client::connect(&socket)).collect();
    for client in &mut crowd {
        client.send(b"PING\r\n");
    }
    first.ask("PING", "+PONG\r\n");
    // Those that were let in make room for the others, one after the other.
    for mut client in crowd {
        client.expect(b"+PONG\r\n");
    }
    first.ask("PING", "+PONG\r\n");
}
