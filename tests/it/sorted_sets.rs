//! Sorted sets through the public API: as a plain map says, in every encoding, and again from the log.
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use tenondb::{
    Aggregate, Bytes, Clock, Db, Encodings, Kind, Lists, Operands, Options, Reply, Run, Select, SortedSets,
    Strings, ZAdd, ZInter, ZUnion, ZUnionStore, resp::Conn,
};

type Model = BTreeMap<Vec<u8>, f64>;

fn db(encodings: Encodings) -> Db {
    Db::with(Options { encodings, journal: true, seed: Some(7), threads: 0, ..Options::default() })
}

fn encodings() -> [Encodings; 3] {
    [
        Encodings::default(),
        Encodings { zset_max_listpack_entries: 6, ..Encodings::default() },
        Encodings::NEVER_COMPACT,
    ]
}

fn content(db: &Db, key: &str) -> Vec<(Vec<u8>, f64)> {
    own(db.zselect(key, Select::ranks(0, -1)).unwrap())
}

fn own(pairs: Vec<(Bytes, f64)>) -> Vec<(Vec<u8>, f64)> {
    pairs.into_iter().map(|(member, score)| (member.into_vec(), score)).collect()
}

fn sorted(model: &Model) -> Vec<(Vec<u8>, f64)> {
    let mut all: Vec<_> = model.iter().map(|(member, score)| (member.clone(), *score)).collect();
    all.sort_by(|a, b| a.1.total_cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
    all
}

/// The same keys and content in a database made of the log.
fn assert_replays(db: &Db, keys: &[&str]) {
    let again = Db::replay(&db.journal(), Options::default()).unwrap();
    for key in keys {
        assert_eq!(content(&again, key), content(db, key), "{key}");
    }
}

#[derive(Clone, Debug)]
enum Op {
    Add { when: usize, then: usize, pairs: Vec<(f64, u8)> },
    Increment(f64, u8),
    Remove(Vec<u8>),
    Pop(bool, u64),
    CutRanks(i64, i64),
    CutScores(f64, f64),
}

fn score() -> impl Strategy<Value = f64> {
    (-6i32..7).prop_map(|n| f64::from(n) / 2.0 + 0.25)
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (0..3usize, 0..3usize, prop::collection::vec((score(), 0..20u8), 1..6))
            .prop_map(|(when, then, pairs)| Op::Add { when, then, pairs }),
        2 => (score(), 0..20u8).prop_map(|(by, member)| Op::Increment(by, member)),
        2 => prop::collection::vec(0..20u8, 1..4).prop_map(Op::Remove),
        1 => (any::<bool>(), 0..4u64).prop_map(|(max, count)| Op::Pop(max, count)),
        1 => (-9..9i64, -9..9i64).prop_map(|(start, stop)| Op::CutRanks(start, stop)),
        1 => (score(), score()).prop_map(|(min, max)| Op::CutScores(min, max)),
    ]
}

fn name(member: u8) -> Vec<u8> {
    format!("m{member}").into_bytes()
}

/// The ranks from `start` to `stop` of `len` members, as Redis counts them.
fn ranks(start: i64, stop: i64, len: usize) -> std::ops::Range<usize> {
    let len = len as i64;
    let absolute = |at: i64| if at < 0 { at + len } else { at };
    let (start, stop) = (absolute(start).max(0), absolute(stop).min(len - 1));
    if start > stop { 0..0 } else { start as usize..stop as usize + 1 }
}

fn add(db: &Db, model: &mut Model, when: usize, then: usize, pairs: &[(f64, u8)]) {
    // NX goes with neither GT nor LT.
    let then = if when == 1 { 0 } else { then };
    let mut words = vec!["ZADD".to_string(), "k".to_string(), "CH".to_string()];
    words.extend([None, Some("NX"), Some("XX")][when].map(String::from));
    words.extend([None, Some("GT"), Some("LT")][then].map(String::from));
    let mut changed = 0;
    for (score, member) in pairs {
        words.extend([score.to_string(), format!("m{member}")]);
        let old = model.get(&name(*member)).copied();
        let wanted = match (old, when, then) {
            (None, 2, _) | (Some(_), 1, _) => false,
            (Some(old), _, 1) => *score > old,
            (Some(old), _, 2) => *score < old,
            (Some(old), ..) => *score != old,
            (None, ..) => true,
        };
        if wanted {
            model.insert(name(*member), *score);
            changed += 1;
        }
    }
    assert_eq!(db.call(&words).unwrap().as_int(), Some(changed), "{words:?}");
}

fn apply(db: &Db, model: &mut Model, op: &Op) {
    let all = sorted(model);
    match op {
        Op::Add { when, then, pairs } => add(db, model, *when, *then, pairs),
        Op::Increment(by, member) => {
            let score = model.entry(name(*member)).or_insert(0.0);
            *score += by;
            assert_eq!(db.zincrby("k", *by, name(*member)).unwrap(), *score);
        }
        Op::Remove(members) => {
            let members: Vec<_> = members.iter().map(|member| name(*member)).collect();
            let removed = members.iter().filter(|member| model.remove(*member).is_some()).count();
            assert_eq!(db.zrem("k", &members).unwrap(), removed as u64);
        }
        Op::Pop(max, count) => {
            let popped = if *max { db.zpopmax("k", *count) } else { db.zpopmin("k", *count) };
            let count = *count as usize;
            let expected: Vec<_> = match max {
                true => all.iter().rev().take(count).cloned().collect(),
                false => all.iter().take(count).cloned().collect(),
            };
            expected.iter().for_each(|(member, _)| _ = model.remove(member));
            assert_eq!(own(popped.unwrap()), expected);
        }
        Op::CutRanks(start, stop) => {
            let gone = &all[ranks(*start, *stop, all.len())];
            gone.iter().for_each(|(member, _)| _ = model.remove(member));
            assert_eq!(db.zremrangebyrank("k", *start, *stop).unwrap(), gone.len() as u64);
        }
        Op::CutScores(min, max) => {
            let before = model.len();
            model.retain(|_, score| *score < *min || *score >= *max);
            assert_eq!(db.zremrangebyscore("k", *min..*max).unwrap(), (before - model.len()) as u64);
        }
    }
}

fn check(db: &Db, model: &Model, a: f64, b: f64, start: i64, stop: i64, part: (u32, u32)) {
    let all = sorted(model);
    assert_eq!(content(db, "k"), all);
    assert_eq!(db.zcard("k").unwrap(), all.len() as u64);
    for (rank, (member, score)) in all.iter().enumerate() {
        assert_eq!(db.zscore("k", member).unwrap(), Some(*score));
        assert_eq!(db.zrank("k", member).unwrap(), Some(rank as u64));
        assert_eq!(db.zrevrank("k", member).unwrap(), Some((all.len() - 1 - rank) as u64));
    }
    assert_eq!(db.zmscore("k", &["nobody", "m1"]).unwrap(), [None, model.get(&name(1)).copied()]);
    let within: Vec<_> = all.iter().filter(|(_, score)| *score >= a && *score < b).cloned().collect();
    assert_eq!(db.zcount("k", a..b).unwrap(), within.len() as u64);
    let (offset, count) = (part.0 as usize, part.1 as usize);
    let limited = Select::scores(a..b).limit(part.0, part.1);
    let expected: Vec<_> = within.iter().skip(offset).take(count).cloned().collect();
    assert_eq!(own(db.zselect("k", limited).unwrap()), expected);
    let expected: Vec<_> = within.iter().rev().skip(offset).take(count).cloned().collect();
    assert_eq!(own(db.zselect("k", limited.rev()).unwrap()), expected);
    assert_eq!(db.zrangestore("part", "k", limited.rev()).unwrap(), expected.len() as u64);
    assert_eq!(content(db, "part").into_iter().rev().collect::<Vec<_>>(), expected);
    let expected = &all[ranks(start, stop, all.len())];
    assert_eq!(own(db.zselect("k", Select::ranks(start, stop)).unwrap()), expected);
    let reversed: Vec<_> = all.iter().rev().cloned().collect();
    let expected = &reversed[ranks(start, stop, all.len())];
    assert_eq!(own(db.zselect("k", Select::ranks(start, stop).rev()).unwrap()), expected);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn commands_do_what_a_map_does_in_every_encoding_and_from_the_log(
        ops in prop::collection::vec(op(), 1..40), a in score(), b in score(),
        start in -9..9i64, stop in -9..9i64, part in (0..4u32, 0..6u32),
    ) {
        for encodings in encodings() {
            let (db, mut model) = (db(encodings), Model::new());
            ops.iter().for_each(|op| apply(&db, &mut model, op));
            check(&db, &model, a, b, start, stop, part);
            assert_replays(&db, &["k", "part"]);
        }
    }

    #[test]
    fn the_algebra_is_that_of_maps(
        sets in prop::collection::vec(prop::collection::btree_map(0..12u8, score(), 0..9), 1..4),
        plain in prop::collection::btree_set(0..12u8, 0..6),
        weights in prop::collection::vec(prop_oneof![Just(1.0), Just(-2.0), Just(0.5)], 4),
        way in prop_oneof![Just(Aggregate::Sum), Just(Aggregate::Min), Just(Aggregate::Max)],
    ) {
        for encodings in encodings() {
            let db = db(encodings);
            let (keys, inputs) = fill(&db, &sets, &plain);
            let weighted = || Operands::of(&keys).unwrap().weights(&weights).unwrap().aggregate(way);
            let (mut union, mut inter) = (Model::new(), None::<BTreeSet<Vec<u8>>>);
            for (input, weight) in inputs.iter().zip(&weights) {
                for (member, score) in input {
                    let score = score * weight;
                    union.entry(member.clone()).and_modify(|s| *s = combine(way, *s, score)).or_insert(score);
                }
                let members: BTreeSet<_> = input.keys().cloned().collect();
                inter = Some(inter.map_or(members.clone(), |inter| &inter & &members));
            }
            let inter = inter.unwrap();
            let both: Model = union.clone().into_iter().filter(|(member, _)| inter.contains(member)).collect();
            let first = &inputs[0];
            let rest = |m: &Vec<u8>| inputs[1..].iter().any(|input| input.contains_key(m));
            let diff: Model = first.clone().into_iter().filter(|(member, _)| !rest(member)).collect();
            prop_assert_eq!(own(db.run(ZUnion::new(weighted())).unwrap().into_pairs()), sorted(&union));
            prop_assert_eq!(own(db.run(ZInter::new(weighted())).unwrap().into_pairs()), sorted(&both));
            prop_assert_eq!(own(db.zdiff(&keys).unwrap()), sorted(&diff));
            prop_assert_eq!(db.zintercard(&keys).unwrap(), both.len() as u64);
            prop_assert_eq!(db.run(ZUnionStore::new("u", weighted())).unwrap(), union.len() as u64);
            prop_assert_eq!(content(&db, "u"), sorted(&union));
            db.zinterstore("i", &keys).unwrap();
            db.zdiffstore("d", &keys).unwrap();
            prop_assert_eq!(content(&db, "d"), sorted(&diff));
            assert_replays(&db, &["u", "i", "d"]);
        }
    }
}

fn combine(way: Aggregate, a: f64, b: f64) -> f64 {
    match way {
        Aggregate::Sum => a + b,
        Aggregate::Min => a.min(b),
        Aggregate::Max => a.max(b),
    }
}

/// Sorted sets and, last, a set of the same members, whose scores count as 1.
fn fill(db: &Db, sets: &[BTreeMap<u8, f64>], plain: &BTreeSet<u8>) -> (Vec<String>, Vec<Model>) {
    let mut keys: Vec<String> = (0..sets.len()).map(|n| format!("z{n}")).collect();
    let mut inputs: Vec<Model> = Vec::new();
    for (key, set) in keys.iter().zip(sets) {
        let pairs: Vec<_> = set.iter().map(|(member, score)| (*score, name(*member))).collect();
        if !pairs.is_empty() {
            db.zadd_all(key, &pairs).unwrap();
        }
        inputs.push(set.iter().map(|(member, score)| (name(*member), *score)).collect());
    }
    keys.push("plain".into());
    for member in plain {
        db.call([&b"SADD"[..], b"plain", &name(*member)]).unwrap();
    }
    inputs.push(plain.iter().map(|member| (name(*member), 1.0)).collect());
    (keys, inputs)
}

#[test]
fn long_results_are_what_was_there_when_they_were_asked_for() {
    let db = db(Encodings::default());
    let pairs: Vec<_> = (0..3000).map(|n| (f64::from(n), format!("m{n:04}"))).collect();
    assert_eq!(db.zadd_all("k", &pairs).unwrap(), 3000);
    let texts: Vec<_> = pairs.iter().map(|(_, member)| member.as_bytes()).collect();
    assert_eq!(db.zrange("k", 0, -1).unwrap(), texts);
    let mut conn = Conn::new(&db);
    conn.feed(b"ZRANGE k 0 -1\r\nZREMRANGEBYRANK k 0 -1\r\nZRANGE k 0 -1\r\n");
    let output = String::from_utf8(conn.take_output()).unwrap();
    assert!(output.starts_with("*3000\r\n$5\r\nm0000\r\n") && output.ends_with("m2999\r\n:3000\r\n*0\r\n"));
    db.zadd_all("k", &pairs).unwrap();
    // All of it at once, in either direction, and most of it.
    assert_eq!(db.zpopmin("k", 2000).unwrap().len(), 2000);
    let rest = db.zpopmax("k", 5000).unwrap();
    assert_eq!((rest.len(), &*rest[0].0, rest[999].1), (1000, &b"m2999"[..], 2000.0));
    assert_eq!(db.call(["EXISTS", "k"]).unwrap().as_int().unwrap_or(0), 0);
    db.zadd_all("k", &pairs).unwrap();
    assert_eq!(db.zunion(&["k", "k"]).unwrap()[1], (Bytes::from(&b"m0001"[..]), 2.0));
    assert_eq!(db.zunionstore("u", &["k", "k"]).unwrap(), 3000);
    assert_eq!(db.call(["ZRANDMEMBER", "k", "1000"]).unwrap().as_list().unwrap().len(), 1000);
    assert_eq!(db.call(["ZRANDMEMBER", "k", "-5000"]).unwrap().as_list().unwrap().len(), 5000);
    let popped = db.call(["ZMPOP", "2", "none", "k", "MAX", "COUNT", "9999"]).unwrap();
    let popped = popped.as_list().unwrap();
    assert_eq!(popped[0].as_bytes(), Some(&b"k"[..]));
    assert_eq!(popped[1].as_list().unwrap().len(), 3000);
    assert_replays(&db, &["k", "u"]);
}

#[test]
fn what_changes_nothing_is_not_noticed_and_not_logged() {
    let db = db(Encodings::default());
    db.zadd("k", 1.0, "a").unwrap();
    db.zadd("other", 2.0, "b").unwrap();
    let steps = db.journal().len();
    let mut conn = Conn::new(&db);
    conn.feed(b"WATCH k none\r\n");
    for words in [
        "ZADD k 1 a",
        "ZADD k NX 5 a",
        "ZADD k XX 5 b",
        "ZADD k GT 0 a",
        "ZADD k XX INCR 1 b",
        "ZADD none XX 1 a",
        "ZREM k nobody",
        "ZREMRANGEBYSCORE k 5 6",
        "ZREMRANGEBYRANK k 5 6",
        "ZREMRANGEBYLEX k [x +",
        "ZPOPMIN k 0",
        "ZPOPMAX none 3",
        "ZMPOP 1 none MIN",
        "ZRANGESTORE none other 5 6",
        "ZINTERSTORE none 2 k other",
        "ZRANDMEMBER k -3",
        "ZSCAN k 0",
    ] {
        db.call(words.split(' ')).unwrap();
    }
    conn.feed(b"MULTI\r\nZCARD k\r\nEXEC\r\n");
    assert!(String::from_utf8(conn.take_output()).unwrap().ends_with("*1\r\n:1\r\n"));
    assert_eq!(db.journal().len(), steps);
    conn.feed(b"WATCH k\r\n");
    db.zincrby("k", 1.0, "a").unwrap();
    conn.feed(b"MULTI\r\nZCARD k\r\nEXEC\r\n");
    assert!(String::from_utf8(conn.take_output()).unwrap().ends_with("*-1\r\n"));
}

#[test]
fn a_refused_command_leaves_everything_as_it_was() {
    let db = db(Encodings::default());
    db.set("text", "x").unwrap();
    db.rpush("list", &["x"]).unwrap();
    db.zadd("k", f64::INFINITY, "a").unwrap();
    let steps = db.journal();
    for words in [
        "ZADD k 1 b nan c",
        "ZADD k INCR -inf a",
        "ZINCRBY k -inf a",
        "ZADD text 1 a",
        "ZADD k 1 b 2",
        "ZUNIONSTORE k 2 k text",
        "ZUNIONSTORE k 1 k WEIGHTS x",
        "ZRANGESTORE k text 0 -1",
        "ZRANGESTORE k list 0 -1",
        "ZMPOP 2 none text MIN",
        "ZREMRANGEBYSCORE k a b",
        "ZRANDMEMBER k -9223372036854775807",
    ] {
        assert!(db.call(words.split(' ')).is_err(), "{words}");
    }
    let refused = db.zadd("k", f64::NAN, "b").unwrap_err();
    assert_eq!((refused.kind(), refused.text()), (Kind::Command, &b"ERR value is not a valid float"[..]));
    assert!(Operands::of(&["k"]).unwrap().weights(&[f64::NAN]).is_err());
    assert_eq!(db.zscore("text", "a").unwrap_err().kind(), Kind::WrongType);
    assert!(db.zunion(&[""; 0]).is_err());
    assert_eq!(content(&db, "k"), [(b"a".to_vec(), f64::INFINITY)]);
    assert_eq!(db.journal(), steps);
}

#[test]
fn scores_cancel_out_where_redis_says_so() {
    let db = db(Encodings::default());
    db.zadd("up", f64::INFINITY, "a").unwrap();
    db.zadd("down", f64::NEG_INFINITY, "a").unwrap();
    assert_eq!(db.zunion(&["up", "down"]).unwrap()[0].1, 0.0);
    let zero = Operands::of(&["up"]).unwrap().weights(&[0.0]).unwrap();
    assert_eq!(db.run(ZUnion::new(zero)).unwrap().into_pairs()[0].1, 0.0);
    let error = db.zincrby("up", f64::NEG_INFINITY, "a").unwrap_err();
    assert_eq!(error.text(), b"ERR resulting score is not a number (NaN)");
}

#[test]
fn conditions_are_said_with_a_builder() {
    let db = db(Encodings::default());
    db.zadd("k", 5.0, "a").unwrap();
    assert_eq!(db.run(ZAdd::new("k", 4.0, "a").only_greater()).unwrap().updated, 0);
    assert_eq!(db.run(ZAdd::new("k", 6.0, "a").only_greater()).unwrap().updated, 1);
    assert_eq!(db.run(ZAdd::new("k", 7.0, "b").only_existing()).unwrap().added, 0);
    assert_eq!(db.run(ZAdd::new("k", 7.0, "a").only_new()).unwrap().updated, 0);
    assert_eq!(db.run(ZAdd::new("k", 0.5, "a").only_existing().incrementing()).unwrap().score, Some(6.5));
    assert_eq!(db.run(ZAdd::new("k", 9.0, "a").only_less().incrementing()).unwrap().score, None);
}

#[test]
fn a_scan_shows_every_member_while_others_come_and_go() {
    for encodings in encodings() {
        let db = db(encodings);
        let stays: Vec<_> = (0..200).map(|n| (f64::from(n), format!("stays:{n}"))).collect();
        db.zadd_all("k", &stays).unwrap();
        let (mut seen, mut cursor, mut round) = (BTreeSet::new(), "0".to_string(), 0);
        loop {
            let reply = db.call(["ZSCAN", "k", &cursor, "COUNT", "7", "MATCH", "stays:*"]).unwrap();
            let [next, Reply::Array(page)] = reply.as_list().unwrap() else { panic!("two values") };
            seen.extend(page.iter().step_by(2).map(|member| member.as_bytes().unwrap().to_vec()));
            cursor = String::from_utf8(next.as_bytes().unwrap().to_vec()).unwrap();
            round += 1;
            db.zadd("k", 1.0, format!("comes:{round}")).unwrap();
            db.zrem("k", &[format!("comes:{}", round / 2)]).unwrap();
            if cursor == "0" {
                break;
            }
        }
        assert_eq!(seen.len(), 200);
    }
}

#[test]
fn expired_sets_are_not_there() {
    let clock = Clock::manual(1_000);
    let db = Db::with(Options { clock: clock.clone(), threads: 0, ..Options::default() });
    db.zadd("k", 1.0, "a").unwrap();
    if db.call(["PEXPIRE", "k", "10"]).is_err() {
        return;
    }
    clock.set_ms(1_010);
    assert_eq!((db.zcard("k").unwrap(), db.zunion(&["k"]).unwrap().len()), (0, 0));
    assert!(db.zadd("k", 2.0, "b").unwrap());
    assert_eq!(content(&db, "k"), [(b"b".to_vec(), 2.0)]);
}

#[test]
fn the_log_does_not_depend_on_the_form_a_set_had() {
    let live = db(Encodings::default());
    // Of mixed scores: what a range of members means depends on the form then.
    live.zadd_all("k", &[(1.0, "c"), (2.0, "a"), (3.0, "b"), (4.0, "d")]).unwrap();
    live.call(["ZRANGESTORE", "part", "k", "[b", "+", "BYLEX", "REV", "LIMIT", "0", "2"]).unwrap();
    live.call(["ZREMRANGEBYLEX", "k", "[b", "+"]).unwrap();
    live.call(["ZRANGESTORE", "part2", "part", "(0", "3", "BYSCORE"]).unwrap();
    live.call(["ZRANGESTORE", "part", "k", "7", "9", "BYSCORE"]).unwrap();
    live.call(["ZPOPMAX", "part2"]).unwrap();
    let again = Options { encodings: Encodings::NEVER_COMPACT, ..Options::default() };
    let again = Db::replay(&live.journal(), again).unwrap();
    for key in ["k", "part", "part2"] {
        assert_eq!(content(&again, key), content(&live, key), "{key}");
    }
}
