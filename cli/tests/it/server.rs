//! The life of a server: how it starts, whom it lets in, how it ends.
use crate::support::{Client, Folder, Process, Server, TENON, resp, tenon, text};
use rustix::process::Signal;
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    process::Command,
    time::Duration,
};

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn it_listens_on_tcp_and_on_a_unix_socket() {
    let port = free_port();
    let server = Server::start_in(Folder::new(), &["--port", &port.to_string(), "--unixperm", "700"]);
    server.connect().ask("SET a 1", "+OK\r\n");
    let mut tcp = TcpStream::connect(("127.0.0.1", port)).unwrap();
    tcp.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    tcp.write_all(b"GET a\r\n").unwrap();
    let mut got = [0; 7];
    tcp.read_exact(&mut got).unwrap();
    assert_eq!(&got, b"$1\r\n1\r\n");
    let mode = std::fs::metadata(&server.socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let list = server.connect().ask_text("CLIENT LIST");
    assert!(list.contains(&format!(" laddr=127.0.0.1:{port} ")), "{list}");
    assert!(list.contains(&format!("addr={}:0 ", server.socket.display())), "{list}");
}

#[test]
fn what_cannot_be_served_is_refused_with_a_reason() {
    let folder = Folder::new();
    let config = folder.file("conf", "port 0\nunixsockets x\n");
    let plain = folder.file("plain", "not a socket");
    for (args, want) in [
        (vec!["serve", "--salvage"], "of which directory"),
        (vec!["serve", "--config", config.to_str().unwrap()], "conf:2: unixsockets: unknown directive"),
        (vec!["serve", "--port", "0"], "nothing to listen on"),
        (vec!["serve", "--port", "0", "--unix", plain.to_str().unwrap()], "a file that is not a socket"),
        (vec!["serve", "--bind", "0.0.0.0"], "there is no password"),
    ] {
        let output = tenon(&args, b"");
        assert!(text(&output.stderr).contains(want), "{args:?}: {}", text(&output.stderr));
        assert_eq!(output.status.code(), Some(2));
    }
    let server = Server::start(&[]);
    let second = tenon(&["serve", "--port", "0", "--unix", server.socket.to_str().unwrap()], b"");
    assert!(text(&second.stderr).contains("another server is listening there"));
    server.connect().ask("PING", "+PONG\r\n");
}

#[test]
fn a_dead_servers_socket_is_taken_over() {
    let mut server = Server::start(&[]);
    server.signal(Signal::KILL);
    server.wait();
    let socket = server.socket.clone();
    assert!(socket.exists());
    let mut second = Command::new(TENON);
    let _second = Process::start(second.args(["serve", "--port", "0", "--unix"]).arg(&socket));
    Client::connect(&socket).ask("PING", "+PONG\r\n");
}

#[test]
fn a_password_is_asked_for() {
    let server = Server::start(&["--requirepass", "open sesame"]);
    let mut client = server.connect();
    client.ask("GET a", "-NOAUTH Authentication required.\r\n");
    client.ask("AUTH wrong", "-WRONGPASS");
    let mut client = server.connect();
    client.ask("AUTH \"open sesame\"", "+OK\r\n");
    client.ask("GET a", "$-1\r\n");
}

#[test]
fn there_is_a_limit_of_connections() {
    let server = Server::start(&["--maxclients", "3"]);
    // The connection that tried whether the server is there may not have left yet.
    let mut first = server.connect();
    first.ask("PING", "+PONG\r\n");
    let mut inside = vec![first];
    let refused = loop {
        let mut next = server.connect();
        let mut byte = [0];
        // One that was refused may have been left already.
        let _ = next.0.write_all(b"PING\r\n");
        next.0.read_exact(&mut byte).unwrap();
        if byte[0] == b'-' {
            break next;
        }
        next.expect(b"PONG\r\n");
        inside.push(next);
        assert!(inside.len() <= 3);
    };
    let mut refused = refused;
    assert_eq!(text(&refused.rest()), "ERR max number of clients reached\r\n");
    inside.pop();
    // A place is free as soon as the server has noticed.
    for _ in 0..1_000 {
        let mut next = server.connect();
        let _ = next.0.write_all(b"PING\r\n");
        if next.0.read(&mut [0; 1]).is_ok_and(|count| count == 1) && next.rest_is_pong() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("no place became free");
}

impl Client {
    fn rest_is_pong(&mut self) -> bool {
        let mut rest = [0; 6];
        self.0.read_exact(&mut rest).is_ok() && &rest == b"PONG\r\n"
    }
}

#[test]
fn silent_connections_are_closed_and_busy_ones_are_not() {
    // Longer than this machine may stand still between two words of the busy one.
    let server = Server::start(&["--timeout", "5"]);
    let (mut silent, mut busy) = (server.connect(), server.connect());
    silent.ask("PING", "+PONG\r\n");
    let watcher = std::thread::spawn(move || silent.rest());
    while !watcher.is_finished() {
        busy.ask("PING", "+PONG\r\n");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(watcher.join().unwrap(), b"");
    busy.ask("PING", "+PONG\r\n");
}

#[test]
fn killed_connections_are_closed_at_once() {
    let server = Server::start(&["--threads", "3"]);
    let (mut killer, mut victims) = (server.connect(), Vec::new());
    for _ in 0..9 {
        let mut victim = server.connect();
        victim.ask("CLIENT SETNAME victim", "+OK\r\n");
        victims.push(victim);
    }
    killer.send(b"CLIENT KILL SKIPME yes TYPE normal\r\n");
    for mut victim in victims {
        assert_eq!(victim.rest(), b"");
    }
    let mut head = [0; 1];
    killer.0.read_exact(&mut head).unwrap();
    assert_eq!(&head, b":");
}

#[test]
fn whoever_stops_sending_still_gets_the_replies() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    client.send(b"SET a 1\r\nGET a\r\nPING\r\nGET half-of-a-comm");
    client.end_of_requests();
    assert_eq!(text(&client.rest()), "+OK\r\n$1\r\n1\r\n+PONG\r\n");
}

#[test]
fn who_does_not_speak_resp_is_told_and_left() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    client.send(b"PING\r\n*1\r\n+PING\r\nPING\r\n");
    assert_eq!(text(&client.rest()), "+PONG\r\n-ERR Protocol error: expected '$', got '+'\r\n");
    let mut client = server.connect();
    client.send(b"QUIT\r\nPING\r\n");
    assert_eq!(text(&client.rest()), "+OK\r\n");
}

#[test]
fn it_ends_cleanly_while_it_is_busy() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut server = Server::start(&[]);
        let clients: Vec<_> = (0..8)
            .map(|number| {
                let mut client = server.connect();
                let request = resp(&[b"INCR", format!("counter{number}").as_bytes()]).repeat(64);
                let mut twin = Client(client.0.try_clone().unwrap());
                let sender = std::thread::spawn(move || while twin.0.write_all(&request).is_ok() {});
                std::thread::spawn(move || {
                    let replies = text(&client.rest());
                    sender.join().unwrap();
                    replies
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(200));
        server.signal(signal);
        assert_eq!(server.wait(), Some(0));
        assert!(!server.socket.exists(), "the socket is left behind");
        for client in clients {
            // Every reply is whole, and none is missing in between.
            let replies = client.join().unwrap();
            for (index, line) in replies.split_terminator("\r\n").enumerate() {
                assert_eq!(line, format!(":{}", index + 1));
            }
            assert!(replies.is_empty() || replies.ends_with("\r\n"));
        }
    }
}

/// Says SCRIPT KILL until there was a script to kill.
fn kill_script(client: &mut Client, script: &str) {
    for _ in 0..6_000 {
        client.send(b"SCRIPT KILL\r\n");
        let mut byte = [0; 5];
        client.0.read_exact(&mut byte).unwrap();
        if &byte == b"+OK\r\n" {
            return;
        }
        let rest = b"USY No scripts in execution right now.\r\n";
        assert_eq!(&byte, b"-NOTB", "{script}");
        client.expect(rest);
    }
    panic!("{script} does not run");
}

/// Says PING until a script that has run for too long keeps it from being answered.
fn busy(client: &mut Client) {
    for _ in 0..6_000 {
        client.send(b"PING\r\n");
        let mut byte = [0; 7];
        client.0.read_exact(&mut byte).unwrap();
        if &byte != b"+PONG\r\n" {
            assert_eq!(&byte, b"-BUSY V");
            let rest =
                "alkey is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n";
            return client.expect(rest.as_bytes());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("no script keeps the server busy");
}

#[test]
fn a_script_without_an_end_can_be_killed_whatever_the_others_do() {
    for threads in ["1", "2"] {
        let server = Server::start(&["--threads", threads]);
        let mut before: Vec<Client> = (0..4).map(|_| server.connect()).collect();
        before[0].ask("CONFIG SET busy-reply-threshold 200", "+OK\r\n");
        before.iter_mut().for_each(|client| client.ask("WATCH a b c", "+OK\r\n"));
        let mut runs = server.connect();
        runs.send(b"EVAL \"while true do end\" 0\r\n");
        std::thread::sleep(Duration::from_millis(100));
        // They come, wait, watch and go.
        let mut beside: Vec<Client> = (0..6).map(|_| server.connect()).collect();
        for client in &mut beside {
            client.send(b"GET k\r\nWATCH d\r\nMULTI\r\nEXEC\r\n");
        }
        drop(before);
        std::thread::sleep(Duration::from_millis(300));
        let mut later = server.connect();
        busy(&mut later);
        drop(beside);
        kill_script(&mut later, "the script");
        runs.expect(b"-ERR Script killed by user with SCRIPT KILL.");
        later.ask("SET k v", "+OK\r\n");
    }
}

#[test]
fn it_ends_beside_a_script_without_an_end() {
    for script in ["while true do end", "redis.call('SET', 'k', 'half') while true do end"] {
        let mut server = Server::start(&[]);
        let mut runs = server.connect();
        runs.send(format!("EVAL \"{script}\" 0\r\n").as_bytes());
        std::thread::sleep(Duration::from_millis(200));
        server.signal(rustix::process::Signal::TERM);
        assert_eq!(server.wait(), Some(0));
    }
}
