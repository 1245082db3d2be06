//! Keys of any type against a map with deadlines; walks, sorting, whole databases; their journal and errors.
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use tenondb::{
    Clock, Db, Encodings, Hashes, Keys, Lists, Options, Run, Sets, SortedSets, Strings, Type, op, resp::Conn,
};

fn open(encodings: Encodings) -> (Db, Options) {
    let clock = Clock::manual(1_000_000);
    let options = Options { threads: 0, stripes: 4, journal: true, clock, encodings, ..Options::default() };
    (Db::with(options.clone()), options)
}

fn told(db: &Db, line: &str) -> String {
    match db.call(line.split(' ')) {
        Ok(reply) => format!("{reply:?}"),
        Err(error) => error.to_string(),
    }
}

/// What is at a key: something to tell values apart, and the deadline.
type Model = BTreeMap<(u32, u8), (u8, Option<u64>)>;

#[derive(Clone, Debug)]
enum Op {
    Make(u8, u8),
    Delete(Vec<u8>),
    Expire(u8, i64, &'static str),
    Persist(u8),
    Rename(u8, u8, bool),
    Copy(u8, u8, Option<u32>, bool),
    Move(u8, u32),
    Wait(u64),
    Select(u32),
    Swap(u32, u32),
    Flush,
}

fn operation() -> impl Strategy<Value = Op> {
    let key = || 0..4u8;
    let db = || 0..3u32;
    let only = prop::sample::select(vec!["", "NX", "XX", "GT", "LT"]);
    prop_oneof![
        6 => (key(), any::<u8>()).prop_map(|(key, value)| Op::Make(key, value)),
        1 => prop::collection::vec(key(), 1..6).prop_map(Op::Delete),
        6 => (key(), -20..300i64, only).prop_map(|(key, ms, only)| Op::Expire(key, ms, only)),
        1 => key().prop_map(Op::Persist),
        4 => (key(), key(), any::<bool>()).prop_map(|(key, to, nx)| Op::Rename(key, to, nx)),
        4 => (key(), key(), prop::option::of(db()), any::<bool>())
            .prop_map(|(key, to, db, replace)| Op::Copy(key, to, db, replace)),
        3 => (key(), db()).prop_map(|(key, db)| Op::Move(key, db)),
        3 => (1..150u64).prop_map(Op::Wait),
        2 => db().prop_map(Op::Select),
        1 => (db(), db()).prop_map(|(a, b)| Op::Swap(a, b)),
        1 => Just(Op::Flush),
    ]
}

/// Makes a value of one of the types, large or small, that tells `value`.
fn make(db: &Db, key: u8, value: u8) {
    let (name, size) = ([key], if value & 8 == 0 { 1 } else { 300 });
    db.del(&[name]).unwrap();
    let members: Vec<String> = (0..size).map(|n| format!("{value}:{n}")).collect();
    match value % 5 {
        0 => db.set(name, vec![value; size]).unwrap(),
        1 => db.rpush(name, &members).map(drop).unwrap(),
        2 => db.sadd(name, &members).map(drop).unwrap(),
        3 => members.iter().for_each(|m| db.zadd(name, f64::from(value), m).map(drop).unwrap()),
        _ => members.iter().for_each(|m| db.hset(name, &[(m, "x")]).map(drop).unwrap()),
    }
}

fn has(db: &Db, key: u8, value: u8) -> bool {
    let (name, size) = ([key], if value & 8 == 0 { 1 } else { 300 });
    let member = format!("{value}:0");
    match value % 5 {
        0 => db.get(name).unwrap().unwrap() == vec![value; size],
        1 => db.lindex(name, 0).unwrap().unwrap() == member && db.llen(name).unwrap() == size as u64,
        2 => db.sismember(name, member).unwrap() && db.scard(name).unwrap() == size as u64,
        3 => {
            db.zscore(name, member).unwrap() == Some(f64::from(value))
                && db.zcard(name).unwrap() == size as u64
        }
        _ => db.hexists(name, member).unwrap() && db.hlen(name).unwrap() == size as u64,
    }
}

struct World {
    db: Db,
    index: u32,
    model: Model,
    now_ms: u64,
}

impl World {
    fn alive(&mut self) -> &mut Model {
        let now_ms = self.now_ms;
        self.model.retain(|_, (_, at)| at.is_none_or(|at| at > now_ms));
        &mut self.model
    }

    fn apply(&mut self, op: Op) {
        let (db, index, now_ms) = (self.db.select(self.index).unwrap(), self.index, self.now_ms);
        let model = self.alive();
        match op {
            Op::Make(key, value) => {
                make(&db, key, value);
                model.insert((index, key), (value, None));
            }
            Op::Delete(keys) => {
                let gone = keys.iter().filter(|key| model.remove(&(index, **key)).is_some()).count();
                let names: Vec<[u8; 1]> = keys.iter().map(|key| [*key]).collect();
                assert_eq!(db.del(&names).unwrap(), gone as u64);
            }
            Op::Expire(key, ms, only) => {
                let new = (now_ms as i64 + ms) as u64;
                let slot = model.get_mut(&(index, key));
                let holds = slot.as_ref().is_some_and(|(_, old)| match only {
                    "NX" => old.is_none(),
                    "XX" => old.is_some(),
                    "GT" => old.is_some_and(|old| new > old),
                    "LT" => old.is_none_or(|old| new < old),
                    _ => true,
                });
                let name = [key];
                let expire = op::PExpire::new(&name, ms);
                let expire = match only {
                    "NX" => expire.only_new(),
                    "XX" => expire.only_existing(),
                    "GT" => expire.only_later(),
                    "LT" => expire.only_earlier(),
                    _ => expire,
                };
                assert_eq!(db.run(expire).unwrap(), holds);
                if let Some(slot) = slot.filter(|_| holds) {
                    slot.1 = Some(new);
                }
            }
            Op::Persist(key) => {
                let old = model.get_mut(&(index, key)).and_then(|slot| slot.1.take());
                assert_eq!(db.persist([key]).unwrap(), old.is_some());
            }
            Op::Rename(key, to, nx) => {
                let (there, free) = (model.contains_key(&(index, key)), !model.contains_key(&(index, to)));
                let moves = there && (free || !nx);
                if nx {
                    assert_eq!(db.renamenx([key], [to]).ok(), there.then_some(moves));
                } else {
                    assert_eq!(db.rename([key], [to]).is_ok(), there);
                }
                if moves && let Some(value) = model.remove(&(index, key)) {
                    model.insert((index, to), value);
                }
            }
            Op::Copy(key, to, other, replace) => {
                let (source, target) = ((index, key), (other.unwrap_or(index), to));
                let (names, copies) = (([key], [to]), replace || !model.contains_key(&target));
                let mut copy = op::Copy::new(&names.0, &names.1);
                (copy.db, copy.replace) = (other, replace);
                let value = model.get(&source).copied();
                let expected = (source != target).then_some(copies && value.is_some());
                assert_eq!(db.run(copy).ok(), expected);
                if let (Some(true), Some(value)) = (expected, value) {
                    model.insert(target, value);
                }
            }
            Op::Move(key, other) => {
                let (there, free) = (model.contains_key(&(index, key)), !model.contains_key(&(other, key)));
                let moves = there && free;
                assert_eq!(db.move_to([key], other).ok(), (other != index).then_some(moves));
                if other != index
                    && moves
                    && let Some(value) = model.remove(&(index, key))
                {
                    model.insert((other, key), value);
                }
            }
            Op::Wait(ms) => {
                self.now_ms += ms;
                self.db.clock().advance_ms(ms);
            }
            Op::Select(db) => self.index = db,
            Op::Swap(a, b) => {
                db.swapdb(a, b).unwrap();
                let swapped = |n| {
                    if n == a {
                        b
                    } else if n == b {
                        a
                    } else {
                        n
                    }
                };
                *model =
                    std::mem::take(model).into_iter().map(|((n, key), v)| ((swapped(n), key), v)).collect();
            }
            Op::Flush => {
                db.flushdb().unwrap();
                model.retain(|(n, _), _| *n != index);
            }
        }
    }

    fn check(&mut self, db: &Db) {
        let model = self.alive().clone();
        for (n, key) in (0..3).flat_map(|n| (0..4).map(move |key| (n, key))) {
            let (db, expected) = (db.select(n).unwrap(), model.get(&(n, key)));
            assert_eq!(db.exists(&[[key]]).unwrap(), u64::from(expected.is_some()), "{n} {key}");
            assert_eq!(db.pexpiretime([key]).unwrap().time(), expected.and_then(|(_, at)| *at));
            assert!(expected.is_none_or(|(value, _)| has(&db, key, *value)), "{n} {key} {expected:?}");
        }
        for n in 0..3 {
            let found: BTreeSet<u8> = db.select(n).unwrap().keys("*").unwrap().iter().map(|k| k[0]).collect();
            assert!(found.iter().eq(model.keys().filter(|(db, _)| *db == n).map(|(_, key)| key)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]
    #[test]
    fn keys_behave_as_a_map_with_deadlines(ops in prop::collection::vec(operation(), 1..50), packed: bool) {
        let encodings = if packed { Encodings::default() } else { Encodings::NEVER_COMPACT };
        let (db, options) = open(encodings);
        let mut world = World { db: db.clone(), index: 0, model: Model::new(), now_ms: 1_000_000 };
        for op in ops {
            world.apply(op);
        }
        world.check(&db);
        let replayed = Db::replay(&db.journal(), options).unwrap();
        replayed.clock().set_ms(world.now_ms);
        world.check(&replayed);
        // Memory is given back whatever became of the keys.
        world.db.flushall().unwrap();
        while db.tick(1_000_000) {}
        prop_assert_eq!(db.dbsize().unwrap(), 0);
    }
}

#[test]
fn a_walk_sees_what_stays_exactly_once_whatever_comes_and_goes() {
    let db = Db::memory();
    for n in 0..3000 {
        db.set(format!("stays:{n}"), "v").unwrap();
        db.set(format!("goes:{n}"), "v").unwrap();
    }
    let (mut cursor, mut seen, mut round) = (0, Vec::new(), 0);
    loop {
        let page = db.run(op::Scan::new(cursor).matching("stays:*").counting(50)).unwrap();
        seen.extend(page.keys.iter().map(|key| key.to_vec()));
        cursor = page.cursor;
        if cursor == 0 {
            break;
        }
        for n in 0..40 {
            db.set(format!("new:{round}:{n}"), "v").unwrap();
            db.del(&[format!("goes:{}", round * 40 + n)]).unwrap();
        }
        round += 1;
    }
    let distinct: BTreeSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), distinct.len()), (3000, 3000));
    db.sadd("a set", &["m"]).unwrap();
    let page = db.run(op::Scan::new(0).of_type(Type::Set).counting(usize::MAX)).unwrap();
    assert_eq!((page.cursor, page.keys.len()), (0, 1));
    assert!(told(&db, "SCAN 0 TYPE nothing").starts_with("ERR unknown type name 'nothing'"));
    assert_eq!(db.run(op::Scan::new(u64::MAX)).unwrap().cursor, 0);
    assert_eq!(db.keys("new:0:?").unwrap().len(), 10);
    assert!(db.exists(&[db.randomkey().unwrap().unwrap()]).unwrap() == 1);
}

fn numbers(values: &[i32], sort: op::Sort<'_>, db: &Db) -> Vec<i32> {
    let rows = db.run(sort).unwrap();
    assert!(rows.len() <= values.len());
    rows.into_iter().map(|row| String::from_utf8(row.unwrap().to_vec()).unwrap().parse().unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]
    #[test]
    fn sorting_sorts(values in prop::collection::btree_set(-500..500i32, 1..60), offset in 0..20i64, packed: bool) {
        let encodings = if packed { Encodings::default() } else { Encodings::NEVER_COMPACT };
        let (db, options) = open(encodings);
        let values: Vec<i32> = values.into_iter().collect();
        for value in values.iter().rev() {
            db.rpush("list", &[value.to_string()]).unwrap();
            db.sadd("set", &[value.to_string()]).unwrap();
            db.zadd("zset", f64::from(value % 7), value.to_string()).unwrap();
            db.set(format!("w_{value}"), (-value).to_string()).unwrap();
            db.hset(format!("h_{value}"), &[("f", (value.rem_euclid(50)).to_string())]).unwrap();
        }
        let back: Vec<i32> = values.iter().rev().copied().collect();
        let mut by_text: Vec<String> = values.iter().map(i32::to_string).collect();
        by_text.sort();
        let mut by_field = values.clone();
        by_field.sort_by_key(|value| (value.rem_euclid(50), value.to_string()));
        let cut: Vec<i32> = values.iter().copied().skip(offset as usize).take(5).collect();
        for key in ["list", "set", "zset"] {
            let sort = || op::Sort::new(key);
            prop_assert_eq!(&numbers(&values, sort(), &db), &values);
            prop_assert_eq!(&numbers(&values, sort().descending(), &db), &back);
            prop_assert_eq!(&numbers(&values, sort().by("w_*"), &db), &back);
            prop_assert_eq!(&numbers(&values, sort().by("h_*->f"), &db), &by_field);
            prop_assert_eq!(&numbers(&values, sort().by("none*").get("w_*").alpha(), &db).len(), &values.len());
            prop_assert_eq!(&numbers(&values, sort().limit(offset, 5), &db), &cut);
            let texts = db.run(sort().alpha().get("#").store("target")).unwrap();
            prop_assert!(texts.iter().flatten().map(|t| &t[..]).eq(by_text.iter().map(String::as_bytes)));
            prop_assert_eq!(db.lrange("target", 0, -1).unwrap().len(), values.len());
        }
        prop_assert_eq!(numbers(&values, op::Sort::new("list").by("nosort"), &db), back);
        let replayed = Db::replay(&db.journal(), options).unwrap();
        prop_assert_eq!(replayed.lrange("target", 0, -1).unwrap(), db.lrange("target", 0, -1).unwrap());
    }
}

#[test]
fn sort_stores_empty_texts_for_what_is_missing_and_refuses_what_is_no_number() {
    let db = Db::memory();
    db.rpush("list", &["3", "1"]).unwrap();
    db.set("o_1", "one").unwrap();
    assert_eq!(told(&db, "SORT list GET o_* GET # STORE d"), "Int(4)");
    assert_eq!(db.lrange("d", 0, -1).unwrap(), ["one", "1", "", "3"]);
    assert_eq!(told(&db, "SORT none STORE d"), "Int(0)");
    assert_eq!(db.exists(&["d"]).unwrap(), 0);
    for (line, text) in [
        ("SORT list BY o_*", "ERR One or more scores can't be converted into double"),
        ("SORT o_1", "WRONGTYPE Operation against a key holding the wrong kind of value"),
        ("SORT list LIMIT 1", "ERR syntax error"),
        ("SORT list LIMIT a 1", "ERR value is not an integer or out of range"),
        ("SORT_RO list STORE d", "ERR syntax error"),
    ] {
        assert_eq!(told(&db, line), text, "{line}");
    }
    let refused = db.transaction(|tx| tx.run(op::Sort::new("list").by("w_*")));
    assert!(refused.is_err());
    assert_eq!(db.transaction(|tx| tx.run(op::Sort::new("list"))).unwrap().len(), 2);
}

#[test]
fn errors_are_redis_own() {
    let db = Db::memory();
    db.set("k", "v").unwrap();
    const INT: &str = "ERR value is not an integer or out of range";
    const SAME: &str = "ERR source and destination objects are the same";
    const DB: &str = "ERR DB index is out of range";
    for (line, text) in [
        ("EXPIRE k ten FOO", "ERR Unsupported option FOO"),
        ("EXPIRE k ten", INT),
        ("EXPIRE k 9 NX XX", "ERR NX and XX, GT or LT options at the same time are not compatible"),
        ("EXPIRE k 9 GT LT", "ERR GT and LT options at the same time are not compatible"),
        ("EXPIRE none 9223372036854775", "ERR invalid expire time in 'expire' command"),
        ("PEXPIRE k 9223372036854775807", "ERR invalid expire time in 'pexpire' command"),
        ("RENAME none none", "ERR no such key"),
        ("RENAMENX none k", "ERR no such key"),
        ("COPY k k", SAME),
        ("COPY k a DB 16", DB),
        ("COPY k a DB", "ERR syntax error"),
        ("MOVE none 0", SAME),
        ("MOVE k -1", DB),
        ("SWAPDB a 0", "ERR invalid first DB index"),
        ("SWAPDB 0 a", "ERR invalid second DB index"),
        ("SWAPDB 0 16", DB),
        ("SCAN x", "ERR invalid cursor"),
        ("SCAN 0 COUNT 0", "ERR syntax error"),
        ("FLUSHALL NOW", "ERR syntax error"),
        ("OBJECT NOTHING", "ERR unknown subcommand 'NOTHING'. Try OBJECT HELP."),
        ("OBJECT ENCODING", "ERR wrong number of arguments for 'object|encoding' command"),
        ("WAIT 0 -1", "ERR timeout is negative"),
        ("WAIT 0 x", "ERR timeout is not an integer or out of range"),
        ("WAITAOF 2 0 0", "ERR value is out of range, value must between 0 and 1"),
        ("WAITAOF 1 0 0", "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled."),
    ] {
        assert_eq!(told(&db, line), text, "{line}");
    }
    assert!(told(&db, "OBJECT FREQ k").starts_with("ERR An LFU maxmemory policy is not selected"));
    assert_eq!(told(&db, "PEXPIREAT k 9223372036854775807"), "Int(1)");
    assert_eq!(db.pexpiretime("k").unwrap(), op::Left::Time(i64::MAX as u64));
}

#[test]
fn idle_time_counts_from_the_last_use_which_a_question_is_not() {
    let (db, _) = open(Encodings::default());
    db.set("k", "v").unwrap();
    db.clock().advance_ms(5_000);
    for _ in 0..2 {
        assert_eq!(told(&db, "OBJECT IDLETIME k"), "Int(5)");
    }
    assert_eq!(db.touch(&["k", "none", "k"]).unwrap(), 2);
    assert_eq!(told(&db, "OBJECT IDLETIME k"), "Int(0)");
    assert_eq!(told(&db, "OBJECT REFCOUNT none"), "Nil");
}

#[test]
fn whole_databases_are_swapped_and_emptied_under_watch() {
    let db = Db::memory();
    let other = db.select(1).unwrap();
    let mut conn = Conn::new(&db);
    let mut say = |line: &str| {
        conn.feed(format!("{line}\r\n").as_bytes());
        String::from_utf8(conn.take_output()).unwrap()
    };
    for (disturbs, line) in
        [(true, "SWAPDB 0 1"), (true, "FLUSHALL"), (false, "DBSIZE"), (true, "FLUSHDB ASYNC")]
    {
        db.set("k", "zero").unwrap();
        other.set("k", "one").unwrap();
        for line in ["WATCH k", "MULTI", "GET k"] {
            say(line);
        }
        db.call(line.split(' ')).unwrap();
        assert_eq!(say("EXEC") == "*-1\r\n", disturbs, "{line}");
    }
    db.set("k", "zero").unwrap();
    other.set("k", "one").unwrap();
    db.swapdb(0, 1).unwrap();
    assert_eq!(
        (db.get("k").unwrap().unwrap(), other.get("k").unwrap().unwrap()),
        ("one".as_bytes().into(), "zero".as_bytes().into())
    );
    assert_eq!(say("WAIT 1 0"), ":0\r\n");
    assert_eq!(say("WAITAOF 0 1 0"), "*2\r\n:0\r\n:0\r\n");
    assert_eq!(say("TYPE k"), "+string\r\n");
    assert_eq!(say("TYPE none"), "+none\r\n");
    db.flushall().unwrap();
    assert_eq!((db.dbsize().unwrap(), other.dbsize().unwrap(), db.randomkey().unwrap()), (0, 0, None));
}
