//! A directory as a database: what is written is there in the next life, and the ways in and out of it.
use std::path::PathBuf;
use tenondb::{Db, Error, Fsync, Kind, Lists, Options, Strings};

/// A directory of its own, gone at the end.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tenon-it-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn digest(db: &Db) -> String {
    let reply = db.call(["DEBUG", "DIGEST"]).unwrap();
    String::from_utf8_lossy(reply.as_bytes().unwrap()).into_owned()
}

#[test]
fn the_next_life_has_what_this_one_wrote() {
    let folder = Folder::new("lives");
    let mut expected = String::new();
    for life in 0..5 {
        let db = Db::open(&folder.0).unwrap();
        if life > 0 {
            assert_eq!(digest(&db), expected, "life {life}: {}", db.open_report().unwrap());
        }
        for n in 0..300 {
            db.set(format!("s:{n}"), format!("{life}")).unwrap();
            db.call(["HSET".to_owned(), "hash".into(), format!("f{n}"), format!("{life}")]).unwrap();
            db.call(["ZADD".to_owned(), "board".into(), format!("{}", n * life), format!("m{n}")]).unwrap();
            db.rpush("list", &[format!("{life}.{n}")]).unwrap();
        }
        db.select(3).unwrap().set("elsewhere", life.to_string()).unwrap();
        db.call(["PEXPIRE", "s:7", "100000000"]).unwrap();
        db.transaction(|tx| tx.set("both", life.to_string())).unwrap();
        if life % 2 == 1 {
            db.call(["SAVE"]).unwrap();
            db.set("after", "the snapshot").unwrap();
        }
        expected = digest(&db);
    }
}

#[test]
fn opening_twice_gives_the_same_engine_and_closing_lets_go() {
    let folder = Folder::new("twice");
    let db = Db::open(&folder.0).unwrap();
    let twin = Db::open(&folder.0).unwrap();
    db.set("key", "1").unwrap();
    assert_eq!(twin.get("key").unwrap().unwrap(), "1");
    twin.close().unwrap();
    assert_eq!(db.set("key", "2").unwrap_err().kind(), Kind::Closed);
    assert_eq!(db.get("key").unwrap().unwrap(), "1", "what is in memory can still be read");
    let again = Db::open(&folder.0).unwrap();
    again.set("key", "3").unwrap();
    assert_eq!(db.get("key").unwrap().unwrap(), "1");
    drop((db, twin, again));
    assert_eq!(Db::open(&folder.0).unwrap().get("key").unwrap().unwrap(), "3");
}

#[test]
fn everybody_waits_for_the_disk_who_wants_to() {
    let folder = Folder::new("durable");
    let options = Options { fsync: Fsync::Always, threads: 0, ..Options::default() };
    let db = Db::open_with(&folder.0, options).unwrap();
    db.set("a", "1").unwrap();
    assert_eq!(db.settings().appendfsync, Fsync::Always);
    db.call(["CONFIG", "SET", "appendfsync", "no"]).unwrap();
    let durable = db.durable();
    durable.set("b", "2").unwrap();
    durable.call(["SET", "c", "3"]).unwrap();
    durable.transaction(|tx| tx.set("d", "4")).unwrap();
    db.set("e", "5").unwrap();
    db.sync().unwrap();
    db.tick(1000);
    drop((db, durable));
    let db = Db::open(&folder.0).unwrap();
    assert_eq!(db.call(["DBSIZE"]).unwrap().as_int(), Some(5));
}

#[test]
fn a_directory_that_is_no_store_is_refused() {
    let folder = Folder::new("refused");
    let kind = |result: Result<Db, Error>| result.unwrap_err().kind();
    assert_eq!(Db::inspect(&folder.0, Options::default()).map(|_| ()).unwrap_err().kind(), Kind::Io);
    std::fs::create_dir_all(&folder.0).unwrap();
    std::fs::write(folder.0.join("log-0000000000000000"), b"whatever").unwrap();
    assert_eq!(kind(Db::open(&folder.0)), Kind::Corrupt);
    assert_eq!(kind(Db::open(folder.0.join("log-0000000000000000"))), Kind::Io);
}

#[test]
fn a_transaction_may_ask_the_store_about_itself() {
    let folder = Folder::new("inside");
    let db = Db::open(&folder.0).unwrap();
    let mut conn = tenondb::resp::Conn::new(&db);
    conn.feed(b"MULTI\r\nSET k v\r\nINFO\r\nLASTSAVE\r\nCONFIG GET *\r\nDBSIZE\r\nBGSAVE\r\nDEBUG DIGEST\r\nEXEC\r\nPING\r\n");
    let output = String::from_utf8_lossy(conn.output()).into_owned();
    assert!(output.ends_with("+PONG\r\n") && output.contains("rdb_last_save_time"), "{output}");
    assert!(output.contains("+Background saving started\r\n"), "{output}");
}

#[test]
fn what_expired_while_a_transaction_ran_does_not_come_back() {
    let folder = Folder::new("removed");
    let clock = tenondb::Clock::manual(1_000_000);
    let options = || Options { clock: clock.clone(), threads: 0, ..Options::default() };
    let db = Db::open_with(&folder.0, options()).unwrap();
    db.rpush("list", &["old"]).unwrap();
    db.call(["PEXPIRE", "list", "5"]).unwrap();
    db.transaction(|tx| {
        tx.get("other")?;
        // Time goes by, and the key's memory is given back, after the moment that the transaction lives at.
        clock.advance_ms(10);
        db.tick(10_000);
        tx.rpush("list", &["new"])
    })
    .unwrap();
    let live = db.lrange("list", 0, -1).unwrap();
    assert_eq!(live.len(), 1);
    let before = digest(&db);
    drop(db);
    let db = Db::open_with(&folder.0, options()).unwrap();
    assert_eq!((db.lrange("list", 0, -1).unwrap(), digest(&db)), (live, before));
}

#[test]
fn who_has_closed_writes_nothing_any_more() {
    let folder = Folder::new("closed");
    let db = Db::open(&folder.0).unwrap();
    db.set("key", "1").unwrap();
    db.call(["BGSAVE"]).unwrap();
    db.close().unwrap();
    let next = Db::open(&folder.0).unwrap();
    next.set("key", "2").unwrap();
    next.call(["SAVE"]).unwrap();
    for words in [&["SAVE"][..], &["BGSAVE"], &["BGREWRITEAOF"], &["SET", "key", "3"]] {
        assert_eq!(db.call(words).unwrap_err().kind(), Kind::Closed, "{words:?}");
    }
    drop(db);
    next.close().unwrap();
    assert_eq!(Db::open(&folder.0).unwrap().get("key").unwrap().unwrap(), "2");
}
