//! Sets, in every encoding, against a map of sets; their journal; their shapes and errors.
use crate::stage::{again, answers, encodings, open, say, unrecorded, watched};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use tenondb::{Bytes, Db, Encodings, Reply, Sets, resp::Conn};

type Members = BTreeSet<Vec<u8>>;
type Model = BTreeMap<u8, Members>;
const KEYS: u8 = 4;

#[derive(Clone, Copy, Debug)]
enum Algebra {
    Inter,
    Union,
    Diff,
}

#[derive(Clone, Debug)]
enum Op {
    Add { key: u8, members: Vec<Vec<u8>> },
    Remove { key: u8, members: Vec<Vec<u8>> },
    Move { source: u8, target: u8, member: Vec<u8> },
    Pop { key: u8, count: u64 },
    Store { algebra: Algebra, target: u8, keys: Vec<u8> },
}

fn member() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => (-3..9i32).prop_map(|x| x.to_string().into_bytes()),
        3 => (0..6u8).prop_map(|x| vec![b'a' + x]),
        1 => any::<i64>().prop_map(|x| x.to_string().into_bytes()),
        1 => (0..100usize).prop_map(|len| vec![b'm'; len]),
    ]
}

fn algebra() -> impl Strategy<Value = Algebra> {
    prop_oneof![Just(Algebra::Inter), Just(Algebra::Union), Just(Algebra::Diff)]
}

fn op() -> impl Strategy<Value = Op> {
    let key = || 0..KEYS;
    let run = (-700..700i32, any::<bool>()).prop_map(|(from, texts)| {
        let name = |i: i32| if texts { format!("text {i}") } else { i.to_string() };
        (from..from + 600).map(|i| name(i).into_bytes()).collect()
    });
    let members = prop_oneof![8 => prop::collection::vec(member(), 1..9), 1 => run];
    let count = prop_oneof![3 => 0..5u64, 1 => 0..700u64];
    let keys = prop::collection::vec(key(), 1..5);
    prop_oneof![
        6 => (key(), members).prop_map(|(key, members)| Op::Add { key, members }),
        2 => (key(), prop::collection::vec(member(), 1..5)).prop_map(|(key, members)| Op::Remove { key, members }),
        2 => (key(), key(), member()).prop_map(|(source, target, member)| Op::Move { source, target, member }),
        1 => (key(), count).prop_map(|(key, count)| Op::Pop { key, count }),
        3 => (algebra(), key(), keys).prop_map(|(algebra, target, keys)| Op::Store { algebra, target, keys }),
    ]
}

fn vecs(members: Vec<Bytes>) -> Members {
    let len = members.len();
    let set: Members = members.into_iter().map(Vec::from).collect();
    assert_eq!(set.len(), len, "a member is returned once");
    set
}

fn combined(model: &Model, algebra: Algebra, keys: &[u8]) -> Members {
    let mut sets = keys.iter().map(|key| model.get(key).cloned().unwrap_or_default());
    let first = sets.next().unwrap_or_default();
    sets.fold(first, |all, set| match algebra {
        Algebra::Inter => &all & &set,
        Algebra::Union => &all | &set,
        Algebra::Diff => &all - &set,
    })
}

/// Runs an operation on both sides and compares what they say.
fn apply(db: &Db, model: &mut Model, op: Op) {
    match op {
        Op::Add { key, members } => {
            let set = model.entry(key).or_default();
            let new = members.iter().filter(|member| set.insert(member.to_vec())).count();
            assert_eq!(db.sadd([key], &members).unwrap(), new as u64);
        }
        Op::Remove { key, members } => {
            let set = model.entry(key).or_default();
            let gone = members.iter().filter(|member| set.remove(*member)).count();
            assert_eq!(db.srem([key], &members).unwrap(), gone as u64);
        }
        Op::Move { source, target, member } => {
            let there = model.entry(source).or_default().remove(&member);
            if there {
                model.entry(target).or_default().insert(member.clone());
            }
            assert_eq!(db.smove([source], [target], &member).unwrap(), there);
        }
        Op::Pop { key, count } => {
            let set = model.entry(key).or_default();
            let popped = vecs(db.spop([key], count).unwrap());
            assert_eq!(popped.len(), set.len().min(count as usize));
            assert!(popped.iter().all(|member| set.remove(member)));
        }
        Op::Store { algebra, target, keys } => {
            let expected = combined(model, algebra, &keys);
            let keys: Vec<[u8; 1]> = keys.into_iter().map(|key| [key]).collect();
            let len = match algebra {
                Algebra::Inter => db.sinterstore([target], &keys),
                Algebra::Union => db.sunionstore([target], &keys),
                Algebra::Diff => db.sdiffstore([target], &keys),
            };
            assert_eq!(len.unwrap(), expected.len() as u64);
            model.insert(target, expected);
        }
    }
    model.retain(|_, set| !set.is_empty());
}

fn check(db: &Db, model: &Model) {
    for key in 0..KEYS {
        let expected = model.get(&key).cloned().unwrap_or_default();
        assert_eq!(db.scard([key]).unwrap(), expected.len() as u64);
        assert_eq!(vecs(db.smembers([key]).unwrap()), expected);
        let asked: Vec<Vec<u8>> =
            expected.iter().take(5).cloned().chain([b"none".to_vec(), b"77".to_vec()]).collect();
        let there: Vec<bool> = asked.iter().map(|member| expected.contains(member)).collect();
        assert_eq!(db.smismember([key], &asked).unwrap(), there);
        assert!(asked.iter().zip(there).all(|(member, there)| db.sismember([key], member).unwrap() == there));
        for count in [0, 1, 3, 300, 10_000] {
            let drawn = vecs(db.srandmember([key], count).unwrap());
            assert_eq!(drawn.len(), expected.len().min(count as usize));
            let repeated = db.srandmember([key], -count).unwrap();
            assert_eq!(repeated.len(), if expected.is_empty() { 0 } else { count as usize });
            assert!(drawn.is_subset(&expected));
            assert!(repeated.iter().all(|member| expected.contains(&member[..])));
        }
    }
    for keys in [&[0u8][..], &[0, 1], &[1, 0, 2], &[2, 2], &[3, 0, 1, 2], &[0, 9]] {
        let names: Vec<[u8; 1]> = keys.iter().map(|key| [*key]).collect();
        let common = combined(model, Algebra::Inter, keys);
        assert_eq!(db.sintercard(&names, 0).unwrap(), common.len() as u64);
        assert_eq!(db.sintercard(&names, 2).unwrap(), common.len().min(2) as u64);
        assert_eq!(vecs(db.sinter(&names).unwrap()), common);
        assert_eq!(vecs(db.sunion(&names).unwrap()), combined(model, Algebra::Union, keys));
        assert_eq!(vecs(db.sdiff(&names).unwrap()), combined(model, Algebra::Diff, keys));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn they_behave_as_sets_and_their_journal_makes_them_again(
        ops in prop::collection::vec(op(), 1..40),
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

fn encoding(db: &Db, key: &str) -> &'static str {
    // Three forms, told apart by what OBJECT ENCODING says of them.
    let reply = db.call(["OBJECT", "ENCODING", key]).unwrap();
    ["intset", "listpack", "hashtable"].into_iter().find(|e| reply.as_bytes() == Some(e.as_bytes())).unwrap()
}

/// What is stored has the encoding that Redis gives it, however it was found.
#[test]
fn stored_sets_have_the_encoding_of_their_members() {
    let (db, _) = open(Encodings::default());
    let ints = |range: std::ops::Range<i32>| range.map(|i| i.to_string()).collect::<Vec<_>>();
    db.sadd("ints", &ints(0..1000)).unwrap();
    db.sadd("few", &ints(0..50)).unwrap();
    db.sadd("text", &["a", "b", "1"]).unwrap();
    // A table that has shrunk keeps its form; what is made of it does not inherit it.
    db.sadd("shrunk", &ints(0..1000)).unwrap();
    db.srem("shrunk", &ints(3..1000)).unwrap();
    assert_eq!(encoding(&db, "shrunk"), "hashtable");
    for (command, stored) in [
        ("SUNIONSTORE to ints few", "hashtable"),
        ("SUNIONSTORE to few text", "listpack"),
        ("SUNIONSTORE to shrunk few", "intset"),
        ("SINTERSTORE to ints few", "intset"),
        ("SINTERSTORE to ints text", "intset"),
        ("SINTERSTORE to text text", "listpack"),
        ("SINTERSTORE to shrunk ints", "intset"),
        ("SDIFFSTORE to ints few", "hashtable"),
        ("SDIFFSTORE to text ints", "listpack"),
        ("SDIFFSTORE to shrunk none", "intset"),
    ] {
        db.call(command.split(' ')).unwrap();
        assert_eq!(encoding(&db, "to"), stored, "{command}");
    }
}

#[test]
fn encodings_of_stored_sets_follow_lowered_limits() {
    let (db, _) = open(Encodings { set_max_intset_entries: 3, ..Encodings::default() });
    db.sadd("ints", &["1", "2", "3", "10"]).unwrap();
    db.sadd("few", &["1", "2"]).unwrap();
    assert_eq!((encoding(&db, "ints"), encoding(&db, "few")), ("listpack", "intset"));
    // Redis starts an intersection with a listpack, and goes back to an intset only where that fits.
    for (command, stored) in [
        ("SINTERSTORE to ints", "listpack"),
        ("SINTERSTORE to ints few", "intset"),
        ("SUNIONSTORE to ints few", "hashtable"),
    ] {
        db.call(command.split(' ')).unwrap();
        assert_eq!(encoding(&db, "to"), stored, "{command}");
    }
}

#[test]
fn a_scan_shows_every_member_that_stays() {
    for encodings in encodings() {
        let (db, _) = open(encodings);
        let name = |i: usize| if i.is_multiple_of(2) { i.to_string() } else { format!("stay:{i}") };
        let stay: Vec<String> = (0..3000).map(name).collect();
        db.sadd("s", &stay).unwrap();
        let (mut cursor, mut seen, mut round) = (0, BTreeSet::new(), 0);
        loop {
            // A long part is read from a clone, a short one in place.
            let (next, page) = db.sscan("s", cursor, if round % 2 == 0 { 7 } else { 400 }).unwrap();
            seen.extend(page.into_iter().map(Vec::from));
            db.sadd("s", &[format!("come:{round}")]).unwrap();
            db.srem("s", &[format!("come:{}", round / 2)]).unwrap();
            (cursor, round) = (next, round + 1);
            if cursor == 0 {
                break;
            }
        }
        assert!(stay.iter().all(|member| seen.contains(member.as_bytes())));
    }
}

/// Every member has its chance, in every encoding. The seed is fixed: the test cannot fail by chance.
#[test]
fn draws_are_fair() {
    for encodings in encodings() {
        let (db, _) = open(encodings);
        db.sadd("s", &["1", "2", "3", "a", "b", "c", "d", "e", "f", "g"]).unwrap();
        let mut counts = BTreeMap::<Bytes, u32>::new();
        let drawn = db.srandmember("s", -5000).unwrap();
        let samples = (0..1000).flat_map(|_| db.srandmember("s", 5).unwrap());
        drawn.into_iter().chain(samples).for_each(|member| *counts.entry(member).or_default() += 1);
        assert!(counts.len() == 10 && counts.values().all(|n| (850..1150).contains(n)), "{counts:?}");
    }
}

/// What changed nothing leaves no trace in the journal, and an emptied set is gone.
#[test]
fn what_changes_nothing_is_not_recorded() {
    let (db, _) = open(Encodings::default());
    db.sadd("s", &["a", "b"]).unwrap();
    db.sadd("t", &["a"]).unwrap();
    db.call(["SET", "x", "1"]).unwrap();
    unrecorded(
        &db,
        &[
            "SADD s a",
            "SREM s none",
            "SREM none a",
            "SPOP none",
            "SPOP none 3",
            "SPOP s 0",
            "SMOVE s s a",
            "SMOVE s t none",
            "SMOVE none t a",
            "SMOVE s x a",
            "SINTERSTORE none s none2",
            "SDIFFSTORE none s s",
            "SUNIONSTORE t s x",
        ],
    );
    let (mut conn, steps) = (Conn::new(&db), db.journal().len());
    assert_eq!(say(&mut conn, "SINTERSTORE t s none"), ":0\r\n");
    assert_eq!((db.journal().len(), db.scard("t").unwrap()), (steps + 1, 0));
    assert_eq!(say(&mut conn, "SUNIONSTORE x s"), ":2\r\n");
    assert_eq!(db.spop("x", 2).unwrap().len(), 2);
    assert_eq!(say(&mut conn, "GET x"), "$-1\r\n");
}

/// A watch notices changes, and only those.
#[test]
fn a_watch_notices_changes_only() {
    let (db, _) = open(Encodings::default());
    db.sadd("s", &["a", "b", "c"]).unwrap();
    db.sadd("t", &["a"]).unwrap();
    watched(
        &db,
        "s",
        &[
            ("SADD s a", true),
            ("SREM s none", true),
            ("SPOP s 0", true),
            ("SMOVE s s a", true),
            ("SMOVE t s a", true),
            ("SMOVE s t none", true),
            ("SRANDMEMBER s 2", true),
            ("SINTERSTORE none s none2", true),
            ("SADD s d", false),
            ("SREM s d", false),
            ("SPOP s", false),
            ("SUNIONSTORE s s", false),
            ("SPOP s 9", false),
        ],
    );
}

#[test]
fn errors_come_in_redis_order() {
    let db = Db::memory();
    let mut conn = Conn::new(&db);
    for line in ["SET x 1", "SADD s a"] {
        say(&mut conn, line);
    }
    const WRONG: &str = "-WRONGTYPE Operation against a key holding the wrong kind of value";
    answers(
        &db,
        &[
            ("SADD x a", WRONG),
            ("SPOP x y", "-ERR value is out of range, must be positive"),
            ("SPOP x -1", "-ERR value is out of range, must be positive"),
            ("SPOP x y z", "-ERR syntax error"),
            ("SPOP x 0", WRONG),
            ("SRANDMEMBER x y", "-ERR value is not an integer or out of range"),
            ("SRANDMEMBER x y z", "-ERR syntax error"),
            ("SRANDMEMBER x 0", WRONG),
            (
                "SRANDMEMBER s -9223372036854775808",
                "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
            ),
            ("SRANDMEMBER s -9223372036854775807", "-ERR value is out of range"),
            ("SRANDMEMBER none -9223372036854775807", "*0"),
            ("SMOVE none x a", ":0"),
            ("SMOVE s x none", WRONG),
            ("SMOVE x none a", WRONG),
            ("SINTER none x", WRONG),
            ("SUNION s x", WRONG),
            ("SDIFF none x", WRONG),
            ("SINTERSTORE x none x", WRONG),
            ("SINTERCARD x s", "-ERR numkeys should be greater than 0"),
            ("SINTERCARD 2 s", "-ERR Number of keys can't be greater than number of args"),
            ("SINTERCARD 1 x LIMIT -1", "-ERR LIMIT can't be negative"),
            ("SINTERCARD 1 x LIMIT", "-ERR syntax error"),
            ("SINTERCARD 1 x", WRONG),
            ("SSCAN x y", "-ERR invalid cursor"),
            ("SSCAN x 0 COUNT 0", WRONG),
            ("SSCAN s 0 NOVALUES", "-ERR NOVALUES option can only be used in HSCAN"),
            ("SSCAN none 0 NOVALUES", "*2 $1 0 *0"),
            ("SUNIONSTORE x s", ":1"),
            ("SMEMBERS x", "*1 $1 a"),
        ],
    );
}

#[test]
fn replies_are_sets_where_redis_says_sets() {
    let db = Db::memory();
    db.sadd("s", &["a"]).unwrap();
    let a = || Reply::Bytes("a".as_bytes().into());
    for (line, reply) in [
        ("SMEMBERS s", Reply::Set(vec![a()])),
        ("SMEMBERS none", Reply::Set(vec![])),
        ("SINTER s s", Reply::Set(vec![a()])),
        ("SUNION s none", Reply::Set(vec![a()])),
        ("SDIFF s none", Reply::Set(vec![a()])),
        ("SDIFF none s", Reply::Set(vec![])),
        ("SRANDMEMBER s", a()),
        ("SRANDMEMBER none", Reply::Nil),
        ("SRANDMEMBER s 1", Reply::Array(vec![a()])),
        ("SRANDMEMBER s -2", Reply::Array(vec![a(), a()])),
        ("SMISMEMBER s a b", Reply::Array(vec![Reply::Int(1), Reply::Int(0)])),
        ("SINTERCARD 2 s s LIMIT 5", Reply::Int(1)),
        ("SPOP none", Reply::Nil),
        ("SPOP none 2", Reply::Set(vec![])),
        ("SPOP s 2", Reply::Set(vec![a()])),
    ] {
        assert_eq!(db.call(line.split(' ')).unwrap(), reply, "{line}");
    }
}

/// Long results go another way than short ones: they are what the sets were at that moment.
#[test]
fn a_long_result_is_what_the_sets_were_at_that_moment() {
    for encodings in encodings() {
        let (db, _) = open(encodings);
        let all: Vec<String> = (0..1000).map(|i| format!("member {i}")).collect();
        db.sadd("s", &all).unwrap();
        db.sadd("t", &all[500..]).unwrap();
        let mut batch = db.batch();
        for line in [
            "SMEMBERS s",
            "SINTER s t",
            "SUNION s t",
            "SDIFF s t",
            "SINTERCARD 2 s t",
            "SINTERCARD 2 s t LIMIT 400",
            "SRANDMEMBER s -5000",
            "SSCAN s 0 COUNT 2000",
            "SPOP s 990",
            "SPOP t 100",
            "DEL s",
        ] {
            batch.call(line.split(' '));
        }
        let replies = batch.run().unwrap();
        let lens: Vec<Option<usize>> =
            replies.iter().map(|reply| reply.as_list().map(<[Reply]>::len)).collect();
        let none = None;
        let expected =
            [Some(1000), Some(500), Some(1000), Some(500), none, none, Some(5000), Some(2), Some(990)];
        assert_eq!(lens[..9], expected);
        assert_eq!((&replies[4], &replies[5]), (&Reply::Int(500), &Reply::Int(400)));
        assert_eq!(replies[7].as_list().unwrap()[1].as_list().unwrap().len(), 1000);
        assert_eq!((lens[9], db.scard("t").unwrap()), (Some(100), 400));
    }
}
