//! Strings against a map; their journal; their forms, shapes and errors.
use proptest::prelude::*;
use std::collections::BTreeMap;
use tenondb::{Bytes, Db, Keys, Options, Reply, Run, Strings, op, resp::Conn};

fn open() -> (Db, Options) {
    let clock = tenondb::Clock::manual(1_000_000);
    let options = Options { threads: 0, stripes: 2, journal: true, clock, ..Options::default() };
    (Db::with(options.clone()), options)
}

fn told(db: &Db, line: &str) -> String {
    match db.call(line.split(' ')) {
        Ok(reply) => format!("{reply:?}"),
        Err(error) => error.to_string(),
    }
}

fn say(conn: &mut Conn, line: &str) -> String {
    conn.feed(format!("{line}\r\n").as_bytes());
    String::from_utf8(conn.take_output()).unwrap()
}

type Model = BTreeMap<u8, Vec<u8>>;

#[derive(Clone, Debug)]
enum Op {
    Set(u8, Vec<u8>),
    SetNx(u8, Vec<u8>),
    SetIfEqual(u8, Vec<u8>, Vec<u8>),
    GetSet(u8, Vec<u8>),
    GetDel(u8),
    DelIfEq(u8, Vec<u8>),
    Append(u8, Vec<u8>),
    SetRange(u8, usize, Vec<u8>),
    Count(u8, i64),
    MSetNx(Vec<(u8, Vec<u8>)>),
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => (0..3u8).prop_map(|x| vec![b'a' + x]),
        3 => any::<i64>().prop_map(|x| (x >> (x & 63)).to_string().into_bytes()),
        2 => prop::collection::vec(any::<u8>(), 0..60),
        1 => (1000..1100usize).prop_map(|len| vec![b'x'; len]),
        1 => (5_000..40_000usize).prop_map(|len| vec![b'y'; len]),
    ]
}

fn operation() -> impl Strategy<Value = Op> {
    let key = || 0..4u8;
    let offset = prop_oneof![4 => 0..30usize, 1 => 900..1200usize];
    prop_oneof![
        3 => (key(), value()).prop_map(|(key, value)| Op::Set(key, value)),
        1 => (key(), value()).prop_map(|(key, value)| Op::SetNx(key, value)),
        1 => (key(), value(), value()).prop_map(|(key, old, new)| Op::SetIfEqual(key, old, new)),
        1 => (key(), value()).prop_map(|(key, value)| Op::GetSet(key, value)),
        1 => key().prop_map(Op::GetDel),
        1 => (key(), value()).prop_map(|(key, value)| Op::DelIfEq(key, value)),
        4 => (key(), value()).prop_map(|(key, value)| Op::Append(key, value)),
        4 => (key(), offset, value()).prop_map(|(key, offset, value)| Op::SetRange(key, offset, value)),
        3 => (key(), any::<i64>()).prop_map(|(key, by)| Op::Count(key, by >> (by & 63))),
        1 => prop::collection::vec((key(), value()), 1..3).prop_map(Op::MSetNx),
    ]
}

fn same(found: Option<Bytes>, expected: Option<&Vec<u8>>) {
    assert_eq!(found.as_deref(), expected.map(Vec::as_slice));
}

/// Runs an operation on both sides and compares what they say.
fn apply(db: &Db, model: &mut Model, op: Op) {
    match op {
        Op::Set(key, value) => {
            db.set([key], &value).unwrap();
            model.insert(key, value);
        }
        Op::SetNx(key, value) => {
            assert_eq!(db.setnx([key], &value).unwrap(), !model.contains_key(&key));
            model.entry(key).or_insert(value);
        }
        Op::SetIfEqual(key, old, new) => {
            let equal = model.get(&key) == Some(&old);
            let done = db.run(op::Set::new(&[key], &new).only_if_equal(&old).returning_old()).unwrap();
            assert_eq!(done.set, equal);
            same(done.old, model.get(&key));
            if equal {
                model.insert(key, new);
            }
        }
        Op::GetSet(key, value) => {
            same(db.getset([key], &value).unwrap(), model.get(&key));
            model.insert(key, value);
        }
        Op::GetDel(key) => same(db.getdel([key]).unwrap(), model.remove(&key).as_ref()),
        Op::DelIfEq(key, value) => {
            let equal = model.get(&key) == Some(&value);
            assert_eq!(db.delifeq([key], &value).unwrap(), equal);
            if equal {
                model.remove(&key);
            }
        }
        Op::Append(key, value) => {
            let expected = model.entry(key).or_default();
            expected.extend(&value);
            assert_eq!(db.append([key], &value).unwrap(), expected.len() as u64);
        }
        Op::SetRange(key, offset, value) => {
            if !value.is_empty() {
                let expected = model.entry(key).or_default();
                expected.resize(expected.len().max(offset + value.len()), 0);
                expected[offset..offset + value.len()].copy_from_slice(&value);
            }
            let len = model.get(&key).map_or(0, Vec::len);
            assert_eq!(db.setrange([key], offset, &value).unwrap(), len as u64);
        }
        Op::Count(key, by) => {
            let text = model.get(&key).map_or("0", |text| std::str::from_utf8(text).unwrap_or("none"));
            let plain = |n: &i64| n.to_string() == text;
            let new = text.parse().ok().filter(plain).and_then(|old| old.checked_add(by));
            assert_eq!(db.incrby([key], by).ok(), new);
            if let Some(new) = new {
                model.insert(key, new.to_string().into_bytes());
            }
        }
        Op::MSetNx(pairs) => {
            let free = !pairs.iter().any(|(key, _)| model.contains_key(key));
            let named: Vec<([u8; 1], Vec<u8>)> = pairs.iter().map(|(k, v)| ([*k], v.clone())).collect();
            assert_eq!(db.msetnx(&named).unwrap(), free);
            if free {
                model.extend(pairs);
            }
        }
    }
}

fn check(db: &Db, model: &Model) {
    for key in 0..4u8 {
        let (found, expected) = (db.get([key]).unwrap(), model.get(&key));
        same(found, expected);
        let empty = Vec::new();
        let expected = expected.unwrap_or(&empty);
        assert_eq!(db.strlen([key]).unwrap(), expected.len() as u64);
        let middle = db.getrange([key], 3, -4).unwrap();
        assert_eq!(middle, expected.get(3..expected.len().saturating_sub(3)).unwrap_or_default());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn strings_behave_as_a_map(ops in prop::collection::vec(operation(), 1..60)) {
        let (db, options) = open();
        let mut model = Model::new();
        for op in ops {
            apply(&db, &mut model, op);
        }
        check(&db, &model);
        check(&Db::replay(&db.journal(), options).unwrap(), &model);
    }
}

#[test]
fn times_to_live_come_go_and_stay_as_the_options_say() {
    let (db, options) = open();
    db.setex("short", 10, "v").unwrap();
    db.run(op::Set::new("short", "w").keep_ttl()).unwrap();
    assert_eq!(db.pttl("short").unwrap().time(), Some(10_000));
    assert_eq!(db.getex("short", 5_000).unwrap().unwrap(), "w");
    db.psetex("gone", 1, "v").unwrap();
    db.set("past", "v").unwrap();
    assert_eq!(told(&db, "GETEX past EXAT 1"), r#"Bytes(b"v")"#);
    assert_eq!(told(&db, "MSETEX 2 a 1 b 2 NX PX 700"), "Int(1)");
    assert_eq!(told(&db, "MSETEX 2 b 1 c 2 NX"), "Int(0)");
    assert_eq!(told(&db, "MSETEX 2 a 3 b 4 XX KEEPTTL"), "Int(1)");
    db.setex("kept", 10, "v").unwrap();
    db.run(op::GetEx::new("kept").persist()).unwrap();
    db.setex("number", 100, "1.5").unwrap();
    assert_eq!(db.incrbyfloat("number", 0.1).unwrap(), "1.6");
    db.setex("count", 100, "7").unwrap();
    assert_eq!((db.incr("count").unwrap(), db.append("count", "1").unwrap()), (8, 2));
    db.setex("cleared", 10, "v").unwrap();
    assert_eq!(db.getset("cleared", "w").unwrap().unwrap(), "v");
    db.clock().advance_ms(600);
    let replayed = Db::replay(&db.journal(), options).unwrap();
    replayed.clock().advance_ms(600);
    for db in [db, replayed] {
        let left = |key: &str| told(&db, &format!("PTTL {key}"));
        let all = ["short", "gone", "past", "a", "b", "kept", "number", "count", "cleared"].map(left);
        let expected = [4400, -2, -2, 100, 100, -1, 99_400, 99_400, -1].map(|ms| format!("Int({ms})"));
        assert_eq!(all, expected);
        assert_eq!(
            (told(&db, "GET a"), told(&db, "GET count")),
            ("Bytes(b\"3\")".into(), "Bytes(b\"81\")".into())
        );
        db.clock().advance_ms(100);
        assert_eq!(db.exists(&["a", "b", "short"]).unwrap(), 1);
    }
}

#[test]
fn what_changes_nothing_is_no_change_and_leaves_no_trace() {
    let db = Db::with(Options { journal: true, threads: 0, ..Options::default() });
    db.set("k", "v").unwrap();
    db.set("n", "9223372036854775807").unwrap();
    let steps = db.journal().len();
    let mut conn = Conn::new(&db);
    for idle in [
        "SETNX k w",
        "SET k w NX",
        "SET k w IFEQ no",
        "SETRANGE k 5 ",
        "DELIFEQ k no",
        "MSETNX a 1 k 2",
        "GETEX k",
        "GETEX k PERSIST",
        "INCR n",
        "INCR k",
        "INCRBYFLOAT k 1",
        "APPEND",
        "MSETEX 2 k 1 a 2 NX",
        "PERSIST k",
        "RENAME k k",
        "RENAMENX k n",
        "COPY k n",
        "EXPIRE k 10 XX",
        "DEL none",
        "SORT none STORE none2",
        "SWAPDB 0 0",
    ] {
        for line in ["WATCH k n", "MULTI", "GET k"] {
            say(&mut conn, line);
        }
        told(&db, idle);
        assert_eq!(say(&mut conn, "EXEC"), "*1\r\n$1\r\nv\r\n", "{idle}");
        assert_eq!(db.journal().len(), steps, "{idle}");
    }
}

#[test]
fn forms_are_those_that_redis_shows() {
    let db = Db::memory();
    let long = "x".repeat(45);
    for (line, encoding) in [
        ("SET k 12", "int"),
        ("APPEND k 3", "raw"),
        ("INCR k", "int"),
        ("SETRANGE k 0 7", "raw"),
        ("SET k abc", "embstr"),
        (&format!("SET k {long}"), "raw"),
        ("INCRBYFLOAT f 1.5", "embstr"),
        ("INCRBYFLOAT f 0.5", "embstr"),
        ("APPEND new 12", "int"),
        ("APPEND new2 ab", "embstr"),
        ("SETRANGE new3 1 ab", "raw"),
        ("SET k 9223372036854775808", "embstr"),
    ] {
        told(&db, line);
        let key = line.split(' ').nth(1).unwrap();
        assert_eq!(db.object_encoding(key).unwrap(), Some(encoding), "{line}");
    }
}

#[test]
fn a_long_string_is_shared_until_it_is_changed() {
    let db = Db::memory();
    let long = vec![b'x'; 100_000];
    db.set("a", &long).unwrap();
    let part = db.getrange("a", 10, 50_000).unwrap();
    assert!(db.copy("a", "b").unwrap());
    db.append("b", "more").unwrap();
    db.setrange("a", 0, "y").unwrap();
    assert_eq!((part.len(), part.iter().all(|byte| *byte == b'x')), (49_991, true));
    assert_eq!((db.strlen("a").unwrap(), db.strlen("b").unwrap()), (100_000, 100_004));
    assert_eq!(db.getrange("b", 0, 0).unwrap(), "x");
    assert_eq!(db.getrange("a", 0, 0).unwrap(), "y");
}

#[test]
fn errors_are_redis_own() {
    let db = Db::memory();
    db.call(["RPUSH", "list", "a"]).unwrap();
    db.set("text", "abc").unwrap();
    db.set("most", "9223372036854775807").unwrap();
    const WRONG: &str = "WRONGTYPE Operation against a key holding the wrong kind of value";
    const INT: &str = "ERR value is not an integer or out of range";
    const LONG: &str = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
    for (line, text) in [
        ("GET list", WRONG),
        ("SET list v GET", WRONG),
        ("SET list v IFEQ a", WRONG),
        ("SET k v NX XX", "ERR syntax error"),
        ("SET k v EX ten FOO", "ERR syntax error"),
        ("SET k v EX ten", INT),
        ("SET k v EX 0", "ERR invalid expire time in 'set' command"),
        ("SET k v PX 9223372036854775807", "ERR invalid expire time in 'set' command"),
        ("SETEX k 0 v", "ERR invalid expire time in 'setex' command"),
        ("GETEX list EX 0", "ERR invalid expire time in 'getex' command"),
        ("GETEX list EX 1", WRONG),
        ("APPEND list x", WRONG),
        ("SETRANGE list -1 x", "ERR offset is out of range"),
        ("SETRANGE text 536870912 x", LONG),
        ("SETRANGE none 9223372036854775807 x", LONG),
        ("GETRANGE list a 1", INT),
        ("INCR text", INT),
        ("INCR most", "ERR increment or decrement would overflow"),
        ("INCRBY list ten", INT),
        ("DECRBY most -9223372036854775808", "ERR decrement would overflow"),
        ("INCRBYFLOAT list ten", WRONG),
        ("INCRBYFLOAT most ten", "ERR value is not a valid float"),
        ("INCRBYFLOAT most inf", "ERR increment would produce NaN or Infinity"),
        ("MSET a 1 b", "ERR wrong number of arguments for 'mset' command"),
        ("MSETEX 0 a 1", "ERR invalid numkeys value or out of range"),
        ("MSETEX 2 a 1", "ERR syntax error"),
        ("LCS list text FOO", "ERR The specified keys must contain string values"),
        ("LCS text text IDX LEN", "ERR If you want both the length and indexes, please just use IDX."),
    ] {
        assert_eq!(told(&db, line), text, "{line}");
    }
    assert_eq!(db.dbsize().unwrap(), 3);
    db.set("a", vec![b'a'; 20_000]).unwrap();
    db.set("b", vec![b'a'; 6_711]).unwrap();
    let error = db.lcs("a", "b").unwrap_err().to_string();
    assert_eq!(error, "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
    assert!(db.move_to("a", 16).is_err() && db.swapdb(0, 16).is_err());
}

#[test]
fn replies_have_redis_shapes_under_both_protocols() {
    let db = Db::memory();
    db.mset(&[("a", "ohmytext"), ("b", "mynewtext")]).unwrap();
    let mut conn = Conn::new(&db);
    let matches = "*2\r\n*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n:4\r\n*3\r\n*2\r\n:2\r\n:3\r\n*2\r\n:0\r\n:1\r\n:2\r\n";
    let rest = format!("$7\r\nmatches\r\n{matches}$3\r\nlen\r\n:6\r\n");
    assert_eq!(say(&mut conn, "LCS a b IDX WITHMATCHLEN"), format!("*4\r\n{rest}"));
    assert_eq!(say(&mut conn, "MGET a none"), "*2\r\n$8\r\nohmytext\r\n$-1\r\n");
    say(&mut conn, "HELLO 3");
    assert_eq!(say(&mut conn, "LCS a b IDX WITHMATCHLEN"), format!("%2\r\n{rest}"));
    assert_eq!(say(&mut conn, "MGET a none"), "*2\r\n$8\r\nohmytext\r\n_\r\n");
    assert_eq!(say(&mut conn, "INCRBYFLOAT f 0.1"), "$3\r\n0.1\r\n");
    let common = db.run(op::Lcs::new("a", "b")).unwrap();
    assert_eq!((common.len(), common.text().to_vec()), (6, b"mytext".to_vec()));
    assert_eq!(db.call(["LCS", "a", "b", "LEN"]).unwrap(), Reply::Int(6));
}
