//! Plans: whose turn records are, what is kept of them, and where one is that cannot be run.
use super::*;
use crate::{
    cmd::{
        Command, Run,
        string::{get::Get, set::Set},
    },
    keyspace::strings::Ttl,
    store::{frame::Prefix, log::reader::FrameRecords},
};

const WORKERS: usize = 3;

fn record(now_ms: u64, commands: &[u8]) -> Vec<u8> {
    let prefix = Prefix::new(commands.len(), now_ms);
    [&prefix.padded()[..prefix.len()], commands].concat()
}

/// A SET of each of these keys, in one record.
fn sets(keys: &[String], value: &str) -> Vec<u8> {
    let mut rec = Record::on();
    keys.iter().for_each(|key| Set::record(&mut rec, key.as_bytes(), value.as_bytes(), Ttl::Clear));
    rec.encoded().to_vec()
}

/// Frames of these commands, some to a frame, and the position of each record. The clock is a record's number.
fn frames(all: &[Vec<u8>]) -> (Vec<FrameRecords>, Vec<u64>) {
    let (mut frames, mut positions, mut position) = (Vec::new(), Vec::new(), 1000);
    for (nth, some) in all.chunks(7).enumerate() {
        let mut frame = FrameRecords { position, payload: Vec::new() };
        for (at, commands) in some.iter().enumerate() {
            positions.push(position);
            frame.payload.extend(record((nth * 7 + at) as u64, commands));
            position = frame.position + frame.payload.len() as u64;
        }
        frames.push(frame);
    }
    (frames, positions)
}

fn plan<'c>(db: &'c Db, workers: usize, from: u64, frames: &[FrameRecords]) -> Plan<'c> {
    let mut plan = Plan::new(&db.core, workers, from);
    let mut frames = frames.iter().cloned();
    plan.make(&mut |_| Ok(frames.next())).unwrap();
    plan
}

/// A key of that number, of a stripe of that worker.
fn key(db: &Db, worker: usize, number: usize) -> String {
    let mine =
        |key: &String| owner(db.core.keyspace.stripe_of(hash::bytes(key.as_bytes())), WORKERS) == worker;
    (0..).map(|n| format!("key:{number}:{n}")).find(mine).expect("every worker has stripes")
}

const KEYS: usize = 90;

/// 90 keys, a third of them of each worker.
fn keys(db: &Db) -> Vec<String> {
    (0..KEYS).map(|number| key(db, number % WORKERS, number)).collect()
}

/// The keys that record `nth` sets. Of a hundred records one is about two keys of two workers.
fn set_by(nth: usize) -> Vec<usize> {
    if nth % 100 == 99 { vec![nth % KEYS, (nth + 1) % KEYS] } else { vec![nth % KEYS] }
}

/// A thousand records of all lengths, the one with the number `EMPTY` of nothing.
fn commands(keys: &[String]) -> Vec<Vec<u8>> {
    let of = |nth: usize| {
        let names: Vec<String> = set_by(nth).iter().map(|key| keys[*key].clone()).collect();
        sets(&names, &format!("{nth} {}", "x".repeat(nth % 300)))
    };
    let mut all: Vec<_> = (0..1000).map(of).collect();
    all[EMPTY] = Vec::new();
    all
}

const EMPTY: usize = 700;

#[test]
fn a_plan_finds_every_record_again_and_each_has_its_turn() {
    let db = Db::memory();
    let keys = keys(&db);
    let all = commands(&keys);
    let (frames, positions) = frames(&all);
    let from = positions[13];
    let plan = plan(&db, WORKERS, from, &frames);
    assert_eq!((plan.records(), plan.all().len()), (987, 987));
    for (due, nth) in plan.all().iter().zip(13..) {
        let found = (plan.commands(due), due.now_ms, plan.position(due));
        assert_eq!(found, (&all[nth][..], nth as u64, positions[nth]));
        let first = hash::bytes(keys[nth % KEYS].as_bytes());
        assert_eq!(due.key(), (nth != EMPTY).then_some((0, first)), "{nth}");
    }
    let lists = plan.divided().expect("meetings are rare");
    let meets = |due: &&Due| due.is_meeting();
    assert_eq!(plan.all().iter().filter(meets).count(), 10);
    assert_eq!(
        lists.iter().map(Vec::len).sum::<usize>(),
        987 + 10 * (WORKERS - 1),
        "a meeting is in every list"
    );
    for (worker, list) in lists.iter().enumerate() {
        let mine = |due: &Due| due.now_ms as usize % KEYS % WORKERS == worker || due.now_ms as usize == EMPTY;
        assert!(list.iter().all(|due| due.is_meeting() || mine(due)));
        assert!(list.windows(2).all(|two| two[0].now_ms < two[1].now_ms), "in the order of the log");
    }
}

#[test]
fn where_meetings_are_frequent_one_thread_runs_everything() {
    let db = Db::memory();
    let both = sets(&[key(&db, 0, 0), key(&db, 1, 1)], "1");
    let plan = plan(&db, WORKERS, 0, &frames(&vec![both; 100]).0);
    assert!(plan.divided().is_none() && plan.all().len() == 100);
}

/// Runs all records, of which those at `bad` cannot be run, and looks at every key. Of the first of them `text` is said.
/// `spoil` changes the records, and whoever runs one that is `spoiled` panics.
fn all_but(bad: &[usize], text: &str, spoil: impl Fn(&mut Vec<Vec<u8>>), spoiled: &[usize]) {
    for workers in [1, 2, WORKERS] {
        let db = Db::memory();
        let keys = keys(&db);
        let mut all = commands(&keys);
        spoil(&mut all);
        let (frames, positions) = frames(&all);
        let plan = |db| {
            let mut plan = plan(db, workers, 0, &frames);
            spoiled.iter().for_each(|nth| plan.spoil(*nth as u64));
            plan
        };
        let stuck = run_all(&db.core, &plan(&db), true, Pages::Large);
        let (position, error) = stuck.first.expect("some cannot be run");
        assert!(error.to_string().contains(text), "{error}");
        assert_eq!((stuck.count, position), (bad.len(), positions[bad[0]]), "{workers}");
        for (number, key) in keys.iter().enumerate() {
            let sets = |nth: &usize| *nth != EMPTY && !bad.contains(nth) && set_by(*nth).contains(&number);
            let last = (0..1000).rfind(sets).expect("each is set often");
            let value = db.run(Get { key: key.as_bytes() }).unwrap().expect("it was set");
            assert_eq!(
                String::from_utf8_lossy(&value).split(' ').next(),
                Some(&*last.to_string()),
                "{workers} {key}"
            );
        }
        let db = Db::memory();
        let stuck = run_all(&db.core, &plan(&db), false, Pages::Small);
        assert!((1..=bad.len()).contains(&stuck.count), "{workers}: {}", stuck.count);
        assert!(stuck.first.is_some());
    }
}

#[test]
fn records_that_cannot_be_run_are_named_by_the_first_and_the_others_run_when_that_is_wanted() {
    let spoil = |all: &mut Vec<Vec<u8>>| {
        let record = |id: u16, words: &[&[u8]]| {
            let mut rec = Record::on();
            rec.command(id);
            words.iter().for_each(|word| _ = rec.bytes(word));
            rec.encoded().to_vec()
        };
        // One that no table has, one that is cut short, and one that its command refuses.
        all[500] = record(u16::MAX, &[b"key"]);
        all[510].truncate(9);
        all[520] = record(Set::SPEC.id, &[b"key", b"value", b"NONSENSE"]);
    };
    all_but(&[500, 510, 520], "names an unknown command", spoil, &[]);
}

#[test]
fn one_that_panics_is_left_out_and_nobody_waits_for_it() {
    // In a stretch, twice in a row, and as meetings.
    let bad = [300, 303, 306, 399, 599, 998, 999];
    all_but(&bad, "internal error", |_| {}, &bad);
}
