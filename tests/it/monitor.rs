//! MONITOR: what is shown, of whom, in which order.
use std::thread;
use tenondb::{
    Clock, Db, Options,
    resp::{Conn, ConnOptions},
};

fn say(conn: &mut Conn, line: &str) -> String {
    conn.feed(format!("{line}\r\n").as_bytes());
    String::from_utf8(conn.take_output()).unwrap()
}

/// A database of a clock that stands at 1.5 seconds, a connection that monitors, and one with this address.
fn stage() -> (Db, Conn, Conn) {
    let clock = Clock::manual(1_500);
    let db = Db::with(Options { clock, ..Options::default() });
    let mut monitor = Conn::new(&db);
    assert_eq!(say(&mut monitor, "MONITOR"), "+OK\r\n");
    let other = Conn::open(&db, ConnOptions { addr: "10.0.0.7:47".into(), ..ConnOptions::default() });
    (db, monitor, other)
}

/// What a connection was shown, without the time.
fn shown(conn: &mut Conn) -> Vec<String> {
    conn.pump();
    let text = String::from_utf8(conn.take_output()).unwrap();
    text.lines().map(|line| line.strip_prefix("+1.500000 ").unwrap_or(line).to_owned()).collect()
}

#[test]
fn commands_of_connections_and_calls_are_shown_with_their_database_and_words() {
    let (db, mut monitor, mut other) = stage();
    other.feed(b"*3\r\n$3\r\nsEt\r\n$1\r\na\r\n$11\r\nx\n\r\t\"\\\x07\x08 \xff~\r\n");
    say(&mut other, "SELECT 3");
    say(&mut other, "GET nothing");
    say(&mut other, "PING");
    say(&mut other, "KEYS *");
    say(&mut other, "LPUSH nothing");
    say(&mut other, "nothing");
    say(&mut other, "CONFIG GET save");
    say(&mut other, "client setname x");
    say(&mut other, "SET k v nonsense");
    say(&mut other, "GETRANGE k 0 0");
    say(&mut other, "PUBLISH c m");
    db.call(["INCR", "n"]).unwrap();
    db.select(2).unwrap().call(["PING"]).unwrap();
    let mut batch = db.batch();
    batch.call(["incr", "n"]);
    batch.run().unwrap();
    assert_eq!(
        shown(&mut monitor),
        [
            r#"[0 10.0.0.7:47] "sEt" "a" "x\n\r\t\"\\\a\b \xff~""#,
            r#"[3 10.0.0.7:47] "SELECT" "3""#,
            r#"[3 10.0.0.7:47] "GET" "nothing""#,
            r#"[3 10.0.0.7:47] "PING""#,
            r#"[3 10.0.0.7:47] "KEYS" "*""#,
            r#"[3 10.0.0.7:47] "client" "setname" "x""#,
            r#"[3 10.0.0.7:47] "SET" "k" "v" "nonsense""#,
            r#"[3 10.0.0.7:47] "GETRANGE" "k" "0" "0""#,
            r#"[3 10.0.0.7:47] "PUBLISH" "c" "m""#,
            r#"[0 embedded:0] "INCR" "n""#,
            r#"[2 embedded:0] "PING""#,
            r#"[0 embedded:0] "incr" "n""#,
        ]
    );
}

#[test]
fn passwords_are_not_shown() {
    let (_, mut monitor, mut other) = stage();
    say(&mut other, "AUTH secret");
    say(&mut other, "auth default secret");
    say(&mut other, "HELLO 3 AUTH default secret SETNAME me");
    say(&mut other, "ECHO AUTH");
    assert_eq!(
        shown(&mut monitor),
        [
            r#"[0 10.0.0.7:47] "AUTH" "(redacted)""#,
            r#"[0 10.0.0.7:47] "auth" "(redacted)" "(redacted)""#,
            r#"[0 10.0.0.7:47] "HELLO" "3" "AUTH" "(redacted)" "(redacted)" "SETNAME" "me""#,
            r#"[0 10.0.0.7:47] "ECHO" "AUTH""#,
        ]
    );
}

#[test]
fn what_exec_runs_is_shown_when_it_is_run() {
    let (_, mut monitor, mut other) = stage();
    for line in ["MULTI", "set a 1", "SELECT 2", "INCR a", "CLIENT GETNAME"] {
        say(&mut other, line);
    }
    assert_eq!(shown(&mut monitor), [r#"[0 10.0.0.7:47] "MULTI""#]);
    say(&mut other, "EXEC");
    assert_eq!(
        shown(&mut monitor),
        [
            r#"[0 10.0.0.7:47] "set" "a" "1""#,
            r#"[2 10.0.0.7:47] "SELECT" "2""#,
            r#"[2 10.0.0.7:47] "INCR" "a""#,
            r#"[2 10.0.0.7:47] "CLIENT" "GETNAME""#,
            r#"[2 10.0.0.7:47] "EXEC""#,
        ]
    );
    say(&mut other, "MULTI");
    assert_eq!(say(&mut other, "MONITOR"), "+QUEUED\r\n");
    assert_eq!(say(&mut other, "EXEC"), "*1\r\n-ERR MONITOR isn't allowed for DENY BLOCKING client\r\n");
}

#[test]
fn who_monitors_is_no_ordinary_client() {
    let (db, mut monitor, mut other) = stage();
    assert_eq!(say(&mut monitor, "MONITOR"), "");
    assert_eq!(say(&mut monitor, "PING"), "+PONG\r\n+1.500000 [0 embedded:0] \"PING\"\r\n");
    for line in ["GET a", "SET a 1", "PUBLISH c m"] {
        assert_eq!(say(&mut monitor, line), "-ERR Replica can't interact with the keyspace\r\n");
    }
    assert!(say(&mut monitor, "CLIENT INFO").contains(" flags=O "));
    assert_eq!(say(&mut monitor, "RESET"), "+RESET\r\n");
    say(&mut other, "SET a 1");
    assert_eq!(say(&mut monitor, "GET a"), "$1\r\n1\r\n");
    assert!(db.call(["MONITOR"]).is_err());
    say(&mut monitor, "MONITOR");
    say(&mut monitor, "QUIT");
    say(&mut other, "PING");
    assert_eq!(shown(&mut monitor), [] as [&str; 0]);
}

#[test]
fn a_command_that_waits_is_shown_once_when_it_begins() {
    let (db, mut monitor, mut other) = stage();
    say(&mut other, "BLPOP q 0");
    db.call(["LPUSH", "q", "x"]).unwrap();
    other.pump();
    assert!(other.output_len() > 0);
    let lines = shown(&mut monitor);
    assert_eq!(lines, [r#"[0 10.0.0.7:47] "BLPOP" "q" "0""#, r#"[0 embedded:0] "LPUSH" "q" "x""#]);
}

/// Threads append numbers to one list: the lines stand in the order in which the list has them.
#[test]
fn the_order_is_that_of_execution() {
    const EACH: usize = 500;
    let (db, mut monitor, _) = stage();
    thread::scope(|scope| {
        for thread in 0..3 {
            let db = &db;
            scope.spawn(move || {
                for n in 0..EACH {
                    db.call(["RPUSH", "list", &(thread * EACH + n).to_string()]).unwrap();
                }
            });
        }
    });
    let list = db.call(["LRANGE", "list", "0", "-1"]).unwrap();
    let wanted: Vec<String> = list
        .as_list()
        .unwrap()
        .iter()
        .map(|item| String::from_utf8(item.as_bytes().unwrap().to_vec()).unwrap())
        .collect();
    let lines = shown(&mut monitor);
    let seen: Vec<&str> = lines
        .iter()
        .filter(|line| line.contains("RPUSH"))
        .map(|line| line.split('"').nth(5).unwrap())
        .collect();
    assert_eq!(seen, wanted);
}

#[test]
fn one_that_does_not_read_is_cut() {
    let (db, mut monitor, mut other) = stage();
    db.call(["CONFIG", "SET", "client-output-buffer-limit", "pubsub 10000 0 0"]).unwrap();
    for _ in 0..200 {
        say(&mut other, "PING");
    }
    monitor.pump();
    assert!(monitor.is_closed());
    assert_eq!(say(&mut other, "PING"), "+PONG\r\n");
}
