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

/// Records of one key each, of all lengths, and now and then one of two keys.
fn commands() -> Vec<Vec<u8>> {
    let key = |n: usize| format!("key:{}", n % 90);
    let of = |n: usize| match n % 100 {
        99 => sets(&[key(n), key(n * 31)], &n.to_string()),
        _ => sets(&[key(n)], &format!("{n} {}", "x".repeat(n % 300))),
    };
    (0..1000).map(of).collect()
}

#[test]
fn a_plan_finds_every_record_again_and_each_has_its_turn() {
    let (db, all) = (Db::memory(), commands());
    let (frames, positions) = frames(&all);
    let from = positions[13];
    let plan = plan(&db, WORKERS, from, &frames);
    assert_eq!((plan.records(), plan.all().len()), (987, 987));
    for (due, nth) in plan.all().iter().zip(13..) {
        assert_eq!(
            (plan.commands(due), due.now_ms, plan.position(due)),
            (&all[nth][..], nth as u64, positions[nth])
        );
        let first = format!("key:{}", nth % 90);
        assert_eq!(due.key(), Some((0, hash::bytes(first.as_bytes()))));
    }
    let lists = plan.divided().expect("meetings are rare");
    let meetings = plan.all().iter().filter(|due| due.is_meeting()).count();
    assert!((1..=10).contains(&meetings), "{meetings}");
    let listed: usize = lists.iter().map(Vec::len).sum();
    assert_eq!(listed, 987 + meetings * (WORKERS - 1), "a meeting is in every list");
    for (worker, list) in lists.iter().enumerate() {
        let mine = |due: &Due| owner(db.core.keyspace.stripe_of(due.hint().1), WORKERS) == worker;
        assert!(list.iter().all(|due| due.is_meeting() || mine(due)));
        assert!(list.windows(2).all(|two| two[0].now_ms < two[1].now_ms), "in the order of the log");
    }
}

#[test]
fn where_meetings_are_frequent_one_thread_runs_everything() {
    let (db, both) = (Db::memory(), sets(&["a".into(), "b".into(), "c".into()], "1"));
    let plan = plan(&db, WORKERS, 0, &frames(&vec![both; 100]).0);
    assert!(plan.divided().is_none() && plan.all().len() == 100);
}

#[test]
fn records_that_cannot_be_run_are_named_by_the_first_and_the_others_run_when_that_is_wanted() {
    let mut all = commands();
    let unknown = |key: &str| {
        let mut rec = Record::on();
        rec.command(u16::MAX).bytes(key.as_bytes());
        rec.encoded().to_vec()
    };
    // One that no table has, one that is cut short, and one that its command refuses.
    (all[500], all[510]) = (unknown("key:3"), all[510][..9].to_vec());
    let mut refused = Record::on();
    refused.command(Set::SPEC.id).bytes(b"key:4").bytes(b"value").bytes(b"NONSENSE");
    all[520] = refused.encoded().to_vec();
    let (frames, positions) = frames(&all);
    for workers in [1, 2, WORKERS] {
        let db = Db::memory();
        let stuck = run_all(&db.core, &plan(&db, workers, 0, &frames), true);
        let (position, error) = stuck.first.expect("three cannot be run");
        assert_eq!((stuck.count, position), (3, positions[500]), "{workers}");
        assert!(error.to_string().contains("names an unknown command"), "{error}");
        let left_out = [500, 510, 520];
        for key in 0..90 {
            let last = (0..1000)
                .rfind(|n| !left_out.contains(n) && (n % 90 == key || n % 100 == 99 && n * 31 % 90 == key));
            let value = db.run(Get { key: format!("key:{key}").as_bytes() }).unwrap().expect("it was set");
            let text = String::from_utf8_lossy(&value).into_owned();
            assert_eq!(text.split(' ').next(), Some(&*last.unwrap().to_string()), "{workers} {key}");
        }
        let db = Db::memory();
        let stuck = run_all(&db.core, &plan(&db, workers, 0, &frames), false);
        assert!((1..=3).contains(&stuck.count), "{workers}: {}", stuck.count);
        assert!(stuck.first.is_some());
    }
}
