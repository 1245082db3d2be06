//! What durability costs: writes with and without a log, group commit, recovery, and what others notice of a snapshot.
//!
//! Run it alone: `cargo bench --bench durability`, or one of its parts: `cargo bench --bench durability -- recovery`
//! (`writes`, `commit`, `recovery`). All keys and values are small: 16 bytes each. `TENON_DURABILITY_KEYS` sets the
//! number of keys (five million), `TENON_DURABILITY_DIR` where the stores are made (the system's folder for temporary
//! files). Recovery uses all cores that it may; what one does alone, `taskset -c 0 cargo bench …` shows.
#![expect(clippy::disallowed_methods, reason = "a bench measures")]
use rustix::time::{ClockId, clock_gettime};
use std::{
    hint::black_box,
    path::PathBuf,
    sync::{
        Barrier,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tenondb::{Db, Fsync, Options, Strings};

fn keys() -> usize {
    std::env::var("TENON_DURABILITY_KEYS").ok().and_then(|n| n.parse().ok()).unwrap_or(5_000_000)
}

fn dir(name: &str) -> PathBuf {
    let base = std::env::var_os("TENON_DURABILITY_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let dir = base.join(format!("tenon-bench-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    dir
}

fn key(n: usize) -> [u8; 16] {
    let mixed = (n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut key = *b"k:00000000000000";
    for (at, digit) in key[2..].iter_mut().enumerate() {
        *digit = b'a' + (mixed >> (4 * at) & 15) as u8;
    }
    key
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn open(dir: &PathBuf, fsync: Fsync) -> Db {
    Db::open_with(dir, Options { fsync, ..Options::default() }).unwrap()
}

/// Nanoseconds for a SET of 16 bytes over one of `count` keys.
fn set_ns(db: &Db, count: usize, sets: usize, turn: usize) -> f64 {
    let start = Instant::now();
    for n in 0..sets {
        db.set(key((n * 7919 + turn * 104_729) % count), b"sixteen bytes ..").unwrap();
    }
    start.elapsed().as_nanos() as f64 / sets as f64
}

fn writes() {
    println!(
        "SET, 16 + 16 bytes, one thread: with a log (everysec) and without (limits: 80 % of the throughput, 40 ns)"
    );
    for count in [1, 1_000_000] {
        let path = dir("writes");
        let (logged, memory) = (open(&path, Fsync::EverySecond), Db::memory());
        for db in [&logged, &memory] {
            // The log alone: what a snapshot costs beside it is asked below.
            db.call(["CONFIG", "SET", "auto-aof-rewrite-percentage", "0"]).unwrap();
            (0..count).for_each(|n| db.set(key(n), b"sixteen bytes ..").unwrap());
        }
        const ROUNDS: usize = 15;
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            with.push(set_ns(&logged, count, 400_000, round));
            without.push(set_ns(&memory, count, 400_000, round));
        }
        let ratio = median(with.iter().zip(&without).map(|(a, b)| b / a).collect());
        let (with, without) = (median(with), median(without));
        println!(
            "  {count:>8} keys: {with:6.1} ns with, {without:6.1} ns without: {:5.1} % of the throughput, {:+.1} ns",
            ratio * 100.0,
            with - without
        );
        logged.close().unwrap();
        std::fs::remove_dir_all(path).unwrap();
    }
}

fn group_commit() {
    println!("SET under `always` (limit: 16 threads at 5 times the rate of one)");
    let path = dir("always");
    let db = open(&path, Fsync::Always);
    let rate = |threads: usize| {
        let (stop, done, ready) = (AtomicBool::new(false), AtomicU64::new(0), Barrier::new(threads + 1));
        thread::scope(|scope| {
            for t in 0..threads {
                let (db, stop, done, ready) = (&db, &stop, &done, &ready);
                scope.spawn(move || {
                    ready.wait();
                    let mut n = 0;
                    while !stop.load(Ordering::Relaxed) {
                        db.set(key(t * 1_000_000 + n), b"sixteen bytes ..").unwrap();
                        n += 1;
                    }
                    done.fetch_add(n as u64, Ordering::Relaxed);
                });
            }
            ready.wait();
            let start = Instant::now();
            thread::sleep(Duration::from_secs(2));
            stop.store(true, Ordering::Relaxed);
            start.elapsed().as_secs_f64()
        });
        done.load(Ordering::Relaxed) as f64 / 2.0
    };
    let rates: Vec<(f64, f64)> = (0..3).map(|_| (rate(1), rate(16))).collect();
    let ratio = median(rates.iter().map(|(one, many)| many / one).collect());
    let one = median(rates.iter().map(|r| r.0).collect());
    println!("  1 thread {one:.0}/s, 16 threads {ratio:.1} times that  ({rates:.0?})");
    db.close().unwrap();
    std::fs::remove_dir_all(path).unwrap();
}

fn processor_s() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}

/// Opens the store some times, and tells of the time that took least of the processor.
fn reopen(path: &PathBuf, what: &str, keys: usize) {
    const ROUNDS: usize = 3;
    let rounds = (0..ROUNDS).map(|_| {
        let (start, cpu) = (Instant::now(), processor_s());
        let db = open(path, Fsync::EverySecond);
        let (wall, cpu) = (start.elapsed().as_secs_f64(), processor_s() - cpu);
        let report = db.open_report().map(|report| report.to_string()).unwrap_or_default();
        db.close().unwrap();
        (cpu, wall, report)
    });
    let Some((cpu, wall, report)) = rounds.min_by(|a, b| a.0.total_cmp(&b.0)) else { return };
    let (keys, cores) = (keys as f64 / 1e6, thread::available_parallelism().map_or(1, usize::from));
    println!(
        "  {what:<28} {:.2}M keys a second of processor ({cpu:.2} s); {:.2}M a second on {cores} cores ({wall:.2} s)",
        keys / cpu,
        keys / wall,
    );
    println!("    best of {ROUNDS}: {report}");
}

fn recovery_and_snapshot() {
    let count = keys();
    println!("{count} keys of 16 + 16 bytes: recovery (limit 4M keys a second and core)");
    let path = dir("recovery");
    let db = open(&path, Fsync::EverySecond);
    // What the log alone is worth is asked first: no snapshot by itself.
    db.call(["CONFIG", "SET", "auto-aof-rewrite-percentage", "0"]).unwrap();
    (0..count).for_each(|n| db.set(key(n), b"sixteen bytes ..").unwrap());
    db.close().unwrap();
    reopen(&path, "from the log", count);
    let db = open(&path, Fsync::EverySecond);
    db.call(["CONFIG", "SET", "auto-aof-rewrite-percentage", "0"]).unwrap();
    snapshot(&db, count);
    db.close().unwrap();
    reopen(&path, "from a snapshot", count);
    std::fs::remove_dir_all(path).unwrap();
}

/// The slowest commands of a second and more, beside whatever the background does.
fn slowest(db: &Db, count: usize, until: impl Fn(Duration) -> bool) -> (u64, u64, u64) {
    let (mut times, start) = (Vec::with_capacity(1 << 22), Instant::now());
    let mut n = 0usize;
    while !until(start.elapsed()) {
        n += 1;
        let key = key((n * 7919) % count);
        let before = Instant::now();
        if n.is_multiple_of(2) {
            db.set(key, b"another sixteen.").unwrap();
        } else {
            black_box(db.get(key).unwrap());
        }
        times.push(before.elapsed().as_nanos() as u64);
    }
    times.sort_unstable();
    let at = |q: f64| times[((times.len() - 1) as f64 * q) as usize];
    (at(0.5), at(0.999), at(1.0))
}

fn snapshot(db: &Db, count: usize) {
    println!(
        "a thread that reads and writes while a snapshot of {count} keys is taken (limit: no command 1 ms slower)"
    );
    let show = |what: &str, (half, most, worst): (u64, u64, u64)| {
        println!(
            "  {what:<28} p50 {half} ns, p99.9 {:.1} us, worst {:.1} us",
            most as f64 / 1e3,
            worst as f64 / 1e3
        );
    };
    show("nothing beside it", slowest(db, count, |elapsed| elapsed > Duration::from_secs(3)));
    let start = Instant::now();
    db.call(["BGSAVE"]).unwrap();
    let running = || {
        let info = db.call(["INFO", "persistence"]).unwrap();
        info.as_bytes().is_some_and(|text| {
            text.windows(28).any(|line| {
                line == b"rdb_bgsave_in_progress:1\r\nrd" || line.starts_with(b"rdb_bgsave_in_progress:1")
            })
        })
    };
    let ended = AtomicBool::new(false);
    let during = thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(50));
            while running() {
                thread::sleep(Duration::from_millis(5));
            }
            ended.store(true, Ordering::Relaxed);
        });
        slowest(db, count, |_| ended.load(Ordering::Relaxed))
    });
    show("beside the snapshot", during);
    println!("  the snapshot took            {:.2} s", start.elapsed().as_secs_f64());
}

fn main() {
    if std::env::args().any(|arg| arg == "--test") {
        return;
    }
    let parts: [(&str, fn()); 3] =
        [("writes", writes), ("commit", group_commit), ("recovery", recovery_and_snapshot)];
    let named: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    for (name, part) in parts {
        if named.is_empty() || named.iter().any(|wanted| wanted == name) {
            part();
        }
    }
}
