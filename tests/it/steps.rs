//! Scripts among the commands of one step: in MULTI, in batches, in transactions.
use crate::{scripts::text, store::Folder};
use std::{thread, time::Duration};
use tenondb::{Db, Kind, Reply, Strings, resp::Conn};

#[test]
fn scripts_inside_multi_and_beside_it() {
    let db = Db::memory();
    let mut conn = Conn::new(&db);
    conn.feed(b"MULTI\r\nSET a 1\r\nEVAL \"redis.call('SELECT', 2) return redis.call('INCR', 'other')\" 0\r\nINCR a\r\nEXEC\r\nGET a\r\n");
    let expected = b"+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n+OK\r\n:1\r\n:2\r\n$1\r\n2\r\n";
    assert_eq!(String::from_utf8_lossy(&conn.take_output()), String::from_utf8_lossy(expected));
    assert_eq!(db.select(2).unwrap().get("other").unwrap().unwrap(), "1");
}

#[test]
fn scripts_in_batches_are_part_of_their_step() {
    let db = Db::memory();
    let sha = text(&db.call(["SCRIPT", "LOAD", "return redis.call('incrby', KEYS[1], ARGV[1])"]).unwrap());
    let mut batch = db.batch();
    batch.call(["SET", "n", "1"]).call(["EVALSHA", &sha, "1", "n", "4"]).call(["GET", "n"]);
    batch.call(["EVAL", "redis.call('select', 2) return redis.call('set', 'there', '1')", "0"]);
    batch.call(["EVAL", "return redis.call('incr', 'there')", "x"]).call(["EXISTS", "there"]);
    batch.call(["SELECT", "2"]).call(["GET", "there"]).call(["BLPOP", "none", "0"]);
    let replies = batch.run().unwrap();
    assert_eq!(replies[1..3], [Reply::Int(5), Reply::Bytes("5".as_bytes().into())]);
    let Reply::Error(wrong) = &replies[4] else { panic!("{replies:?}") };
    assert_eq!(wrong.to_string(), "ERR value is not an integer or out of range");
    assert_eq!(replies[5], Reply::Int(0), "a script's SELECT is its own");
    assert_eq!(replies[7..], [Reply::Bytes("1".as_bytes().into()), Reply::Nil]);
    assert_eq!(db.get("there").unwrap(), None, "and a batch's is the batch's");
    // Once more: a batch is not used up.
    assert_eq!(batch.run().unwrap()[1], Reply::Int(5));
    for refused in ["MULTI", "EXEC", "DISCARD", "WATCH k", "NONSENSE", "SET k", "QUIT"] {
        let mut batch = db.batch();
        batch.call(["SET", "n", "9"]).call(refused.split(' '));
        assert!(batch.run().is_err(), "{refused}");
        assert_eq!(db.get("n").unwrap().unwrap(), "5", "{refused}");
    }
}

#[test]
fn a_script_in_a_transaction_keeps_nobody_waiting() {
    let folder = Folder::new("txn-endless");
    let db = Db::open(&folder.0).unwrap();
    db.call(["CONFIG", "SET", "busy-reply-threshold", "20"]).unwrap();
    db.set("k", "1").unwrap();
    let runs = db.clone();
    let runner = thread::spawn(move || {
        runs.transaction(|tx| {
            tx.incrby("k", 1)?;
            tx.call(["EVAL", "while true do redis.call('get', 'k') end", "0"])
        })
    });
    // Until it runs.
    thread::sleep(Duration::from_millis(200));
    assert_eq!(db.call(["INCRBY", "k", "10"]).unwrap(), Reply::Int(11));
    assert_eq!(db.call(["EVAL", "return redis.call('incr', 'k')", "0"]).unwrap(), Reply::Int(12));
    db.call(["SAVE"]).unwrap();
    while db.call(["SCRIPT", "KILL"]).is_err() {
        thread::yield_now();
    }
    assert!(runner.join().unwrap().unwrap_err().to_string().contains("killed"));
    assert_eq!(db.get("k").unwrap().unwrap(), "12");
    // Closing ends it, too.
    let runs = db.clone();
    let runner = thread::spawn(move || {
        runs.transaction(|tx| tx.call(["EVAL", "redis.call('set', 'k', 'half') while true do end", "0"]))
    });
    while db.call(["SCRIPT", "KILL"]).is_err_and(|error| error.code() == "NOTBUSY") {
        thread::yield_now();
    }
    db.close().unwrap();
    assert!(runner.join().unwrap().is_err());
    assert_eq!(Db::open(&folder.0).unwrap().get("k").unwrap().unwrap(), "12");
}

#[test]
fn scripts_in_transactions_see_them_and_end_with_them() {
    const MOVE: &str = "
        local have = tonumber(redis.call('get', KEYS[1]) or '0')
        if have < tonumber(ARGV[1]) then
            return redis.error_reply('POOR not enough')
        end
        redis.call('decrby', KEYS[1], ARGV[1])
        return redis.call('incrby', KEYS[2], ARGV[1])
    ";
    let folder = Folder::new("txn-scripts");
    let db = Db::open(&folder.0).unwrap();
    db.set("a", "10").unwrap();
    let mut rounds = 0;
    let ended: Result<(), tenondb::Error> = db.transaction(|tx| {
        rounds += 1;
        tx.incrby("a", 1)?;
        if rounds == 1 {
            // Somebody comes between: all of it is done again.
            db.incrby("a", 100)?;
        }
        assert_eq!(tx.call(["EVAL", MOVE, "2", "a", "b", "5"])?, Reply::Int(5));
        let poor = tx.call(["EVAL", MOVE, "2", "b", "a", "50"]).unwrap_err();
        assert_eq!(poor.to_string(), "POOR not enough");
        let keys = tx.call(["EVAL", "return redis.call('keys', '*')", "0"]).unwrap_err();
        assert!(keys.to_string().contains("commands that name their keys"), "{keys}");
        assert_eq!(tx.call(["SCRIPT", "FLUSH"]).unwrap_err().kind(), Kind::Command);
        assert_eq!(db.get("b")?, None, "nobody sees it yet");
        tx.call(["EVAL", "redis.call('select', 3) return redis.call('set', 'far', 'away')", "0"])?;
        assert_eq!(tx.get("far")?, None);
        Ok(())
    });
    ended.unwrap();
    assert_eq!(rounds, 2);
    let failed = db.transaction(|tx| {
        tx.call(["EVAL", MOVE, "2", "a", "b", "6"])?;
        tx.call(["EVAL", "error('all of it is given up')", "0"]).map(drop)
    });
    assert!(failed.unwrap_err().to_string().contains("all of it is given up"));
    drop(db);
    let db = Db::open(&folder.0).unwrap();
    assert_eq!(db.get("a").unwrap().unwrap(), "106");
    assert_eq!(db.get("b").unwrap().unwrap(), "5");
    assert_eq!(db.select(3).unwrap().get("far").unwrap().unwrap(), "away");
}
