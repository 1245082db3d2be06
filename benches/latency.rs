//! Does anything ever stop? The worst single command while collections grow, and what others notice while a huge
//! value is cloned, removed, expired or read in one piece.
//!
//! Run it alone: `cargo bench --bench latency`. `TENON_LATENCY_ITEMS` sets the size of the collections (ten million).
//! Single commands are timed on the thread's processor clock: the wall clock also counts what other processes did
//! meanwhile.
#![expect(clippy::disallowed_methods, reason = "a bench measures")]
use rustix::time::{ClockId, clock_gettime};
use std::{
    hint::black_box,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};
use tenondb::{Db, Options};

/// Times in nanoseconds, in buckets of about 6 %.
struct Times {
    buckets: Vec<u64>,
    worst: u64,
    sum: u64,
    count: u64,
}

impl Times {
    fn new() -> Self {
        Self { buckets: vec![0; 1024], worst: 0, sum: 0, count: 0 }
    }

    fn add(&mut self, ns: u64) {
        let bucket = ((ns.max(1) as f64).log2() * 16.0) as usize;
        self.buckets[bucket.min(1023)] += 1;
        self.worst = self.worst.max(ns);
        self.sum += ns;
        self.count += 1;
    }

    fn quantile(&self, q: f64) -> u64 {
        let mut left = (self.count as f64 * q) as u64;
        for (bucket, count) in self.buckets.iter().enumerate() {
            if left < *count {
                return ((bucket as f64 + 1.0) / 16.0).exp2() as u64;
            }
            left -= count;
        }
        self.worst
    }
}

fn show(ns: u64) -> String {
    match ns {
        0..10_000 => format!("{ns} ns"),
        10_000..10_000_000 => format!("{} us", ns / 1000),
        _ => format!("{} ms", ns / 1_000_000),
    }
}

fn processor_ns() -> u64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

fn items() -> usize {
    std::env::var("TENON_LATENCY_ITEMS").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000_000)
}

fn one_stripe() -> Db {
    Db::with(Options { stripes: 1, ..Options::default() })
}

/// How often the same inserts are done into an empty database of their own.
const ROUNDS: usize = 3;

/// Runs `insert` `count` times, `ROUNDS` times over from the beginning, and reports the worst of them: of each insert the
/// quickest round counts. A table that has to grow grows at the same insert in every round (the hash's seed is
/// the process's), while a machine that is shared stops whom it likes: a loop that does nothing at all,
/// reported first, is stopped for 10 to 20 ms now and then, and the thread's processor clock counts that.
fn fill(name: &str, count: usize, mut insert: impl FnMut(&Db, usize)) {
    let mut best = vec![u32::MAX; count];
    let mut once = Times::new();
    for _ in 0..ROUNDS {
        let db = one_stripe();
        for (n, best) in best.iter_mut().enumerate() {
            let cpu = processor_ns();
            insert(&db, n);
            let took = processor_ns() - cpu;
            once.add(took);
            *best = (*best).min(u32::try_from(took).unwrap_or(u32::MAX));
        }
    }
    let mut times = Times::new();
    best.iter().for_each(|ns| times.add(u64::from(*ns)));
    println!(
        "{name:<34} {count:>9} inserts  p50 {:>8}  p99.9 {:>8}  worst {:>8} (of a single round {:>8})",
        show(times.quantile(0.5)),
        show(times.quantile(0.999)),
        show(times.worst),
        show(once.worst)
    );
}

fn member(n: usize) -> [u8; 16] {
    // Scattered: neighbours in time are not neighbours in order.
    let mixed = (n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut member = *b"m000000000000000";
    for (at, digit) in member[1..].iter_mut().enumerate() {
        *digit = b'a' + (mixed >> (4 * at) & 15) as u8;
    }
    member
}

fn score(n: usize) -> String {
    ((n as u64).wrapping_mul(0xD134_2543_DE82_EF95) >> 20).to_string()
}

fn growth() {
    println!("growing: the worst single insert, in processor time (goal 200 us, limit 1 ms)");
    fill("nothing at all", items(), |_, n| {
        black_box(n);
    });
    fill("SET, one stripe", items().min(4_000_000), |db, n| {
        db.call([&b"SET"[..], &member(n), b"value"]).map(drop).unwrap();
    });
    fill("SADD", items(), |db, n| drop(db.call([&b"SADD"[..], b"set", &member(n)]).unwrap()));
    fill("HSET", items(), |db, n| drop(db.call([&b"HSET"[..], b"hash", &member(n), b"value"]).unwrap()));
    fill("ZADD", items(), |db, n| {
        drop(db.call([&b"ZADD"[..], b"board", score(n).as_bytes(), &member(n)]).unwrap())
    });
}

fn board(db: &Db, key: &str, count: usize) {
    for first in (0..count).step_by(1000) {
        let words: Vec<Vec<u8>> = (first..(first + 1000).min(count))
            .flat_map(|n| [score(n).into_bytes(), member(n).to_vec()])
            .collect();
        let argv = [b"ZADD".to_vec(), key.as_bytes().to_vec()].into_iter().chain(words);
        db.call(argv).unwrap();
    }
}

/// What another thread notices that reads a small key of the same stripe all the time while `body` runs.
fn noticed(name: &str, db: &Db, body: impl FnOnce()) {
    db.call(["SET", "bystander", "1"]).unwrap();
    let stop = AtomicBool::new(false);
    let (times, took) = thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut times = Times::new();
            while !stop.load(Ordering::Relaxed) {
                let start = Instant::now();
                black_box(db.call(["GET", "bystander"]).unwrap());
                times.add(start.elapsed().as_nanos() as u64);
            }
            times
        });
        thread::sleep(Duration::from_millis(20));
        let start = Instant::now();
        body();
        let took = start.elapsed().as_nanos() as u64;
        thread::sleep(Duration::from_millis(50));
        stop.store(true, Ordering::Relaxed);
        (reader.join().unwrap(), took)
    });
    println!(
        "{name:<34} took {:>8}; a reader beside it: p50 {:>8}  p99.9 {:>8}  worst {:>8}",
        show(took),
        show(times.quantile(0.5)),
        show(times.quantile(0.999)),
        show(times.worst)
    );
}

fn huge_values() {
    println!("\nhuge values: what a reader of the same stripe notices (limit 1 ms)");
    let db = one_stripe();
    noticed("nothing beside it", &db, || thread::sleep(Duration::from_millis(200)));
    board(&db, "million", 1_000_000);
    let copy = || {
        db.call(["UNLINK", "twin"]).unwrap();
        let start = processor_ns();
        db.call(["COPY", "million", "twin"]).unwrap();
        processor_ns() - start
    };
    let best = (0..5).map(|_| copy()).min().unwrap_or_default();
    println!(
        "{:<34} took {:>8} of processor time, the quickest of 5 (limit 200 us)",
        "COPY of a board of 1M",
        show(best)
    );
    noticed("ZRANGE of 1M members", &db, || drop(db.call(["ZRANGE", "million", "0", "-1"]).unwrap()));
    noticed("UNLINK of 1M members", &db, || drop(db.call(["UNLINK", "twin"]).unwrap()));
    board(&db, "huge", items());
    noticed("UNLINK of the largest", &db, || drop(db.call(["UNLINK", "huge"]).unwrap()));
    board(&db, "huge", items());
    db.call(["PEXPIRE", "huge", "50"]).unwrap();
    noticed("expiry of the largest", &db, || thread::sleep(Duration::from_millis(500)));
    board(&db, "huge", items());
    noticed("FLUSHALL", &db, || drop(db.call(["FLUSHALL"]).unwrap()));
}

fn expiry_storm() {
    println!("\n1M keys that expire at once (goals: all back within 100 ms and 250 ms of processor time)");
    let clock = tenondb::Clock::manual(1_000_000);
    let db = Db::with(Options { clock: clock.clone(), threads: 0, ..Options::default() });
    for n in 0..1_000_000 {
        db.call([&b"SET"[..], &member(n), b"v", b"PX", b"1000"]).unwrap();
    }
    clock.advance_ms(1_020);
    let (start, cpu, mut worst) = (Instant::now(), processor_ns(), 0);
    loop {
        let round = Instant::now();
        let more = db.tick(100);
        worst = worst.max(round.elapsed().as_nanos() as u64);
        if !more {
            break;
        }
    }
    println!(
        "{:<34} took {:>8}, {:>8} of processor time; worst tick(100 us) {:>8}; keys left {:?}",
        "tick until nothing is left",
        show(start.elapsed().as_nanos() as u64),
        show(processor_ns() - cpu),
        show(worst),
        db.call(["DBSIZE"]).unwrap()
    );
}

fn main() {
    if std::env::args().any(|arg| arg == "--test") {
        return;
    }
    growth();
    huge_values();
    expiry_storm();
}
