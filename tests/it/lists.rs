//! Lists, in every encoding, against a vector of vectors; their journal; their shapes and errors.
use proptest::prelude::*;
use std::collections::HashMap;
use tenondb::{Beside, Db, Encodings, Lists, Options, Reply, Side, Strings, resp::Conn};

fn open(size: i32) -> (Db, Options) {
    let encodings = Encodings { list_max_listpack_size: size, ..Encodings::default() };
    let options = Options { encodings, threads: 0, stripes: 2, journal: true, ..Options::default() };
    (Db::with(options.clone()), options)
}

type Model = HashMap<u8, Vec<Vec<u8>>>;

#[derive(Clone, Debug)]
enum Op {
    Push { key: u8, side: Side, only_existing: bool, elements: Vec<Vec<u8>> },
    Pop { key: u8, side: Side, count: Option<u64> },
    Set { key: u8, index: i64, element: Vec<u8> },
    Insert { key: u8, place: Beside, pivot: Vec<u8>, element: Vec<u8> },
    Trim { key: u8, start: i64, stop: i64 },
    Remove { key: u8, count: i64, element: Vec<u8> },
    Move { source: u8, target: u8, from: Side, to: Side },
    PopAny { keys: Vec<u8>, side: Side, count: u64 },
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Left), Just(Side::Right)]
}

fn element() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => (0..5u8).prop_map(|x| vec![b'a' + x]),
        3 => any::<i32>().prop_map(|x| (x >> (x & 31)).to_string().into_bytes()),
        2 => prop::collection::vec(any::<u8>(), 0..40),
        1 => (100..9000usize).prop_map(|len| vec![b'x'; len]),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let key = || 0..3u8;
    let index = || -12..12i64;
    let place = prop_oneof![Just(Beside::Before), Just(Beside::After)];
    let elements =
        prop_oneof![6 => prop::collection::vec(element(), 1..6), 1 => prop::collection::vec(element(), 300)];
    let count =
        prop_oneof![2 => Just(None), 2 => (0..9u64).prop_map(Some), 1 => (250..600u64).prop_map(Some)];
    prop_oneof![
        8 => (key(), side(), any::<bool>(), elements).prop_map(|(key, side, only_existing, elements)|
            Op::Push { key, side, only_existing, elements }),
        4 => (key(), side(), count).prop_map(|(key, side, count)| Op::Pop { key, side, count }),
        2 => (key(), index(), element()).prop_map(|(key, index, element)| Op::Set { key, index, element }),
        2 => (key(), place, element(), element()).prop_map(|(key, place, pivot, element)|
            Op::Insert { key, place, pivot, element }),
        1 => (key(), index(), index()).prop_map(|(key, start, stop)| Op::Trim { key, start, stop }),
        2 => (key(), -3..4i64, element()).prop_map(|(key, count, element)| Op::Remove { key, count, element }),
        4 => (key(), key(), side(), side()).prop_map(|(source, target, from, to)|
            Op::Move { source, target, from, to }),
        1 => (prop::collection::vec(key(), 1..4), side(), 1..9u64).prop_map(|(keys, side, count)|
            Op::PopAny { keys, side, count }),
    ]
}

fn add(list: &mut Vec<Vec<u8>>, side: Side, element: Vec<u8>) {
    let at = if side == Side::Left { 0 } else { list.len() };
    list.insert(at, element);
}

fn take(list: &mut Vec<Vec<u8>>, side: Side, count: u64) -> Vec<Vec<u8>> {
    let count = list.len().min(count as usize);
    match side {
        Side::Left => list.drain(..count).collect(),
        Side::Right => list.drain(list.len() - count..).rev().collect(),
    }
}

fn absolute(index: i64, len: usize) -> i64 {
    if index < 0 { index + len as i64 } else { index }
}

/// Runs an operation on both sides and compares what they say.
fn apply(db: &Db, model: &mut Model, op: Op) {
    let list = |model: &mut Model, key: u8| model.remove(&key).unwrap_or_default();
    match op {
        Op::Push { key, side, only_existing, elements } => {
            let mut expected = list(model, key);
            if !(only_existing && expected.is_empty()) {
                elements.iter().for_each(|e| add(&mut expected, side, e.clone()));
            }
            let len = match (side, only_existing) {
                (Side::Left, false) => db.lpush([key], &elements),
                (Side::Right, false) => db.rpush([key], &elements),
                (Side::Left, true) => db.lpushx([key], &elements),
                (Side::Right, true) => db.rpushx([key], &elements),
            };
            assert_eq!(len.unwrap(), expected.len() as u64);
            model.insert(key, expected);
        }
        Op::Pop { key, side, count } => {
            let mut expected = list(model, key);
            let wanted = take(&mut expected, side, count.unwrap_or(1));
            let popped = match (side, count) {
                (Side::Left, None) => db.lpop([key]).unwrap().into_iter().collect(),
                (Side::Right, None) => db.rpop([key]).unwrap().into_iter().collect(),
                (Side::Left, Some(count)) => db.lpop_count([key], count).unwrap(),
                (Side::Right, Some(count)) => db.rpop_count([key], count).unwrap(),
            };
            assert!(popped.iter().map(|e| &e[..]).eq(wanted.iter().map(Vec::as_slice)));
            model.insert(key, expected);
        }
        Op::Set { key, index, element } => {
            let mut expected = list(model, key);
            let place = usize::try_from(absolute(index, expected.len())).ok();
            let slot = place.and_then(|place| expected.get_mut(place));
            assert_eq!(db.lset([key], index, &element).is_ok(), slot.is_some());
            if let Some(slot) = slot {
                *slot = element;
            }
            model.insert(key, expected);
        }
        Op::Insert { key, place, pivot, element } => {
            let mut expected = list(model, key);
            let wanted = match expected.iter().position(|e| *e == pivot) {
                _ if expected.is_empty() => 0,
                None => -1,
                Some(at) => {
                    expected.insert(at + usize::from(place == Beside::After), element.clone());
                    expected.len() as i64
                }
            };
            assert_eq!(db.linsert([key], place, &pivot, &element).unwrap(), wanted);
            model.insert(key, expected);
        }
        Op::Trim { key, start, stop } => {
            let expected = list(model, key);
            let len = expected.len();
            let (start_at, stop_at) = (absolute(start, len), absolute(stop, len));
            let kept = (0..len as i64).filter(|i| (start_at..=stop_at).contains(i));
            let kept = kept.map(|i| expected[i as usize].clone()).collect();
            db.ltrim([key], start, stop).unwrap();
            model.insert(key, kept);
        }
        Op::Remove { key, count, element } => {
            let mut expected = list(model, key);
            let mut hits: Vec<usize> = (0..expected.len()).filter(|i| expected[*i] == element).collect();
            if count < 0 {
                hits.reverse();
            }
            hits.truncate(if count == 0 { usize::MAX } else { count.unsigned_abs() as usize });
            hits.sort_unstable();
            hits.iter().rev().for_each(|i| drop(expected.remove(*i)));
            assert_eq!(db.lrem([key], count, &element).unwrap(), hits.len() as u64);
            model.insert(key, expected);
        }
        Op::Move { source, target, from, to } => {
            let mut expected = list(model, source);
            let moved = take(&mut expected, from, 1).pop();
            model.insert(source, expected);
            if let Some(moved) = &moved {
                add(model.entry(target).or_default(), to, moved.clone());
            }
            let got = match (from, to) {
                (Side::Right, Side::Left) => db.rpoplpush([source], [target]),
                _ => db.lmove([source], [target], from, to),
            };
            assert_eq!(got.unwrap().map(Vec::from), moved);
        }
        Op::PopAny { keys, side, count } => {
            let first = keys.iter().find(|key| model.get(key).is_some_and(|list| !list.is_empty()));
            let names: Vec<[u8; 1]> = keys.iter().map(|key| [*key]).collect();
            let got = db.lmpop(&names, side, count).unwrap();
            let Some(key) = first else {
                assert!(got.is_none());
                return;
            };
            let mut expected = list(model, *key);
            let wanted = take(&mut expected, side, count);
            let (name, popped) = got.unwrap();
            assert_eq!((&name[..], popped.len()), (&[*key][..], wanted.len()));
            assert!(popped.iter().map(|e| &e[..]).eq(wanted.iter().map(Vec::as_slice)));
            model.insert(*key, expected);
        }
    }
}

fn check(db: &Db, model: &Model) {
    for key in 0..3u8 {
        let expected = model.get(&key).cloned().unwrap_or_default();
        let all = db.lrange([key], 0, -1).unwrap();
        assert!(all.iter().map(|e| &e[..]).eq(expected.iter().map(Vec::as_slice)));
        assert_eq!(db.llen([key]).unwrap(), expected.len() as u64);
        for (i, element) in expected.iter().enumerate().take(5) {
            let behind = i as i64 - expected.len() as i64;
            assert_eq!(db.lindex([key], i as i64).unwrap().unwrap(), element);
            assert_eq!(db.lindex([key], behind).unwrap().unwrap(), element);
            let first = expected.iter().position(|e| e == element).map(|at| at as u64);
            assert_eq!(db.lpos([key], element).unwrap(), first);
        }
        assert_eq!(db.lindex([key], expected.len() as i64).unwrap(), None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn they_behave_as_vectors_and_their_journal_makes_them_again(
        ops in prop::collection::vec(op(), 1..40),
        size in prop_oneof![Just(1), Just(4), Just(64), Just(-2)],
    ) {
        let (db, options) = open(size);
        let mut model = Model::new();
        for op in ops {
            apply(&db, &mut model, op);
        }
        check(&db, &model);
        let again = Db::replay(&db.journal(), options).unwrap();
        check(&again, &model);
        let twice: Vec<_> = again.journal().into_iter().map(|step| step.encoded).collect();
        let once: Vec<_> = db.journal().into_iter().map(|step| step.encoded).collect();
        prop_assert!(twice == once, "the journal of a journal is itself");
    }
}

fn say(conn: &mut Conn, line: &str) -> String {
    conn.feed(format!("{line}\r\n").as_bytes());
    String::from_utf8(conn.take_output()).unwrap()
}

/// What changed nothing leaves no trace in the journal, and an emptied list is gone.
#[test]
fn what_changes_nothing_is_not_recorded() {
    let (db, _) = open(-2);
    db.rpush("l", &["a", "b"]).unwrap();
    db.set("s", "1").unwrap();
    let steps = db.journal().len();
    let mut conn = Conn::new(&db);
    for line in [
        "LPUSHX none a",
        "RPUSHX none a",
        "LPOP none",
        "LPOP none 3",
        "LPOP l 0",
        "LINSERT l BEFORE none x",
        "LINSERT none BEFORE a x",
        "LREM l 0 none",
        "LTRIM l 0 -1",
        "LTRIM none 0 0",
        "LMOVE none l LEFT LEFT",
        "LMPOP 2 none none2 LEFT",
        "LSET l 2 x",
        "LSET l -3 x",
        "LMOVE l s LEFT LEFT",
        "RPOPLPUSH l s",
        "LMPOP 2 none s LEFT",
    ] {
        say(&mut conn, line);
        assert_eq!(db.journal().len(), steps, "{line}");
    }
    assert_eq!(say(&mut conn, "LPOP l 5"), "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
    assert_eq!(say(&mut conn, "LPUSHX l x"), ":0\r\n");
}

/// Long results go another way than short ones, and must look the same.
#[test]
fn long_replies_have_the_shape_of_short_ones() {
    for size in [-2, 16] {
        let (db, _) = open(size);
        let mut conn = Conn::new(&db);
        let all: Vec<String> = (0..1000).map(|i| i.to_string()).collect();
        for (command, reversed) in [("LRANGE l 0 -1", false), ("LPOP l 1000", false), ("RPOP l 1000", true)] {
            db.call(["DEL", "l"]).unwrap();
            db.rpush("l", &all).unwrap();
            let mut expected: Vec<&String> = all.iter().collect();
            if reversed {
                expected.reverse();
            }
            let body: String = expected.iter().map(|e| format!("${}\r\n{e}\r\n", e.len())).collect();
            assert_eq!(say(&mut conn, command), format!("*1000\r\n{body}"), "{command}");
        }
        db.call(["DEL", "l"]).unwrap();
        db.rpush("l", &all).unwrap();
        let reply = db.call(["LMPOP", "1", "l", "RIGHT", "COUNT", "900"]).unwrap();
        let Reply::Array(parts) = reply else { panic!("{reply:?}") };
        assert_eq!(parts[0], Reply::Bytes("l".as_bytes().into()));
        let popped = parts[1].as_list().unwrap();
        assert_eq!((popped.len(), popped[899].as_bytes()), (900, Some(&b"100"[..])));
        assert_eq!(db.lrange("l", 0, -1).unwrap().len(), 100);
    }
}

/// A reader holds on to what it read while writers go on: the clone is taken under the lock, written after it.
#[test]
fn a_long_result_is_what_the_list_was_at_that_moment() {
    let (db, _) = open(-2);
    let all: Vec<String> = (0..5000).map(|i| format!("element {i}")).collect();
    db.rpush("l", &all).unwrap();
    let batch = {
        let mut batch = db.batch();
        batch
            .call(["LRANGE", "l", "0", "-1"])
            .call(["LTRIM", "l", "1", "0"])
            .call(["LRANGE", "l", "0", "-1"]);
        batch.run().unwrap()
    };
    let seen = batch[0].as_list().unwrap();
    assert!(seen.iter().map(|e| e.as_bytes().unwrap()).eq(all.iter().map(String::as_bytes)));
    assert_eq!((&batch[2], db.llen("l").unwrap()), (&Reply::Array(vec![]), 0));
}

#[test]
fn queues_and_errors_through_the_typed_door() {
    let (db, _) = open(-2);
    db.set("s", "1").unwrap();
    assert_eq!(db.lpush("s", &["a"]).unwrap_err().code(), "WRONGTYPE");
    assert_eq!(db.lset("none", 0, "x").unwrap_err().to_string(), "ERR no such key");
    assert_eq!(db.lpush("l", &[] as &[&str]).unwrap(), 0);
    assert_eq!(db.lpush("l", &["a", "b", "c"]).unwrap(), 3);
    assert_eq!(db.lpush("l", &[] as &[&str]).unwrap(), 3);
    assert_eq!(db.lset("l", 3, "x").unwrap_err().to_string(), "ERR index out of range");
    assert_eq!(db.rpop("l").unwrap().unwrap(), "a");
    // A long queue, in and out, holds its order.
    let ids: Vec<String> = (0..20_000).map(|i| format!("job:{i}")).collect();
    for id in &ids {
        db.lpush("wait", &[id]).unwrap();
    }
    for id in &ids {
        assert_eq!(db.rpoplpush("wait", "active").unwrap().unwrap(), id);
        assert_eq!(db.lrem("active", 1, id).unwrap(), 1);
    }
    assert_eq!((db.llen("wait").unwrap(), db.llen("active").unwrap()), (0, 0));
}
