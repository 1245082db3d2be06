//! Streams through the public API: what the conformance files cannot say, because only Redis 8 has it, or time passes.
use tenondb::{
    Clock, Db, Kind, Options, Reply, Run, StreamId, Streams, Trimming, XAdd, XReadGroup, op, resp::Conn,
};

const START_MS: u64 = 1_700_000_000_000;

fn db() -> Db {
    let clock = Clock::manual(START_MS);
    Db::with(Options { threads: 0, journal: true, seed: Some(1), clock, ..Options::default() })
}

fn id(ms: u64, seq: u64) -> StreamId {
    StreamId::new(ms, seq)
}

fn fill(db: &Db, key: &str, count: u64) {
    for n in 1..=count {
        db.xadd_at(key, id(n, 0), &[("n", n.to_string())]).unwrap();
    }
}

fn ids(db: &Db, key: &str) -> Vec<u64> {
    let all = db.xrange(key, StreamId::MIN, StreamId::MAX).unwrap();
    all.iter().map(|entry| entry.id.ms).collect()
}

#[test]
fn ids_follow_the_clock_and_never_go_back() {
    let db = db();
    assert_eq!(db.xadd("s", &[("a", "1")]).unwrap(), id(START_MS, 0));
    assert_eq!(db.xadd("s", &[("a", "1")]).unwrap(), id(START_MS, 1));
    db.clock().set_ms(START_MS + 5);
    assert_eq!(db.xadd("s", &[("a", "1")]).unwrap(), id(START_MS + 5, 0));
    db.clock().set_ms(START_MS - 100);
    assert_eq!(db.xadd("s", &[("a", "1")]).unwrap(), id(START_MS + 5, 1));
    assert_eq!(db.xadd_at("s", id(5, 5), &[("a", "1")]).unwrap_err().kind(), Kind::Conflict);
    let in_ms = XAdd::new("s", &[("a", "1")]).id(op::NewId::In(START_MS + 5));
    assert_eq!(db.run(in_ms).unwrap().id, Some(id(START_MS + 5, 2)));
    assert_eq!(db.run(XAdd::new("none", &[("a", "1")]).existing()).unwrap().id, None);
    assert_eq!(db.xrevrange("s", 1).unwrap()[0].fields[0].1, b"1"[..]);
}

#[test]
fn acknowledged_entries_alone_are_trimmed_when_that_is_asked_for() {
    let db = db();
    fill(&db, "s", 6);
    db.xgroup_create("s", "g", StreamId::MIN).unwrap();
    db.xreadgroup("s", "g", "c", 4).unwrap();
    db.xack("s", "g", &[id(2, 0), id(4, 0)]).unwrap();
    let acked = |trimming| op::XTrim { key: b"s", trimming, references: op::References::Acknowledged };
    assert_eq!(db.run(acked(Trimming::to_length(1))).unwrap(), 2, "the others are pending or unread");
    assert_eq!(ids(&db, "s"), [1, 3, 5, 6]);
    let all =
        op::XTrim { key: b"s", trimming: Trimming::to_id(id(4, 0)), references: op::References::Delete };
    assert_eq!(db.run(all).unwrap(), 2);
    assert_eq!(db.xpending("s", "g").unwrap().count, 0);
    assert_eq!(db.xtrim("s", Trimming::to_length(0)).unwrap(), 2);
    assert_eq!((db.xlen("s").unwrap(), db.call(["EXISTS", "s"]).unwrap()), (0, Reply::Int(1)));
}

#[test]
fn what_is_idle_is_claimed_first_and_longest() {
    let db = db();
    fill(&db, "s", 5);
    db.xgroup_create("s", "g", StreamId::MIN).unwrap();
    db.xreadgroup("s", "g", "a", 1).unwrap();
    db.clock().advance_ms(100);
    db.xreadgroup("s", "g", "a", 1).unwrap();
    db.clock().advance_ms(50);
    db.xclaim("s", "g", "a", 0, &[id(1, 0)]).unwrap();
    db.xreadgroup("s", "g", "b", 1).unwrap();
    db.clock().advance_ms(50);
    let claimed = |min_idle_ms, count| {
        let read = db.run(XReadGroup::new("s", "g", "c").claim(min_idle_ms).count(count)).unwrap();
        read.iter().flat_map(|(_, listing)| listing.to_vec()).map(|entry| entry.id.ms).collect::<Vec<_>>()
    };
    assert_eq!(claimed(60, 2), [2, 4], "one that is idle, and one that is new");
    assert_eq!(claimed(50, 2), [1, 3]);
    let reply = db.call("XREADGROUP GROUP g c CLAIM 0 STREAMS s >".split(' ')).unwrap();
    let Reply::Map(streams) = reply else { panic!("{reply:?}") };
    let entries = streams[0].1.as_list().unwrap();
    assert_eq!(entries.len(), 5);
    assert_eq!(entries[0].as_list().unwrap()[2..], [Reply::Int(0), Reply::Int(3)]);
    assert_eq!(entries[4].as_list().unwrap()[2..], [Reply::Int(0), Reply::Int(0)], "a new one");
    assert_eq!(db.xpending("s", "g").unwrap().consumers, [(b"c".to_vec().into(), 5)]);
}

#[test]
fn a_watched_stream_has_changed_when_somebody_was_given_something() {
    let db = db();
    fill(&db, "s", 2);
    db.xgroup_create("s", "g", StreamId::MIN).unwrap();
    let exec_after = |line: &str| {
        let mut conn = Conn::new(&db);
        conn.feed(b"WATCH s\r\nMULTI\r\nPING\r\n");
        conn.take_output();
        db.call(line.split(' ')).unwrap();
        conn.feed(b"EXEC\r\n");
        conn.take_output().starts_with(b"*1")
    };
    assert!(!exec_after("XREADGROUP GROUP g c STREAMS s >"));
    for line in
        ["XREADGROUP GROUP g c STREAMS s >", "XDEL s 9-9", "XACK s g 9-9", "XTRIM s MAXLEN 5", "XLEN s"]
    {
        assert!(exec_after(line), "{line}");
    }
    assert!(!exec_after("XACK s g 1-0") && !exec_after("XDEL s 1-0") && !exec_after("XGROUP DESTROY s g"));
}

#[test]
fn the_log_gives_the_same_streams_again() {
    let db = db();
    for n in 0..300u64 {
        db.xadd("s", &[("n", n.to_string())]).unwrap();
        db.clock().advance_ms(n % 3);
    }
    db.xgroup_create("s", "g", StreamId::MIN).unwrap();
    db.run(XAdd::new("s", &[("n", "x")]).trim(Trimming::to_length(150).about())).unwrap();
    let read = db.xreadgroup("s", "g", "a", 50).unwrap();
    db.clock().advance_ms(1000);
    db.xautoclaim("s", "g", "b", 500, read[20].id).unwrap();
    db.xack("s", "g", &[read[0].id, read[30].id]).unwrap();
    db.xdel("s", &[read[1].id]).unwrap();
    let again = Db::replay(
        &db.journal(),
        Options { threads: 0, clock: Clock::manual(START_MS), ..Options::default() },
    );
    let again = again.unwrap();
    let digest = |db: &Db| db.call(["DEBUG", "DIGEST"]).unwrap();
    assert_eq!(digest(&db), digest(&again));
    assert_eq!(db.xinfo_groups("s").unwrap(), again.xinfo_groups("s").unwrap());
    assert_eq!(db.xpending("s", "g").unwrap(), again.xpending("s", "g").unwrap());
}

#[test]
fn copies_and_long_results_live_on_their_own() {
    let db = db();
    fill(&db, "s", 1000);
    db.xgroup_create("s", "g", StreamId::MIN).unwrap();
    let read = db.xreadgroup("s", "g", "c", 0).unwrap();
    assert_eq!((read.len(), read[999].fields[0].1.to_vec()), (1000, b"1000".to_vec()));
    assert_eq!(db.call(["COPY", "s", "t"]).unwrap(), Reply::Int(1));
    let whole = db.run(op::XRange::new("s")).unwrap();
    db.xtrim("s", Trimming::to_length(10)).unwrap();
    db.xack("s", "g", &[id(1, 0)]).unwrap();
    assert_eq!(Vec::<tenondb::StreamEntry>::from(whole).len(), 1000);
    assert_eq!((db.xlen("t").unwrap(), db.xpending("t", "g").unwrap().count), (1000, 1000));
    assert_eq!(db.call(["XRANGE", "t", "-", "+"]).unwrap().as_list().unwrap().len(), 1000);
    assert_eq!(db.call(["TYPE", "t"]).unwrap().as_bytes(), Some(&b"stream"[..]));
    assert_eq!(db.call(["OBJECT", "ENCODING", "t"]).unwrap().as_bytes(), Some(&b"stream"[..]));
    let scanned = db.call(["SCAN", "0", "TYPE", "stream", "COUNT", "100"]).unwrap();
    assert_eq!(scanned.as_list().unwrap()[1].as_list().unwrap().len(), 2);
    for line in ["LPUSH t a", "SORT t", "GET t", "SADD t a"] {
        assert_eq!(db.call(line.split(' ')).unwrap_err().kind(), Kind::WrongType, "{line}");
    }
}
