//! DUMP and RESTORE: what comes back, what is refused, what is logged and said of it.
use crate::stage::{again, answers, encodings, open};
use std::{fs, path::Path};
use tenondb::{
    Clock, Db, Encodings, EventClasses, Hashes, Keys, Kind, Lists, Options, Run, SortedSets, Strings,
    op::{ObjectIdleTime, Restore},
};

const NOW_MS: u64 = 1_700_000_000_000;

fn at_noon() -> Db {
    Db::with(Options { clock: Clock::manual(NOW_MS), threads: 0, seed: Some(1), ..Options::default() })
}

fn digest(db: &Db, key: &str) -> String {
    let reply = db.call(["DEBUG", "DIGEST-VALUE", key]).unwrap();
    reply.as_list().unwrap()[0].as_bytes().unwrap().escape_ascii().to_string()
}

/// The words of RESTORE with some payload.
fn words<'a>(key: &'a str, ttl: &'a str, payload: &'a [u8], options: &'a str) -> Vec<&'a [u8]> {
    let head: [&[u8]; 4] = [b"RESTORE", key.as_bytes(), ttl.as_bytes(), payload];
    head.into_iter().chain(options.split_whitespace().map(str::as_bytes)).collect()
}

fn refused(db: &Db, words: &[&[u8]]) -> String {
    db.call(words).unwrap_err().to_string()
}

#[test]
fn every_type_comes_back_under_all_limits() {
    for encodings in encodings() {
        let (db, options) = open(encodings);
        for line in [
            "SET string text",
            "SET int -70000",
            "RPUSH list a 1 b",
            "SADD set a b 1",
            "SADD ints 1 2 70000",
            "ZADD zset 1.5 a -inf b 3 c",
            "HSET hash a 1 b text",
            "XADD stream 5-1 a 1 b 2",
            "XADD stream 6-1 a 1",
            "XDEL stream 5-1",
            "XGROUP CREATE stream g 0",
            "XREADGROUP GROUP g c STREAMS stream >",
        ] {
            db.call(line.split(' ')).unwrap();
        }
        db.set("long", "x".repeat(100_000)).unwrap();
        for n in 0..1000 {
            db.rpush("longlist", &[format!("entry {n}")]).unwrap();
            db.zadd("bigzset", f64::from(n), format!("member {n}")).unwrap();
            db.hset("bighash", &[(format!("field {n}"), "value")]).unwrap();
        }
        for key in [
            "string", "int", "list", "set", "ints", "zset", "hash", "stream", "long", "longlist", "bigzset",
            "bighash",
        ] {
            let payload = db.dump(key).unwrap().unwrap();
            let by_words = db.call(["DUMP", key]).unwrap();
            assert_eq!(
                by_words.as_bytes(),
                Some(&payload[..]),
                "{key}: also when it is written after the unlock"
            );
            let copy = format!("copy:{key}");
            db.restore(&copy, &payload).unwrap();
            assert_eq!(digest(&db, &copy), digest(&db, key), "{key}");
            assert_eq!(db.object_encoding(&copy).unwrap(), db.object_encoding(key).unwrap(), "{key}");
        }
        assert_eq!(db.dump("absent").unwrap(), None);
        assert_eq!(digest(&again(&db, options), "copy:stream"), digest(&db, "stream"));
    }
}

#[test]
fn a_payload_is_taken_from_one_database_to_another_with_other_limits() {
    let (source, _) = open(Encodings::NEVER_COMPACT);
    source.hset("h", &[("f", "v")]).unwrap();
    assert_eq!(source.object_encoding("h").unwrap(), Some("hashtable"));
    let target = Db::memory();
    target.restore("h", source.dump("h").unwrap().unwrap()).unwrap();
    assert_eq!(target.object_encoding("h").unwrap(), Some("listpack"));
    source.restore("back", target.dump("h").unwrap().unwrap()).unwrap();
    assert_eq!(source.object_encoding("back").unwrap(), Some("hashtable"));
}

#[test]
fn what_is_wrong_is_said_in_the_order_of_redis() {
    let db = at_noon();
    db.set("taken", "x").unwrap();
    let good = db.dump("taken").unwrap().unwrap().to_vec();
    let mut bad = good.clone();
    bad[1] ^= 1;
    for (words, text) in [
        (words("taken", "x", &bad, "FOO"), "ERR syntax error"),
        (words("taken", "x", &bad, "IDLETIME x"), "ERR value is not an integer or out of range"),
        (words("taken", "x", &bad, "IDLETIME -1"), "ERR Invalid IDLETIME value, must be >= 0"),
        (words("taken", "x", &bad, "FREQ -1"), "ERR Invalid FREQ value, must be >= 0 and <= 255"),
        (words("taken", "x", &bad, "FREQ 256"), "ERR Invalid FREQ value, must be >= 0 and <= 255"),
        (words("taken", "x", &bad, "FREQ 1 IDLETIME 1"), "ERR syntax error"),
        (words("taken", "x", &bad, "IDLETIME 1 FREQ 1"), "ERR syntax error"),
        (words("taken", "x", &bad, "IDLETIME"), "ERR syntax error"),
        (words("taken", "x", &bad, ""), "BUSYKEY Target key name already exists."),
        (words("taken", "x", &bad, "REPLACE"), "ERR value is not an integer or out of range"),
        (words("taken", "-1", &bad, "REPLACE"), "ERR Invalid TTL value, must be >= 0"),
        (words("taken", "0", &bad, "REPLACE"), "ERR DUMP payload version or checksum are wrong"),
        (words("free", "0", b"", ""), "ERR DUMP payload version or checksum are wrong"),
    ] {
        assert_eq!(refused(&db, &words), text, "{words:?}");
    }
    assert_eq!(db.get("taken").unwrap().unwrap(), "x");
    // A module's value: its type is nobody's here.
    let module = b"\x07\x81\x00\x00\x00\x00\x00\x00\x00\x00\x00\x0a\x00";
    let payload = [&module[..], &crc(module)].concat();
    assert_eq!(refused(&db, &words("free", "0", &payload, "")), "ERR Bad data format");
    assert_eq!(db.restore("taken", &good).unwrap_err().kind(), Kind::Conflict);
    assert_eq!(db.restore("free", "junk").unwrap_err().kind(), Kind::Command);
    assert_eq!(db.exists(&["free"]).unwrap(), 0);
}

/// The checksum of a payload, bit by bit.
fn crc(bytes: &[u8]) -> [u8; 8] {
    let polynomial = 0xad93_d235_94c9_35a9u64.reverse_bits();
    let crc = bytes.iter().fold(0u64, |crc, byte| {
        let crc = crc ^ u64::from(*byte);
        (0..8).fold(crc, |crc, _| if crc & 1 == 1 { crc >> 1 ^ polynomial } else { crc >> 1 })
    });
    crc.to_le_bytes()
}

#[test]
fn times_are_counted_from_now_or_are_moments() {
    let db = at_noon();
    db.set("k", "v").unwrap();
    let payload = db.dump("k").unwrap().unwrap().to_vec();
    let at = |options: &str, ttl: &str| {
        db.call(words("k", ttl, &payload, &format!("REPLACE {options}"))).unwrap();
        db.call(["PEXPIRETIME", "k"]).unwrap().as_int().unwrap()
    };
    assert_eq!(at("", "0"), -1);
    assert_eq!(at("ABSTTL", "0"), -1);
    assert_eq!(at("", "5000"), NOW_MS as i64 + 5000);
    assert_eq!(at("ABSTTL", &(NOW_MS + 1).to_string()), NOW_MS as i64 + 1);
    // What is over is not there; and neither is what was.
    assert_eq!(at("ABSTTL", &NOW_MS.to_string()), -2);
    assert_eq!(at("ABSTTL", "1"), -2);
    db.set("k", "v").unwrap();
    assert_eq!(at("", &i64::MAX.to_string()), -2, "round the corner, as in Redis");
    db.run(Restore::new("k", &payload).expire_in_ms(7)).unwrap();
    assert_eq!(db.call(["PTTL", "k"]).unwrap().as_int(), Some(7));
    db.run(Restore::new("k", &payload).replacing().expire_at_ms(NOW_MS + 9)).unwrap();
    assert_eq!(db.call(["PTTL", "k"]).unwrap().as_int(), Some(9));
}

#[test]
fn idle_times_are_kept() {
    let db = at_noon();
    db.set("k", "v").unwrap();
    let payload = db.dump("k").unwrap().unwrap();
    let idle = || db.run(ObjectIdleTime::new("k")).unwrap();
    for (said, kept) in [(0, 0), (1, 1), (5000, 5000), (1 << 23, 1 << 23), (u64::MAX, 0xff_ffff)] {
        db.run(Restore::new("k", &payload).replacing().idle_for(said)).unwrap();
        assert_eq!(idle(), Some(kept), "{said}");
    }
    db.call(words("k", "0", &payload, "REPLACE FREQ 200")).unwrap();
    assert_eq!(idle(), Some(0));
}

#[test]
fn the_log_has_moments_and_what_was_removed() {
    let (db, options) = open(Encodings::default());
    db.rpush("list", &["a", "b"]).unwrap();
    let payload = db.dump("list").unwrap().unwrap().to_vec();
    let steps = |words: Vec<&[u8]>| {
        let before = db.journal().len();
        db.call(words).unwrap();
        db.journal().len() - before
    };
    assert_eq!(steps(words("a", "90000", &payload, "IDLETIME 7")), 1);
    assert_eq!(steps(words("b", "0", &payload, "")), 1);
    assert_eq!(steps(words("c", "1", &payload, "ABSTTL")), 0, "over already, and nothing was there");
    assert_eq!(steps(words("b", "1", &payload, "REPLACE ABSTTL")), 1, "what was there has gone");
    let replayed = again(&db, options);
    let all = |db: &Db| db.call(["DEBUG", "DIGEST"]).unwrap();
    assert_eq!(all(&replayed), all(&db));
    assert_eq!(replayed.exists(&["a", "b", "c"]).unwrap(), 1);
}

#[test]
fn events_tell_of_it_and_watchers_notice() {
    let db = at_noon();
    db.configure(|settings| settings.notify_keyspace_events = EventClasses::parse(b"EAnoc").unwrap());
    db.set("k", "v").unwrap();
    let payload = db.dump("k").unwrap().unwrap().to_vec();
    db.rpush("list", &["x"]).unwrap();
    let events = db.psubscribe(["__keyevent@*"]);
    let said = |words: Vec<&[u8]>| {
        db.call(words).unwrap();
        let mut all = Vec::new();
        while let Some(message) = events.try_recv().unwrap() {
            let channel = String::from_utf8_lossy(message.channel()).into_owned();
            all.push(channel.rsplit(':').next().unwrap().to_owned());
        }
        all.join(" ")
    };
    assert_eq!(said(words("a", "0", &payload, "")), "new restore");
    assert_eq!(said(words("a", "0", &payload, "REPLACE")), "new restore overwritten");
    assert_eq!(said(words("list", "100", &payload, "REPLACE")), "new restore overwritten type_changed");
    assert_eq!(said(words("a", "1", &payload, "REPLACE ABSTTL")), "del");
    assert_eq!(said(words("a", "1", &payload, "REPLACE ABSTTL")), "");
    let quoted: String = payload.iter().map(|byte| format!("\\x{byte:02x}")).collect();
    let restore = format!("RESTORE k 0 \"{quoted}\" REPLACE");
    crate::stage::watched(&db, "k", &[("GET k", true), (&restore, false), ("RESTORE k 0 x", true)]);
    answers(&db, &[(&restore, "+OK"), ("GET k", "$1 v")]);
}

#[test]
fn inside_a_transaction_and_a_batch() {
    let db = Db::memory();
    db.rpush("list", &["a", "b"]).unwrap();
    let payload = db
        .transaction(|tx| {
            tx.rpush("list", &["c"])?;
            let payload = tx.dump("list")?.unwrap();
            tx.restore("copy", &payload)?;
            Ok::<_, tenondb::Error>(payload)
        })
        .unwrap();
    assert_eq!(db.lrange("copy", 0, -1).unwrap().len(), 3);
    let mut batch = db.batch();
    batch.call(words("more", "0", &payload, "")).call(["DUMP", "more"]).call(["LLEN", "more"]);
    let replies = batch.run().unwrap();
    assert_eq!((replies[1].as_bytes(), replies[2].as_int()), (Some(&payload[..]), Some(3)));
    assert!(db.transaction(|tx| tx.restore("copy", &payload)).is_err());
}

/// Payloads of real servers; `fuzz/seeds/restore` has them for the fuzzer, too.
#[test]
fn payloads_of_servers_are_restored() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/restore");
    let db = Db::memory();
    let mut count = 0;
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let (name, payload) = (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap());
        // The fuzzer's own byte comes first.
        db.restore(&name, &payload[1..]).unwrap_or_else(|error| panic!("{name}: {error}"));
        db.restore(format!("{name}:copy"), db.dump(&name).unwrap().unwrap()).unwrap();
        assert_eq!(digest(&db, &name), digest(&db, &format!("{name}:copy")), "{name}");
        count += 1;
    }
    assert!(count > 30, "{count} payloads");
}
