//! The scheduler under a model checker, and the locks and turns that are built like it: threads that wait for keys, those who
//! make them ready, and those who go away, interrupted at every lock in thousands of ways. A lost wake-up shows as a deadlock, which the checker reports; serving
//! twice and losing shows in the counts.
//!
//! ```text
//! RUSTFLAGS="--cfg tenon_model" cargo test --target-dir target/model -p tenondb-model
//! ```
//!
//! `TENON_MODEL_RUNS` says how many interleavings of each scenario are tried (1000), half of them at random and half by
//! the PCT strategy (Burckhardt et al., ASPLOS 2010), which finds a bug of depth d with a known probability.
#![cfg(tenon_model)]

use shuttle::{
    sync::Arc,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst},
    thread,
};
use std::{
    cell::Cell,
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};
use tenondb::{
    Clock, Db, ExploredMutex, ExploredTurns, Lists, Options, Reply, Side, Strings,
    op::{BLMove, BLPop, BRPop},
    resp::Conn,
};

const FOR_EVER: Duration = Duration::ZERO;

/// The depth of the bugs that are looked for: orderings that have to come true for one to show.
const DEPTH: usize = 3;

fn explore(scenario: fn()) {
    let runs = std::env::var("TENON_MODEL_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(1000);
    tenondb::fix_hash_seed(7);
    shuttle::check_random(scenario, runs / 2);
    shuttle::check_pct(scenario, runs / 2, DEPTH);
}

/// Few stripes: the locks of different keys meet. Nobody but the threads of the scenario is there.
fn db() -> Db {
    Db::with(Options { stripes: 4, threads: 0, clock: Clock::manual(1), seed: Some(1), ..Options::default() })
}

fn len(db: &Db, key: &str) -> i64 {
    db.call(["LLEN", key]).unwrap().as_int().unwrap()
}

#[test]
fn one_at_a_time_has_a_lock_and_nobody_sleeps_for_ever() {
    explore(|| {
        let (lock, inside) = (Arc::new(ExploredMutex::new(0)), Arc::new(AtomicUsize::new(0)));
        let takers: Vec<_> = (0..3)
            .map(|n| {
                let (lock, inside) = (Arc::clone(&lock), Arc::clone(&inside));
                thread::spawn(move || {
                    let mut taken = 0;
                    for round in 0..3 {
                        let guard = match (n + round) % 3 {
                            0 => Some(lock.lock()),
                            1 => lock.try_lock_for(Duration::from_secs(600)),
                            _ => lock.try_lock_for(Duration::ZERO),
                        };
                        let Some(mut guard) = guard else { continue };
                        assert_eq!(inside.fetch_add(1, SeqCst), 0, "two have it");
                        *guard += 1;
                        taken += 1;
                        inside.fetch_sub(1, SeqCst);
                    }
                    taken
                })
            })
            .collect();
        let taken: i32 = takers.into_iter().map(|taker| taker.join().unwrap()).sum();
        assert!(taken >= 6 && *lock.lock() == taken, "{taken}");
    });
}

#[test]
fn nobody_is_forgotten_and_nothing_is_served_twice() {
    explore(|| {
        let (db, sum) = (db(), Arc::new(AtomicUsize::new(0)));
        let poppers: Vec<_> = (0..3)
            .map(|n| {
                let (db, sum) = (db.clone(), Arc::clone(&sum));
                thread::spawn(move || {
                    // In different orders: the locks are taken in one.
                    let keys = if n % 2 == 0 { ["a", "b"] } else { ["b", "a"] };
                    let (_, task) = db.wait(BLPop::new(&keys, FOR_EVER)).unwrap().unwrap();
                    sum.fetch_add(std::str::from_utf8(&task).unwrap().parse().unwrap(), SeqCst);
                })
            })
            .collect();
        let pusher = thread::spawn({
            let db = db.clone();
            move || db.rpush("a", &["1", "10"]).unwrap()
        });
        db.rpush("b", &["100"]).unwrap();
        pusher.join().unwrap();
        poppers.into_iter().for_each(|popper| popper.join().unwrap());
        assert_eq!(sum.load(SeqCst), 111);
        assert_eq!((len(&db, "a"), len(&db, "b")), (0, 0));
    });
}

#[test]
fn moves_in_a_ring_neither_deadlock_nor_lose() {
    explore(|| {
        let db = db();
        let step = |from: &'static str, to: &'static str| {
            let db = db.clone();
            thread::spawn(move || {
                let moved = db.wait(BLMove::new(from, to, Side::Left, Side::Right, FOR_EVER)).unwrap();
                assert_eq!(moved.unwrap(), "x");
            })
        };
        let threads = [step("a", "b"), step("b", "c"), step("c", "a")];
        db.rpush("a", &["x"]).unwrap();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((len(&db, "a"), len(&db, "b"), len(&db, "c")), (1, 0, 0));
    });
}

#[test]
fn who_is_unblocked_while_he_is_served_has_either_the_element_or_nothing() {
    explore(|| {
        let db = db();
        let mut conn = Conn::new(&db);
        conn.feed(b"BLPOP q 0\r\n");
        let unblock = ["CLIENT".to_owned(), "UNBLOCK".to_owned(), conn.id().to_string()];
        let ends = thread::spawn({
            let db = db.clone();
            move || db.call(unblock).unwrap()
        });
        db.rpush("q", &["x"]).unwrap();
        let ended = ends.join().unwrap() == Reply::Int(1);
        conn.pump();
        let reply = conn.take_output();
        assert_eq!(reply, if ended { &b"*-1\r\n"[..] } else { b"*2\r\n$1\r\nq\r\n$1\r\nx\r\n" });
        assert_eq!(len(&db, "q"), i64::from(ended));
    });
}

#[test]
fn what_goes_away_unserved_or_untold_leaves_the_element_to_the_next() {
    explore(|| {
        let db = db();
        let next = thread::spawn({
            let db = db.clone();
            move || db.wait(BRPop::new(&["q"], FOR_EVER)).unwrap().unwrap().1
        });
        let leaves = thread::spawn({
            let db = db.clone();
            move || {
                let mut conn = Conn::new(&db);
                conn.feed(b"BLPOP q 0\r\n");
                if !conn.is_blocked() {
                    // It was answered at once: that is the connection's to keep.
                    db.rpush("q", &["x"]).unwrap();
                }
            }
        });
        let pending = db.pending(BLPop::new(&["q", "r"], FOR_EVER));
        let pushes = thread::spawn({
            let db = db.clone();
            move || db.rpush("q", &["x"]).unwrap()
        });
        drop(pending);
        leaves.join().unwrap();
        pushes.join().unwrap();
        assert_eq!(next.join().unwrap(), "x");
        assert_eq!(len(&db, "q"), 0);
    });
}

#[test]
fn a_transaction_wakes_when_it_has_ended() {
    explore(|| {
        let db = db();
        let waits = thread::spawn({
            let db = db.clone();
            move || {
                let (_, element) = db.wait(BLPop::new(&["q"], FOR_EVER)).unwrap().unwrap();
                assert!(element == "x" && db.get("done").unwrap().unwrap() == "yes");
            }
        });
        let others = thread::spawn({
            let db = db.clone();
            move || {
                let mut conn = Conn::new(&db);
                conn.feed(b"MULTI\r\nRPUSH other y\r\nRENAME other third\r\nEXEC\r\n");
            }
        });
        db.transaction(|tx| {
            tx.rpush("q", &["x"])?;
            tx.set("done", "yes")
        })
        .unwrap();
        waits.join().unwrap();
        others.join().unwrap();
    });
}

#[test]
fn a_task_is_woken_exactly_when_there_is_something_for_it() {
    explore(|| {
        let db = db();
        let pushes = thread::spawn({
            let db = db.clone();
            move || db.rpush("q", &["x"]).unwrap()
        });
        let mut pop = pin!(db.pending(BLPop::new(&["q"], FOR_EVER)));
        let woken = std::sync::Arc::new(Woken::default());
        let waker = Waker::from(std::sync::Arc::clone(&woken));
        let first = pop.as_mut().poll(&mut Context::from_waker(&waker));
        if first.is_pending() {
            // The push ends after its wake.
            pushes.join().unwrap();
            assert!(woken.0.load(std::sync::atomic::Ordering::SeqCst), "a lost wake-up");
            assert!(matches!(pop.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Ready(Ok(Some(_)))));
        } else {
            pushes.join().unwrap();
        }
        assert_eq!(len(&db, "q"), 0);
    });
}

#[derive(Default)]
struct Woken(std::sync::atomic::AtomicBool);

impl std::task::Wake for Woken {
    fn wake(self: std::sync::Arc<Self>) {
        self.0.store(true, std::sync::atomic::Ordering::SeqCst);
    }
}

/// A log as far as its turns know it.
#[derive(Default)]
struct Positions {
    turns: ExploredTurns,
    appended: AtomicU64,
    durable: AtomicU64,
    syncing: AtomicUsize,
    syncs: AtomicU64,
}

impl Positions {
    /// Appends, and waits until that is durable. Every third sync fails, every other of these before it has told how far it goes,
    /// and is tried again by whose turn it was.
    fn append(&self) {
        let position = self.appended.fetch_add(1, SeqCst) + 1;
        let (mut result, led) = (Err(()), Cell::new(0));
        let first_failed = Cell::new(false);
        let sync = |tell: &dyn Fn(u64)| {
            assert_eq!(self.syncing.fetch_add(1, SeqCst), 0, "two lead");
            let (target, number) = (self.appended.load(SeqCst), self.syncs.fetch_add(1, SeqCst));
            if number % 6 != 5 {
                tell(target);
            }
            thread::yield_now();
            self.syncing.fetch_sub(1, SeqCst);
            led.set(led.get() + 1);
            if number % 3 == 2 {
                first_failed.set(first_failed.get() || led.get() == 1);
                return Err(());
            }
            self.durable.fetch_max(target, SeqCst);
            Ok(())
        };
        while result.is_err() {
            (led.take(), first_failed.take());
            result = self.turns.reach(position, &|| self.durable.load(SeqCst), &sync);
            // What was done for others is theirs, and not for ever.
            assert_eq!(result.is_err(), first_failed.get());
            assert!(led.get() <= 2, "{}", led.get());
        }
        assert!(self.durable.load(SeqCst) >= position);
    }
}

#[test]
fn whoever_waits_for_a_sync_is_led_or_leads() {
    explore(|| {
        let log = Arc::new(Positions::default());
        let writers: Vec<_> = (0..4)
            .map(|_| {
                let log = Arc::clone(&log);
                thread::spawn(move || (0..2).for_each(|_| log.append()))
            })
            .collect();
        // As a new generation does: nobody leads, and what there is becomes durable in another way.
        {
            let _rest = log.turns.rest();
            assert_eq!(log.syncing.load(SeqCst), 0);
            log.durable.fetch_max(log.appended.load(SeqCst), SeqCst);
        }
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        assert_eq!(log.durable.load(SeqCst), 8);
    });
}
