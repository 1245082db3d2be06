//! The state of a small online game, kept in the process that serves it: what an application server uses Redis for,
//! without the server beside it.
//!
//! ```text
//! cargo run --release --example app_server [OPERATIONS]      (400,000 unless given)
//! ```
//!
//! Eight threads stand for eight request handlers. Each request does one of these:
//!
//! | request | how |
//! |---|---|
//! | `session` | a hash with a time to live: HSET, EXPIRE, HGETALL |
//! | `limit` | requests per address and minute: INCR, and EXPIRE by whoever counts first |
//! | `lock` | SET NX PX with a token of one's own; DELIFEQ gives back only what one still holds |
//! | `feed` | the last 100 events: LPUSH and LTRIM in one batch, LRANGE |
//! | `board` | points and places: ZINCRBY, ZREVRANK, the ten best |
//! | `rooms` | who is where: a transaction over two sets and a hash |
//! | `profiles` | MGET of 400 keys; now and then MSET of them all |
//! | `broadcast` | RPUSH to everybody's inbox in one batch; LPOP from one's own |
//!
//! At the end the program counts again what the threads have counted: no increment is lost, no lock was held twice, no feed is
//! longer than it may be, the points on the board add up, every player is in exactly one room, nobody saw half of an MSET, and
//! every message arrived once and in order. It prints throughput and latencies, and fails when something is amiss.
#[path = "app_server/latency.rs"]
mod latency;

use latency::Latencies;
use std::{
    collections::HashSet,
    process::ExitCode,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};
use tenondb::{Db, Hashes, Keys, Lists, Result, Run, Select, Sets, SortedSets, Strings, op};

const THREADS: usize = 8;
const OPERATIONS: usize = 400_000;
const ADDRESSES: usize = 500;
const LIMIT_PER_MINUTE: i64 = 1_000_000;
const LOCKS: usize = 16;
/// Longer than any pause of a healthy machine: a holder that is slower than this has lost its lock.
const LOCK_MS: i64 = 30_000;
const FEEDS: usize = 20;
const FEED_LEN_MAX: u64 = 100;
const PLAYERS: usize = 2_000;
const ROOMS: usize = 40;
const PROFILES: usize = 400;

/// What the threads know beside the database, to check it by.
#[derive(Default)]
struct Witness {
    /// Somebody is inside the section that a lock guards.
    inside: [AtomicBool; LOCKS],
    /// Requests that were counted, sections that were passed, points that were given, messages that were sent.
    counted: AtomicU64,
    passed: AtomicU64,
    points: AtomicU64,
    sent: [AtomicU64; THREADS],
    received: AtomicU64,
    /// What was wrong, and how often.
    faults: AtomicU64,
}

impl Witness {
    fn must(&self, holds: bool, what: &str) {
        if !holds && self.faults.fetch_add(1, Ordering::Relaxed) < 10 {
            eprintln!("WRONG: {what}");
        }
    }
}

type Request = fn(&mut Handler<'_>) -> Result<()>;

/// Requests, their shares in percent, and what they do.
const REQUESTS: [(&str, usize, Request); 8] = [
    ("session", 24, |handler| handler.session()),
    ("limit", 24, |handler| handler.limit()),
    ("lock", 10, |handler| handler.lock()),
    ("feed", 10, |handler| handler.feed()),
    ("board", 16, |handler| handler.board()),
    ("rooms", 10, |handler| handler.rooms()),
    ("profiles", 2, |handler| handler.profiles()),
    ("broadcast", 4, |handler| handler.broadcast()),
];

/// One thread that serves requests.
struct Handler<'a> {
    db: &'a Db,
    witness: &'a Witness,
    thread: usize,
    minute: Instant,
    /// The latest message of each sender.
    heard: [u64; THREADS],
    chance: u64,
}

impl Handler<'_> {
    /// A number below `bound`, from a generator of our own: the run can be repeated.
    fn below(&mut self, bound: usize) -> usize {
        self.chance =
            self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.chance >> 33) % bound as u64) as usize
    }

    /// Logs a player in or reads the session of one who is.
    fn session(&mut self) -> Result<()> {
        let player = self.below(PLAYERS);
        let key = format!("session:{player}");
        if self.below(4) == 0 {
            let name = format!("player {player}");
            self.db.hset(&key, &[("name", name.as_str()), ("language", "en"), ("device", "phone")])?;
            self.db.expire(&key, 3600)?;
        } else {
            let session = self.db.hgetall(&key)?;
            self.witness.must(matches!(session.len(), 0 | 3), "a session with some of its fields");
        }
        Ok(())
    }

    /// Counts a request of an address, and tells whether it may go on.
    fn limit(&mut self) -> Result<()> {
        let minute = self.minute.elapsed().as_secs() / 60;
        let key = format!("limit:{}:{minute}", self.below(ADDRESSES));
        let seen = self.db.incr(&key)?;
        if seen == 1 {
            // Kept for a day, so that the check at the end finds every window.
            self.db.expire(&key, 86_400)?;
        }
        self.witness.counted.fetch_add(1, Ordering::Relaxed);
        self.witness.must(seen <= LIMIT_PER_MINUTE, "an address above its limit");
        Ok(())
    }

    /// Takes a lock, changes what it guards in two steps, and gives the lock back.
    fn lock(&mut self) -> Result<()> {
        let n = self.below(LOCKS);
        let (lock, guarded) = (format!("lock:{n}"), format!("guarded:{n}"));
        let token = format!("{}:{}", self.thread, self.chance);
        let take = op::Set::new(&lock, &token).only_new().expire_in_ms(LOCK_MS);
        if !self.db.run(take)?.set {
            // Busy: a real server would try again later.
            return Ok(());
        }
        self.witness.must(!self.witness.inside[n].swap(true, Ordering::SeqCst), "a lock was held twice");
        let before = number(&self.db.get(&guarded)?);
        std::thread::yield_now();
        self.db.set(&guarded, (before + 1).to_string())?;
        self.witness.passed.fetch_add(1, Ordering::Relaxed);
        self.witness.inside[n].store(false, Ordering::SeqCst);
        let was_mine = self.db.delifeq(&lock, &token)?;
        self.witness.must(was_mine, "a lock was lost while it was held");
        Ok(())
    }

    /// Appends an event to a feed or reads the latest ten. Nobody ever sees a feed that is too long.
    fn feed(&mut self) -> Result<()> {
        let key = format!("feed:{}", self.below(FEEDS));
        if self.below(2) == 0 {
            let event = format!("player {} found a key", self.below(PLAYERS));
            let last = (FEED_LEN_MAX - 1).to_string();
            let mut batch = self.db.batch();
            batch.call(["LPUSH", &key, &event]).call(["LTRIM", &key, "0", &last]);
            batch.run()?;
        } else {
            let latest = self.db.lrange(&key, 0, 9)?;
            self.witness.must(latest.len() <= 10, "more events than were asked for");
            self.witness.must(self.db.llen(&key)? <= FEED_LEN_MAX, "a feed is too long");
        }
        Ok(())
    }

    /// Gives a player points, or shows the player's place and the ten best.
    fn board(&mut self) -> Result<()> {
        let player = format!("player:{}", self.below(PLAYERS));
        if self.below(2) == 0 {
            let points = 1 + self.below(10);
            self.db.zincrby("board", points as f64, &player)?;
            self.witness.points.fetch_add(points as u64, Ordering::Relaxed);
        } else {
            self.db.zrevrank("board", &player)?;
            let best = self.db.zselect("board", Select::ranks(0, 9).rev())?;
            self.witness.must(best.is_sorted_by(|a, b| a.1 >= b.1), "the best are not in order");
        }
        Ok(())
    }

    /// Moves a player to another room: out of one set, into another, and noted in a hash, or nothing of it.
    fn rooms(&mut self) -> Result<()> {
        let player = format!("player:{}", self.below(PLAYERS));
        let to = format!("room:{}", self.below(ROOMS));
        let moved = self.db.transaction(|tx| {
            let Some(from) = tx.hget("where", &player)? else { return Ok(false) };
            let moved = tx.smove(&from, &to, &player)?;
            tx.hset("where", &[(&player, &to)])?;
            Ok(moved)
        })?;
        self.witness.must(moved, "a player was not where the hash says");
        Ok(())
    }

    /// Reads 400 profiles in one step; they were all written in one step too.
    fn profiles(&mut self) -> Result<()> {
        let keys: Vec<String> = (0..PROFILES).map(|n| format!("profile:{n}")).collect();
        if self.below(20) == 0 {
            let version = self.chance.to_string();
            let pairs: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), version.as_str())).collect();
            self.db.mset(&pairs)?;
        } else {
            let profiles = self.db.mget(&keys)?;
            let same = profiles.iter().all(|profile| profile.is_some() && *profile == profiles[0]);
            self.witness.must(same, "profiles of two versions in one MGET");
        }
        Ok(())
    }

    /// Sends a message to everybody, and reads what has arrived.
    fn broadcast(&mut self) -> Result<()> {
        if self.below(4) == 0 {
            let number = 1 + self.witness.sent[self.thread].fetch_add(1, Ordering::Relaxed);
            let message = format!("{} {number}", self.thread);
            let mut batch = self.db.batch();
            for inbox in 0..THREADS {
                batch.call(["RPUSH", &format!("inbox:{inbox}"), &message]);
            }
            batch.run()?;
        }
        self.receive()
    }

    fn receive(&mut self) -> Result<()> {
        let inbox = format!("inbox:{}", self.thread);
        while let Some(message) = self.db.lpop(&inbox)? {
            let text = message.to_string();
            let mut words = text.split(' ').map(|word| word.parse::<u64>().unwrap_or(0));
            let (sender, number) = (words.next().unwrap_or(0) as usize, words.next().unwrap_or(0));
            self.witness.must(number == self.heard[sender] + 1, "a message is missing or out of order");
            self.heard[sender] = number;
            self.witness.received.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Serves `count` requests.
    #[expect(clippy::disallowed_methods, reason = "latencies are measured here")]
    fn serve(&mut self, count: usize) -> Result<Vec<Latencies>> {
        let mut latencies: Vec<Latencies> = REQUESTS.iter().map(|_| Latencies::default()).collect();
        for _ in 0..count {
            let mut share = self.below(100);
            let kind = REQUESTS.iter().position(|(_, percent, _)| {
                let hit = share < *percent;
                share = share.saturating_sub(*percent);
                hit
            });
            let kind = kind.unwrap_or(0);
            let start = Instant::now();
            REQUESTS[kind].2(self)?;
            latencies[kind].add(start.elapsed());
        }
        Ok(latencies)
    }
}

fn number(text: &Option<impl AsRef<[u8]>>) -> u64 {
    text.as_ref().and_then(|text| std::str::from_utf8(text.as_ref()).ok()?.parse().ok()).unwrap_or(0)
}

/// What is there before the first request.
fn furnish(db: &Db) -> Result<()> {
    for player in 0..PLAYERS {
        let (player, room) = (format!("player:{player}"), format!("room:{}", player % ROOMS));
        db.sadd(&room, &[&player])?;
        db.hset("where", &[(&player, &room)])?;
    }
    let profiles: Vec<(String, &str)> = (0..PROFILES).map(|n| (format!("profile:{n}"), "first")).collect();
    db.mset(&profiles)
}

/// Counts everything again.
fn check(db: &Db, witness: &Witness) -> Result<()> {
    let known = |count: &AtomicU64| count.load(Ordering::Relaxed);
    let sum = |pattern: &str| -> Result<u64> {
        let keys = db.keys(pattern)?;
        Ok(if keys.is_empty() { 0 } else { db.mget(&keys)?.iter().map(number).sum() })
    };
    witness.must(sum("limit:*")? == known(&witness.counted), "an increment is lost");
    witness.must(sum("guarded:*")? == known(&witness.passed), "a change under a lock is lost");
    witness.must(db.keys("lock:*")?.is_empty(), "a lock is still held");
    for feed in 0..FEEDS {
        witness.must(db.llen(format!("feed:{feed}"))? <= FEED_LEN_MAX, "a feed is too long");
    }
    let board = db.zselect("board", Select::ranks(0, -1))?;
    let points: f64 = board.iter().map(|(_, points)| points).sum();
    witness.must(points == known(&witness.points) as f64, "the points on the board do not add up");
    let mut seen = HashSet::new();
    for room in 0..ROOMS {
        let room = format!("room:{room}");
        for player in db.smembers(&room)? {
            let place = db.hget("where", &player)?;
            witness.must(place.is_some_and(|place| place == room), "a player is not where the hash says");
            witness.must(seen.insert(player), "a player is in two rooms");
        }
    }
    witness.must(seen.len() == PLAYERS, "a player is in no room");
    let sent: u64 = witness.sent.iter().map(known).sum();
    witness.must(known(&witness.received) == sent * THREADS as u64, "a message is lost");
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "throughput is measured here")]
fn run(operations: usize) -> Result<bool> {
    let (db, witness) = (Db::memory(), Witness::default());
    furnish(&db)?;
    let start = Instant::now();
    let mut handlers: Vec<Handler<'_>> = (0..THREADS)
        .map(|thread| Handler {
            db: &db,
            witness: &witness,
            thread,
            minute: start,
            heard: [0; THREADS],
            chance: (thread as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15),
        })
        .collect();
    let mut latencies: Vec<Latencies> = REQUESTS.iter().map(|_| Latencies::default()).collect();
    std::thread::scope(|scope| -> Result<()> {
        let threads: Vec<_> = handlers
            .iter_mut()
            .map(|handler| scope.spawn(move || handler.serve(operations.div_ceil(THREADS))))
            .collect();
        for thread in threads {
            // A handler that panicked ends the program with its own message.
            let served = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            latencies.iter_mut().zip(&served).for_each(|(all, one)| all.merge(one));
        }
        Ok(())
    })?;
    let taken = start.elapsed();
    for handler in &mut handlers {
        handler.receive()?;
    }
    check(&db, &witness)?;
    report(taken, &latencies);
    let faults = witness.faults.load(Ordering::Relaxed);
    println!("{}", if faults == 0 { "everything adds up".into() } else { format!("{faults} faults") });
    Ok(faults == 0)
}

fn report(taken: Duration, latencies: &[Latencies]) {
    let all: u64 = latencies.iter().map(Latencies::count).sum();
    let rate = all as f64 / taken.as_secs_f64();
    println!("{all} requests on {THREADS} threads in {:.2} s: {rate:.0} a second\n", taken.as_secs_f64());
    println!(
        "{:<10} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "µs", "requests", "p50", "p95", "p99", "p99.9", "max"
    );
    for ((name, ..), of) in REQUESTS.iter().zip(latencies) {
        let [p50, p95, p99, p999, max] = [0.5, 0.95, 0.99, 0.999, 1.0].map(|share| of.us(share));
        println!("{name:<10} {:>9} {p50:>9.1} {p95:>9.1} {p99:>9.1} {p999:>9.1} {max:>9.1}", of.count());
    }
    println!();
}

fn main() -> ExitCode {
    let operations = match std::env::args().nth(1).map(|text| text.replace(['_', ','], "").parse()) {
        None => OPERATIONS,
        Some(Ok(operations)) => operations,
        Some(Err(_)) => {
            eprintln!("usage: app_server [OPERATIONS]");
            return ExitCode::from(2);
        }
    };
    match run(operations) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("app_server: {error}");
            ExitCode::FAILURE
        }
    }
}
