//! Is concurrent use linearizable? Threads run random commands on a few keys; every call's start and end are
//! numbered; a checker then looks for one order of the calls that respects those numbers and explains every reply.
//!
//! The checker is Wing and Gong's search (*Testing and verifying concurrent objects*, 1993) with Lowe's memory of
//! what was tried: the set of calls taken and the state they led to.
mod checker;

use checker::{Call, Event, State, explain};
use std::sync::{
    Barrier,
    atomic::{AtomicU64, Ordering},
};
use tenondb::{Db, Options, Reply, Strings, Txn, resp::Conn};

const KEYS: [&str; 3] = ["a", "b", "c"];

/// A repeatable sequence of choices.
struct Choices(u64);

impl Choices {
    fn below(&mut self, bound: u64) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % bound) as usize
    }
}

fn number(reply: &Reply) -> Option<i64> {
    reply.as_int().or_else(|| std::str::from_utf8(reply.as_bytes()?).ok()?.parse().ok())
}

fn say(conn: &mut Conn, words: &[&str]) -> String {
    let mut request = format!("*{}\r\n", words.len());
    words.iter().for_each(|w| request.push_str(&format!("${}\r\n{w}\r\n", w.len())));
    conn.feed(request.as_bytes());
    String::from_utf8(conn.take_output()).unwrap()
}

fn bulk(reply: &str) -> Option<i64> {
    reply.strip_prefix('$')?.split("\r\n").nth(1)?.parse().ok()
}

/// WATCH, GET, MULTI, SET, EXEC: a compare-and-set whose reply says whether it happened.
fn watched_set(db: &Db, key: usize, value: i64) -> Call {
    let mut conn = Conn::new(db);
    say(&mut conn, &["WATCH", KEYS[key]]);
    let seen = bulk(&say(&mut conn, &["GET", KEYS[key]]));
    // Others get their turn between the two, also on a machine with one core.
    std::thread::yield_now();
    say(&mut conn, &["MULTI"]);
    say(&mut conn, &["SET", KEYS[key], &value.to_string()]);
    let done = say(&mut conn, &["EXEC"]) == "*1\r\n+OK\r\n";
    Call::Watched { key, seen, value, done }
}

fn read(tx: &Txn<'_>, key: usize) -> tenondb::Result<Option<i64>> {
    Ok(tx.get(KEYS[key])?.and_then(|value| std::str::from_utf8(&value).ok()?.parse().ok()))
}

/// A closure that moves one from a key to another and returns what it saw.
fn closure(db: &Db, from: usize, to: usize) -> Call {
    let seen = db.transaction(|tx| {
        let a = read(tx, from)?.unwrap_or(0);
        std::thread::yield_now();
        let b = read(tx, to)?.unwrap_or(0);
        tx.set(KEYS[from], (a - 1).to_string())?;
        tx.set(KEYS[to], (b + 1).to_string())?;
        Ok((a, b))
    });
    let (a, b) = seen.unwrap();
    Call::Move { from, to, a, b }
}

/// Two keys read one after the other in a closure: what it returns was there at one moment.
fn closure_read(db: &Db, first: usize, second: usize) -> Call {
    let (a, b) = db
        .transaction(|tx| {
            let a = read(tx, first)?;
            std::thread::yield_now();
            Ok((a, read(tx, second)?))
        })
        .unwrap();
    Call::MGet { first: (first, a), second: (second, b) }
}

/// Two keys read by EXEC.
fn exec_read(db: &Db, first: usize, second: usize) -> Call {
    let mut conn = Conn::new(db);
    say(&mut conn, &["MULTI"]);
    say(&mut conn, &["GET", KEYS[first]]);
    say(&mut conn, &["GET", KEYS[second]]);
    let reply = say(&mut conn, &["EXEC"]);
    let mut lines = reply.strip_prefix("*2\r\n").unwrap().split("\r\n");
    let mut next = || {
        let head = lines.next().unwrap();
        (head != "$-1").then(|| lines.next().unwrap().parse().unwrap())
    };
    let (a, b) = (next(), next());
    Call::MGet { first: (first, a), second: (second, b) }
}

/// Two keys written by a batch.
fn batch_write(db: &Db, first: usize, second: usize, value: i64) -> Call {
    let mut batch = db.batch();
    batch.call(["SET", KEYS[first], &value.to_string()]);
    batch.call(["SET", KEYS[second], &(value + 1).to_string()]);
    batch.run().unwrap();
    Call::MSet { first: (first, value), second: (second, value + 1) }
}

fn call(db: &Db, choices: &mut Choices, unique: i64) -> Call {
    let (key, other) = (choices.below(3), choices.below(3));
    let (k, o) = (KEYS[key], KEYS[other]);
    match choices.below(12) {
        0 => Call::Get { key, value: number(&db.call(["GET", k]).unwrap()) },
        1 => {
            db.call(["SET", k, &unique.to_string()]).unwrap();
            Call::Set { key, value: unique }
        }
        2 => Call::Incr { key, value: number(&db.call(["INCR", k]).unwrap()).unwrap() },
        3 => {
            db.call(["MSET", k, &unique.to_string(), o, &(unique + 1).to_string()]).unwrap();
            Call::MSet { first: (key, unique), second: (other, unique + 1) }
        }
        4 => {
            let reply = db.call(["MGET", k, o]).unwrap();
            let values = reply.as_list().unwrap();
            Call::MGet { first: (key, number(&values[0])), second: (other, number(&values[1])) }
        }
        5 => Call::Del { key, removed: db.call(["DEL", k]).unwrap().as_int() == Some(1) },
        6 => watched_set(db, key, unique),
        7 => closure_read(db, key, other),
        8 => exec_read(db, key, other),
        9 => batch_write(db, key, other, unique),
        _ => closure(db, key, other),
    }
}

fn history(seed: u64, threads: usize, calls: usize, stripes: usize) -> Vec<Event> {
    let db = Db::with(Options { stripes, ..Options::default() });
    let (time, start) = (AtomicU64::new(0), Barrier::new(threads));
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|thread| {
                let (db, time, start) = (&db, &time, &start);
                scope.spawn(move || {
                    let mut choices = Choices(seed.wrapping_mul(31).wrapping_add(thread as u64));
                    start.wait();
                    let mut events = Vec::new();
                    for n in 0..calls {
                        let unique = (thread as i64 * 1000 + n as i64) * 10;
                        let began = time.fetch_add(1, Ordering::SeqCst);
                        let call = call(db, &mut choices, unique);
                        events.push(Event { began, ended: time.fetch_add(1, Ordering::SeqCst), call });
                    }
                    events
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}

fn rounds(default: u64) -> u64 {
    std::env::var("TENON_LINEAR_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

#[test]
fn every_history_of_two_to_eight_threads_has_an_explanation() {
    let (mut overlaps, mut broken) = (0, 0);
    for seed in 0..rounds(240) {
        let threads = 2 + (seed % 7) as usize;
        let history = history(seed, threads, 48 / threads, if seed % 2 == 0 { 64 } else { 1 });
        assert!(explain(&history, &State::default()), "seed {seed}: {history:#?}");
        let within = |a: &Event, b: &Event| a.began < b.began && b.began < a.ended;
        overlaps += history.iter().map(|a| history.iter().filter(|b| within(a, b)).count()).sum::<usize>();
        broken += history.iter().filter(|e| matches!(e.call, Call::Watched { done: false, .. })).count();
    }
    // Histories in which nothing happens at the same time would prove nothing.
    assert!(overlaps > 0 && broken > 0, "{overlaps} overlapping calls, {broken} broken watches");
}

#[test]
fn the_checker_tells_a_lie_from_the_truth() {
    let event = |began, ended, call| Event { began, ended, call };
    let set = event(0, 1, Call::Set { key: 0, value: 1 });
    let stale = event(2, 3, Call::Get { key: 0, value: None });
    assert!(!explain(&[set.clone(), stale], &State::default()));
    let overlapping = event(0, 3, Call::Get { key: 0, value: None });
    assert!(explain(&[set.clone(), overlapping], &State::default()));
    let torn = event(0, 9, Call::MGet { first: (0, Some(1)), second: (1, None) });
    let both = event(0, 9, Call::MSet { first: (0, 1), second: (1, 2) });
    assert!(!explain(&[both, torn], &State::default()));
    let lost: Vec<Event> = (0..2).map(|_| event(0, 9, Call::Incr { key: 0, value: 1 })).collect();
    assert!(!explain(&lost, &State::default()));
}
