//! MULTI, EXEC and WATCH: what makes a transaction fail, and what it may contain.
use tenondb::{Clock, Db, Options, Strings, resp::Conn};

fn say(conn: &mut Conn, line: &str) -> String {
    conn.feed(format!("{line}\r\n").as_bytes());
    String::from_utf8(conn.take_output()).unwrap()
}

/// Watches `k`, lets `meanwhile` happen on another connection, and tells whether EXEC still runs.
fn survives(prepare: &[&str], watch: &str, meanwhile: &[&str]) -> bool {
    let db = Db::memory();
    let (mut conn, mut other) = (Conn::new(&db), Conn::new(&db));
    for line in prepare {
        say(&mut other, line);
    }
    assert_eq!(say(&mut conn, watch), "+OK\r\n");
    for line in meanwhile {
        let reply = say(&mut other, line);
        assert!(!reply.starts_with('-'), "{line}: {reply}");
    }
    assert_eq!(say(&mut conn, "MULTI"), "+OK\r\n");
    assert_eq!(say(&mut conn, "PING"), "+QUEUED\r\n");
    match say(&mut conn, "EXEC").as_str() {
        "*1\r\n+PONG\r\n" => true,
        "*-1\r\n" => false,
        other => panic!("{other}"),
    }
}

#[test]
fn whatever_changes_a_watched_key_ends_the_transaction() {
    let changes: &[(&[&str], &str, &[&str])] = &[
        (&[], "WATCH k", &["SET k 1"]),
        (&["SET k 1"], "WATCH k", &["SET k 1"]),
        (&["SET k 1"], "WATCH k", &["DEL k"]),
        (&["SET k 1"], "WATCH a k b", &["DEL k"]),
        (&["SET k 1"], "WATCH k", &["EXPIRE k 100"]),
        (&["SET k 1"], "WATCH k", &["RENAME k other"]),
        (&["SET other 1"], "WATCH k", &["RENAME other k"]),
        (&["SET k 1"], "WATCH k", &["FLUSHDB"]),
        (&["SET k 1"], "WATCH k", &["FLUSHALL"]),
        (&["SET k 1"], "WATCH k", &["SWAPDB 0 1"]),
        (&["SELECT 1", "SET k 1", "SELECT 0"], "WATCH k", &["SWAPDB 0 1"]),
        (&[], "WATCH k", &["MULTI", "SET k 1", "EXEC"]),
        (&["RPUSH k a"], "WATCH k", &["LPOP k"]),
        (&["SADD k a"], "WATCH k", &["SADD k b"]),
        (&["HSET k f 1"], "WATCH k", &["HSET k f 1"]),
    ];
    for (prepare, watch, meanwhile) in changes {
        assert!(!survives(prepare, watch, meanwhile), "{prepare:?} {watch} {meanwhile:?}");
    }
    let others: &[(&[&str], &str, &[&str])] = &[
        (&["SET k 1"], "WATCH k", &["GET k", "SET other 1", "SELECT 1", "SET k 2"]),
        (&[], "WATCH k", &["DEL k"]),
        (&[], "WATCH k", &["FLUSHALL"]),
        (&[], "WATCH k", &["SWAPDB 0 1"]),
        (&["SET k 1"], "WATCH k", &["SET k 2 NX", "MULTI", "SET k 3", "DISCARD"]),
        (&["SADD k a"], "WATCH k", &["SADD k a", "SREM k b"]),
        (&["SET k 1"], "WATCH other", &["FLUSHALL"]),
    ];
    for (prepare, watch, meanwhile) in others {
        assert!(survives(prepare, watch, meanwhile), "{prepare:?} {watch} {meanwhile:?}");
    }
}

#[test]
fn a_watched_key_that_expires_is_a_change_and_one_that_was_never_there_is_none() {
    let clock = Clock::manual(1_000_000);
    let db = Db::with(Options { clock: clock.clone(), ..Options::default() });
    let mut conn = Conn::new(&db);
    say(&mut conn, "SET k 1 PX 100");
    for line in ["WATCH k nothing", "MULTI", "SET done 1"] {
        say(&mut conn, line);
    }
    clock.advance_ms(50);
    assert_eq!(say(&mut conn, "EXEC"), "*1\r\n+OK\r\n");
    for line in ["WATCH k nothing", "MULTI", "SET done 2"] {
        say(&mut conn, line);
    }
    clock.advance_ms(51);
    assert_eq!(say(&mut conn, "EXEC"), "*-1\r\n");
    // It is past its time already when it is watched: nothing changes any more.
    for line in ["WATCH k nothing", "MULTI", "SET done 3"] {
        say(&mut conn, line);
    }
    assert_eq!(say(&mut conn, "EXEC"), "*1\r\n+OK\r\n");
}

#[test]
fn watching_ends_with_the_transaction_whatever_its_end() {
    for end in ["EXEC", "DISCARD", "RESET", "UNWATCH"] {
        let db = Db::memory();
        let mut conn = Conn::new(&db);
        say(&mut conn, "WATCH k");
        if end != "UNWATCH" {
            say(&mut conn, "MULTI");
        }
        say(&mut conn, end);
        db.set("k", "changed").unwrap();
        say(&mut conn, "MULTI");
        assert_eq!(say(&mut conn, "EXEC"), "*0\r\n", "{end}");
    }
}

#[test]
fn a_command_that_cannot_be_queued_refuses_all_and_one_that_fails_refuses_itself() {
    let db = Db::memory();
    let mut conn = Conn::new(&db);
    for wrong in ["NONSENSE", "GET", "CLIENT NONSENSE", "CLIENT", "MULTI", "WATCH k", "CLIENT REPLY OFF"] {
        say(&mut conn, "MULTI");
        assert_eq!(say(&mut conn, "SET k 1"), "+QUEUED\r\n");
        assert!(say(&mut conn, wrong).starts_with("-ERR "), "{wrong}");
        let refused = "-EXECABORT Transaction discarded because of previous errors.\r\n";
        assert_eq!(say(&mut conn, "EXEC"), refused, "{wrong}");
        assert_eq!(db.get("k").unwrap(), None);
    }
    say(&mut conn, "MULTI");
    for line in ["SET k 1", "LPUSH k x", "SET k 2 NX XX", "SELECT 99", "GET k"] {
        assert_eq!(say(&mut conn, line), "+QUEUED\r\n", "{line}");
    }
    assert_eq!(
        say(&mut conn, "EXEC"),
        "*5\r\n+OK\r\n-WRONGTYPE Operation against a key holding the wrong kind of value\r\n\
         -ERR syntax error\r\n-ERR DB index is out of range\r\n$1\r\n1\r\n"
    );
}

#[test]
fn a_call_without_a_connection_takes_nothing_that_only_a_connection_keeps() {
    let db = Db::memory();
    for words in [&["MULTI"][..], &["EXEC"], &["DISCARD"], &["WATCH", "k"], &["UNWATCH"], &["SELECT", "1"]] {
        let error = db.call(words).unwrap_err().to_string();
        assert!(error.contains("needs a connection and a call has none"), "{error}");
    }
    assert_eq!(
        db.call(["EVAL", "return redis.call('select', 1)", "0"]).unwrap().as_bytes(),
        Some(&b"OK"[..])
    );
    let mut pending = db.pending_call(["SELECT", "1"]);
    assert!(pending.poll_once().unwrap().is_err());
}

#[test]
fn every_command_about_the_server_may_stand_in_a_transaction() {
    let db = Db::memory();
    let mut conn = Conn::new(&db);
    say(&mut conn, "SET k 1");
    let commands = [
        "INFO",
        "CONFIG SET hash-max-listpack-entries 7 timeout 9",
        "CONFIG GET hash-max-listpack-entries",
        "CONFIG RESETSTAT",
        "COMMAND COUNT",
        "MEMORY USAGE k",
        "DEBUG DIGEST",
        "DEBUG DIGEST-VALUE k",
        "DEBUG OBJECT k",
        "DEBUG SLEEP 0",
        "TIME",
        "ROLE",
        "CLIENT LIST",
        "CLIENT KILL ADDR nobody:1",
        "CLIENT NO-TOUCH ON",
        "HELLO 3",
        "SELECT 2",
        "SET k 2",
        "PING",
        "UNWATCH",
        "DBSIZE",
        "KEYS *",
        "FLUSHALL",
        "DBSIZE",
    ];
    say(&mut conn, "MULTI");
    for line in commands {
        assert_eq!(say(&mut conn, line), "+QUEUED\r\n", "{line}");
    }
    let reply = say(&mut conn, "EXEC");
    assert!(reply.starts_with(&format!("*{}\r\n", commands.len())), "{reply}");
    assert!(!reply.contains("\n-"), "{reply}");
    assert!(reply.ends_with(":1\r\n*1\r\n$1\r\nk\r\n+OK\r\n:0\r\n"), "{reply}");
    assert_eq!(
        say(&mut conn, "CONFIG GET hash-max-listpack-entries"),
        "%1\r\n$25\r\nhash-max-listpack-entries\r\n$1\r\n7\r\n"
    );
    assert!(say(&mut conn, "CLIENT INFO").contains(" db=2 "));
}

#[test]
fn what_a_transaction_recorded_gives_the_same_database_again() {
    let db = Db::with(Options { journal: true, ..Options::default() });
    let mut conn = Conn::new(&db);
    for line in
        ["MULTI", "SET a 1", "SELECT 5", "RPUSH l x y", "LPUSH a z", "SELECT 0", "SET b 2 PX 100000", "EXEC"]
    {
        say(&mut conn, line);
    }
    let again = Db::replay(&db.journal(), Options::default()).unwrap();
    let digest = |db: &Db| db.call(["DEBUG", "DIGEST"]).unwrap();
    assert_eq!(digest(&db), digest(&again));
    assert_ne!(digest(&db), digest(&Db::memory()));
}

#[test]
fn transactions_of_many_threads_lose_nothing() {
    const THREADS: usize = 4;
    const ROUNDS: usize = 200;
    let db = Db::memory();
    db.set("n", "0").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let mut conn = Conn::new(&db);
                for _ in 0..ROUNDS {
                    loop {
                        say(&mut conn, "WATCH n");
                        let n: usize = say(&mut conn, "GET n").lines().nth(1).unwrap().parse().unwrap();
                        say(&mut conn, "MULTI");
                        say(&mut conn, &format!("SET n {}", n + 1));
                        // Also with everything locked.
                        say(&mut conn, if n.is_multiple_of(3) { "DBSIZE" } else { "PING" });
                        if say(&mut conn, "EXEC") != "*-1\r\n" {
                            break;
                        }
                    }
                }
            });
        }
    });
    assert_eq!(db.get("n").unwrap().unwrap(), (THREADS * ROUNDS).to_string().as_str());
}
