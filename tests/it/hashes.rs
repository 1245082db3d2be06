//! Hashes, in every encoding, against a map of maps; their journal; their shapes and errors.
use crate::stage::{again, answers, ask, encodings, open, say, unrecorded, watched};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use tenondb::{Db, Hashes, Reply, resp::Conn};

type Fields = BTreeMap<Vec<u8>, Vec<u8>>;
type Model = BTreeMap<u8, Fields>;

#[derive(Clone, Debug)]
enum Op {
    Set { key: u8, pairs: Vec<(Vec<u8>, Vec<u8>)> },
    SetNew { key: u8, field: Vec<u8>, value: Vec<u8> },
    Remove { key: u8, fields: Vec<Vec<u8>>, get: bool },
    Count { key: u8, field: Vec<u8>, by: i64 },
    CountFractions { key: u8, field: Vec<u8>, by: i32 },
}

fn field() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => (0..6u8).prop_map(|x| vec![b'a' + x]),
        1 => Just(Vec::new()),
        1 => (1..100usize).prop_map(|len| vec![b'f'; len]),
    ]
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => any::<i16>().prop_map(|x| x.to_string().into_bytes()),
        2 => prop::collection::vec(any::<u8>(), 0..20),
        1 => (50..300usize).prop_map(|len| vec![b'v'; len]),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let key = || 0..2u8;
    let many = (0..700u32).prop_map(|i| (i.to_string().into_bytes(), b"x".to_vec()));
    let pairs = prop_oneof![
        9 => prop::collection::vec((field(), value()), 1..5),
        1 => prop::collection::vec(many, 300..600),
    ];
    let fields = || prop::collection::vec(field(), 1..4);
    prop_oneof![
        4 => (key(), pairs).prop_map(|(key, pairs)| Op::Set { key, pairs }),
        1 => (key(), field(), value()).prop_map(|(key, field, value)| Op::SetNew { key, field, value }),
        3 => (key(), fields(), any::<bool>()).prop_map(|(key, fields, get)| Op::Remove { key, fields, get }),
        2 => (key(), field(), any::<i64>()).prop_map(|(key, field, by)| Op::Count { key, field, by }),
        1 => (key(), field(), any::<i32>()).prop_map(|(key, field, by)| Op::CountFractions { key, field, by }),
    ]
}

fn int(text: &[u8]) -> Option<i64> {
    let int: i64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    (int.to_string().as_bytes() == text).then_some(int)
}

/// Runs an operation on both sides and compares what they say.
fn apply(db: &Db, model: &mut Model, op: Op) {
    match op {
        Op::Set { key, pairs } => {
            let hash = model.entry(key).or_default();
            let before = hash.len();
            hash.extend(pairs.iter().cloned());
            assert_eq!(db.hset([key], &pairs).unwrap(), (hash.len() - before) as u64);
        }
        Op::SetNew { key, field, value } => {
            let hash = model.entry(key).or_default();
            assert_eq!(db.hsetnx([key], &field, &value).unwrap(), !hash.contains_key(&field));
            hash.entry(field).or_insert(value);
        }
        Op::Remove { key, fields, get } => {
            let hash = model.entry(key).or_default();
            let old: Vec<Option<Vec<u8>>> = fields.iter().map(|field| hash.remove(field)).collect();
            if get {
                let got = db.hgetdel([key], &fields).unwrap();
                assert!(got.into_iter().map(|value| value.map(Vec::from)).eq(old));
            } else {
                assert_eq!(db.hdel([key], &fields).unwrap(), old.iter().flatten().count() as u64);
            }
        }
        Op::Count { key, field, by } => {
            let hash = model.entry(key).or_default();
            let old = hash.get(&field).map_or(Some(0), |text| int(text));
            match old.and_then(|old| old.checked_add(by)) {
                Some(sum) => {
                    hash.insert(field.clone(), sum.to_string().into_bytes());
                    assert_eq!(db.hincrby([key], &field, by).unwrap(), sum);
                }
                None => assert!(db.hincrby([key], &field, by).is_err()),
            }
        }
        Op::CountFractions { key, field, by } => {
            // Eighths and integers of 32 bits have no rounding.
            let hash = model.entry(key).or_default();
            let old = hash.get(&field).map_or(Some(0), |text| int(text));
            let Some(old) = old.filter(|old| old.unsigned_abs() < 1 << 40) else { return };
            let sum = (old as f64 + f64::from(by) / 8.0).to_string().into_bytes();
            let sum = if sum == b"-0" { b"0".to_vec() } else { sum };
            assert_eq!(db.hincrbyfloat([key], &field, f64::from(by) / 8.0).unwrap(), sum);
            hash.insert(field, sum);
        }
    }
    model.retain(|_, hash| !hash.is_empty());
}

fn check(db: &Db, model: &Model) {
    for key in 0..2u8 {
        let expected = model.get(&key).cloned().unwrap_or_default();
        assert_eq!(db.hlen([key]).unwrap(), expected.len() as u64);
        let all = db.hgetall([key]).unwrap();
        assert_eq!(all.len(), expected.len());
        assert!(all.iter().map(|(field, _)| field).eq(&db.hkeys([key]).unwrap()));
        assert!(all.iter().map(|(_, value)| value).eq(&db.hvals([key]).unwrap()));
        for (field, value) in &all {
            assert_eq!(expected.get(&field[..]).map(|v| &v[..]), Some(&value[..]));
        }
        for field in expected.keys().take(8).cloned().chain([b"none".to_vec()]) {
            let value = expected.get(&field);
            assert_eq!(db.hget([key], &field).unwrap().map(Vec::from).as_ref(), value);
            assert_eq!(db.hexists([key], &field).unwrap(), value.is_some());
            assert_eq!(db.hstrlen([key], &field).unwrap(), value.map_or(0, Vec::len) as u64);
            let several = db.hmget([key], &[&b"none"[..], &field]).unwrap();
            assert_eq!((several[0].clone(), several[1].clone().map(Vec::from).as_ref()), (None, value));
        }
        draws(db, key, &expected);
    }
}

fn draws(db: &Db, key: u8, expected: &Fields) {
    for count in [0, 1, 3, 300, 10_000] {
        let drawn = db.hrandfield([key], count).unwrap();
        let different: BTreeSet<_> = drawn.iter().map(|(field, _)| field.to_vec()).collect();
        assert_eq!((drawn.len(), different.len()), (expected.len().min(count as usize), drawn.len()));
        let repeated = db.hrandfield([key], -count).unwrap();
        assert_eq!(repeated.len(), if expected.is_empty() { 0 } else { count as usize });
        for (field, value) in drawn.iter().chain(&repeated) {
            assert_eq!(expected[&field[..]], value[..]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn they_behave_as_maps_and_their_journal_makes_them_again(
        ops in prop::collection::vec(op(), 1..30),
        encoding in 0..3usize,
    ) {
        let (db, options) = open(encodings()[encoding]);
        let mut model = Model::new();
        for op in ops {
            apply(&db, &mut model, op);
        }
        check(&db, &model);
        check(&again(&db, options), &model);
    }
}

#[test]
fn a_scan_shows_every_field_that_stays() {
    for encodings in encodings() {
        let (db, _) = open(encodings);
        let stay: Vec<(String, String)> = (0..3000).map(|i| (format!("stay:{i}"), i.to_string())).collect();
        db.hset("h", &stay).unwrap();
        let (mut cursor, mut seen, mut round) = (0, BTreeSet::new(), 0);
        loop {
            // A long part is read from a clone, a short one in place.
            let (next, page) = db.hscan("h", cursor, if round % 2 == 0 { 7 } else { 400 }).unwrap();
            seen.extend(page.iter().map(|(field, _)| field.to_vec()));
            db.hset("h", &[(format!("come:{round}"), "x")]).unwrap();
            db.hdel("h", &[format!("come:{}", round / 2)]).unwrap();
            (cursor, round) = (next, round + 1);
            if cursor == 0 {
                break;
            }
        }
        assert!(stay.iter().all(|(field, _)| seen.contains(field.as_bytes())));
    }
}

/// What changed nothing leaves no trace in the journal, and an emptied hash is gone.
#[test]
fn what_changes_nothing_is_not_recorded() {
    let (db, _) = open(tenondb::Encodings::default());
    db.hset("h", &[("a", "1"), ("t", "text")]).unwrap();
    db.call(["SET", "s", "1"]).unwrap();
    unrecorded(
        &db,
        &[
            "HSETNX h a 2",
            "HDEL h none",
            "HDEL none a",
            "HGETDEL h FIELDS 1 none",
            "HGETDEL none FIELDS 2 a b",
            "HINCRBY h t 1",
            "HINCRBYFLOAT h t 1",
            "HINCRBY s a 1",
            "HSET s a 1",
            "HGETALL h",
        ],
    );
    let mut conn = Conn::new(&db);
    assert_eq!(say(&mut conn, "HDEL h a t"), ":2\r\n");
    assert_eq!(say(&mut conn, "GET h"), "$-1\r\n");
}

/// A watch notices changes, and only those.
#[test]
fn a_watch_notices_changes_only() {
    let (db, _) = open(tenondb::Encodings::default());
    db.hset("h", &[("a", "1"), ("t", "text")]).unwrap();
    watched(
        &db,
        "h",
        &[
            ("HSETNX h a 2", true),
            ("HDEL h none", true),
            ("HGETDEL h FIELDS 1 none", true),
            ("HINCRBY h t 1", true),
            ("HGETALL h", true),
            ("HSET h a 1", false),
            ("HSETNX h b 2", false),
            ("HINCRBY h a 1", false),
            ("HINCRBYFLOAT h a 1", false),
            ("HGETDEL h FIELDS 1 b", false),
        ],
    );
}

#[test]
fn errors_come_in_redis_order() {
    let db = Db::memory();
    let mut conn = Conn::new(&db);
    for line in ["SET s x", "HSET h a 1 t text max 9223372036854775807"] {
        say(&mut conn, line);
    }
    const WRONG: &str = "-WRONGTYPE Operation against a key holding the wrong kind of value";
    answers(
        &db,
        &[
            ("HSET s a", "-ERR wrong number of arguments for 'hset' command"),
            ("HSET s a 1 b", "-ERR wrong number of arguments for 'hset' command"),
            ("HMSET s a 1 b", "-ERR wrong number of arguments for 'hmset' command"),
            ("HINCRBY s a x", "-ERR value is not an integer or out of range"),
            ("HINCRBY s a 1", WRONG),
            ("HINCRBY h t 1", "-ERR hash value is not an integer"),
            ("HINCRBY h max 1", "-ERR increment or decrement would overflow"),
            ("HINCRBYFLOAT s a x", "-ERR value is not a valid float"),
            ("HINCRBYFLOAT s a inf", "-ERR value is NaN or Infinity"),
            ("HINCRBYFLOAT s a 1", WRONG),
            ("HINCRBYFLOAT h t 1", "-ERR hash value is not a float"),
            ("HRANDFIELD s x", "-ERR value is not an integer or out of range"),
            ("HRANDFIELD s 1 x", "-ERR syntax error"),
            ("HRANDFIELD s 4611686018427387904 WITHVALUES", "-ERR value is out of range"),
            ("HRANDFIELD s 1", WRONG),
            ("HRANDFIELD h -9223372036854775807", "-ERR value is out of range"),
            ("HGETDEL s FIELD 1 a", "-ERR syntax error"),
            ("HGETDEL s FIELDS x a", "-ERR value is not an integer or out of range"),
            ("HGETDEL s FIELDS 1 a", WRONG),
            ("HSCAN s x", "-ERR invalid cursor"),
            ("HSCAN s 0 COUNT 0", WRONG),
            ("HSCAN h 0 COUNT 0", "-ERR syntax error"),
            ("HSCAN none 0 COUNT 0", "*2 $1 0 *0"),
            ("HSCAN h 0 NOSCORES", "-ERR NOSCORES option can only be used in ZSCAN"),
        ],
    );
    let wanted = "-ERR numfields should be greater than 0 and match the provided number of fields";
    for numbers in ["0 a", "2 a", "1 a b", "-1 a"] {
        assert_eq!(ask(&mut conn, &format!("HGETDEL h FIELDS {numbers}")), wanted);
    }
}

#[test]
fn replies_have_the_shapes_of_their_protocol() {
    let db = Db::memory();
    let mut conn = Conn::new(&db);
    say(&mut conn, "HSET h a 1");
    for (line, two, three) in [
        ("HGETALL h", "*2 $1 a $1 1", "%1 $1 a $1 1"),
        ("HGETALL none", "*0", "%0"),
        ("HKEYS h", "*1 $1 a", "*1 $1 a"),
        ("HGET h none", "$-1", "_"),
        ("HMGET none a", "*1 $-1", "*1 _"),
        ("HRANDFIELD none", "$-1", "_"),
        ("HRANDFIELD none 2", "*0", "*0"),
        ("HRANDFIELD h 2 WITHVALUES", "*2 $1 a $1 1", "*1 *2 $1 a $1 1"),
        ("HRANDFIELD h -2", "*2 $1 a $1 a", "*2 $1 a $1 a"),
        ("HSCAN h 0", "*2 $1 0 *2 $1 a $1 1", "*2 $1 0 *2 $1 a $1 1"),
        ("HSCAN h 0 NOVALUES MATCH [a]", "*2 $1 0 *1 $1 a", "*2 $1 0 *1 $1 a"),
        ("HSCAN h 0 MATCH b", "*2 $1 0 *0", "*2 $1 0 *0"),
    ] {
        assert_eq!(ask(&mut conn, line), two, "{line}");
        let list = db.call(line.split(' ')).unwrap();
        match three.as_bytes()[0] {
            b'%' => assert!(matches!(list, Reply::Map(_)), "{line}"),
            b'*' => assert_eq!(list.as_list().map(<[Reply]>::len), three[1..2].parse().ok(), "{line}"),
            _ => assert_eq!(list, Reply::Nil, "{line}"),
        }
    }
}

/// Long results go another way than short ones: they are what the hash was at that moment.
#[test]
fn a_long_result_is_what_the_hash_was_at_that_moment() {
    for encodings in encodings() {
        let (db, _) = open(encodings);
        let all: Vec<(String, String)> = (0..1000).map(|i| (format!("f{i}"), i.to_string())).collect();
        db.hset("h", &all).unwrap();
        let mut batch = db.batch();
        batch
            .call(["HGETALL", "h"])
            .call(["HSCAN", "h", "0", "COUNT", "2000"])
            .call(["HRANDFIELD", "h", "-5000", "WITHVALUES"])
            .call(["DEL", "h"]);
        let replies = batch.run().unwrap();
        let Reply::Map(pairs) = &replies[0] else { panic!("{:?}", replies[0]) };
        assert_eq!(pairs.len(), 1000);
        let text = |reply: &Reply| String::from_utf8(reply.as_bytes().unwrap().to_vec()).unwrap();
        assert!(pairs.iter().all(|(field, value)| text(field) == format!("f{}", text(value))));
        let page = replies[1].as_list().unwrap();
        assert_eq!((text(&page[0]), page[1].as_list().unwrap().len()), ("0".to_string(), 2000));
        assert_eq!(replies[2].as_list().unwrap().len(), 5000);
        assert_eq!(db.hlen("h").unwrap(), 0);
    }
}
