//! One command of each kind through every door.
use tenondb::{Db, Error, Reply, Strings, resp::Conn};

fn say(conn: &mut Conn, line: &str) -> String {
    conn.feed(format!("{line}\r\n").as_bytes());
    String::from_utf8(conn.take_output()).unwrap()
}

#[test]
fn a_string_set_at_one_door_is_read_at_every_other() {
    let db = Db::memory();
    db.set("typed", "1").unwrap();
    assert_eq!(db.call(["SET", "called", "two"]).unwrap().as_bytes(), Some(&b"OK"[..]));
    let mut conn = Conn::new(&db);
    assert_eq!(say(&mut conn, "SET wire 3"), "+OK\r\n");
    for (key, value) in [("typed", "1"), ("called", "two"), ("wire", "3")] {
        assert_eq!(db.get(key).unwrap().unwrap(), value);
        assert_eq!(db.call(["GET", key]).unwrap().as_bytes(), Some(value.as_bytes()));
        assert_eq!(say(&mut conn, &format!("GET {key}")), format!("${}\r\n{value}\r\n", value.len()));
    }
    assert_eq!(db.get("nothing").unwrap(), None);
}

#[test]
fn exec_runs_all_or_finds_out_that_a_watched_key_changed() {
    let db = Db::memory();
    let mut conn = Conn::new(&db);
    for (line, reply) in [
        ("WATCH k", "+OK\r\n"),
        ("MULTI", "+OK\r\n"),
        ("SET k 1", "+QUEUED\r\n"),
        ("GET k", "+QUEUED\r\n"),
        ("SELECT 1", "+QUEUED\r\n"),
        ("GET k", "+QUEUED\r\n"),
        ("EXEC", "*4\r\n+OK\r\n$1\r\n1\r\n+OK\r\n$-1\r\n"),
        ("SELECT 0", "+OK\r\n"),
        ("GET k", "$1\r\n1\r\n"),
        ("WATCH k", "+OK\r\n"),
        ("MULTI", "+OK\r\n"),
        ("SET k 2", "+QUEUED\r\n"),
    ] {
        assert_eq!(say(&mut conn, line), reply, "{line}");
    }
    db.set("k", "other").unwrap();
    assert_eq!(say(&mut conn, "EXEC"), "*-1\r\n");
    assert_eq!(db.get("k").unwrap().unwrap(), "other");
    assert_eq!(say(&mut conn, "MULTI"), "+OK\r\n");
    assert!(say(&mut conn, "NONSENSE").starts_with("-ERR unknown command 'NONSENSE'"));
    assert!(say(&mut conn, "EXEC").starts_with("-EXECABORT"));
}

#[test]
fn a_transaction_closure_reads_its_own_writes_and_leaves_nothing_behind_when_it_fails() {
    let db = Db::memory();
    let failed: Result<(), Error> = db.transaction(|tx| {
        tx.set("k", "1")?;
        assert_eq!(tx.get("k")?.unwrap(), "1");
        assert_eq!(db.get("k")?, None);
        Err(Error::command("ERR no"))
    });
    assert!(failed.is_err());
    assert_eq!(db.get("k").unwrap(), None);
    let mut runs = 0;
    db.transaction(|tx| {
        runs += 1;
        let seen = tx.get("k")?;
        if seen.is_none() {
            db.set("k", "meanwhile")?;
        }
        tx.set("k", "mine")
    })
    .unwrap();
    assert_eq!((runs, db.get("k").unwrap().unwrap().to_vec()), (2, b"mine".to_vec()));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        db.transaction(|tx| -> Result<(), Error> {
            tx.set("k", "never")?;
            panic!("the host's own")
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(db.get("k").unwrap().unwrap(), "mine");
}

#[test]
fn a_batch_is_one_step_and_answers_each_command() {
    let db = Db::memory();
    let mut batch = db.batch();
    batch.call(["SET", "a", "1"]).call(["GET", "a"]).call(["MSET", "b", "2", "c", "3"]);
    let replies = batch.run().unwrap();
    assert_eq!(replies.len(), 3);
    assert_eq!(replies[1], Reply::Bytes("1".as_bytes().into()));
    // What has several replies, or none at once, is for connections; what is about the server is not.
    let mut mixed = db.batch();
    mixed.call(["SET", "n", "1"]);
    for word in ["SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "SSUBSCRIBE", "SUNSUBSCRIBE"] {
        mixed.call([word, "x", "y"]);
        assert!(db.call([word, "x", "y"]).is_err(), "{word}");
    }
    mixed.call(["CONFIG", "GET", "databases"]).call(["CLIENT", "ID"]).call(["INFO", "server"]);
    mixed.call(["CONFIG", "SET", "hash-max-listpack-entries", "7"]).call(["PUBLISH", "c", "m"]);
    mixed.call(["UNWATCH"]).call(["INCR", "n"]);
    let replies = mixed.run().unwrap();
    assert_eq!(replies.len(), 14);
    assert!(replies[1..7].iter().all(|reply| matches!(reply, Reply::Error(_))), "{replies:?}");
    assert!(!replies[7..].iter().any(|reply| matches!(reply, Reply::Error(_))), "{replies:?}");
    assert_eq!(replies[13], Reply::Int(2));
    let mut wrong = db.batch();
    wrong.call(["SET", "a", "2"]).call(["SET", "a"]);
    assert!(wrong.run().is_err());
    assert_eq!(db.get("a").unwrap().unwrap(), "1");
}
