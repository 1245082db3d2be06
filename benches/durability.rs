//! What durability costs: writes with and without a log, group commit, recovery, and what others notice of a snapshot.
//!
//! Run it alone: `cargo bench --bench durability`, or one of its parts: `cargo bench --bench durability -- recovery`
//! (`writes`, `commit`, `recovery`, `snapshot`). All keys and values are small: 16 bytes each. `TENON_DURABILITY_KEYS` sets the
//! number of keys (five million), `TENON_DURABILITY_DIR` where the stores are made (the system's folder for temporary
//! files). Recovery uses all cores that it may; what one does alone, `taskset -c 0 cargo bench …` shows.
#![expect(clippy::disallowed_methods, reason = "a bench measures")]
use rustix::time::{ClockId, clock_gettime};
use std::{
    fmt::Write,
    fs::File,
    hint::black_box,
    os::unix::fs::FileExt,
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

fn median(values: Vec<f64>) -> f64 {
    quantile(&values, 0.5)
}

fn quantile(values: &[f64], q: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[(values.len() as f64 * q) as usize]
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
        // Short rounds in turn, and the quicker half of each: what the machine does meanwhile hits both alike.
        const ROUNDS: usize = 600;
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            with.push(set_ns(&logged, count, 14_000, round));
            without.push(set_ns(&memory, count, 14_000, round));
        }
        for (what, q) in [("quickest tenth", 0.1), ("quicker half", 0.5)] {
            let (with, without) = (quantile(&with, q), quantile(&without, q));
            println!(
                "  {count:>8} keys, the slowest of the {what}: {with:6.1} ns with, {without:6.1} ns without: {:5.1} % of the throughput, {:+.1} ns",
                without / with * 100.0,
                with - without
            );
        }
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

/// Opens the store some times, each in a new process as it is in earnest, and tells of the time that took least of the
/// processor.
fn reopen(path: &PathBuf, what: &str, keys: usize) {
    const ROUNDS: usize = 3;
    let program = std::env::current_exe().unwrap();
    let round = |_| {
        let output =
            std::process::Command::new(&program).arg("--bench").arg(OPEN_ONCE).arg(path).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let mut parts = text.trim().splitn(3, ' ');
        let mut seconds =
            || parts.next().and_then(|part| part.parse::<f64>().ok()).expect("a child that opens");
        (seconds(), seconds(), parts.next().unwrap_or_default().to_string())
    };
    let best = (0..ROUNDS).map(round).min_by(|a, b| a.0.total_cmp(&b.0));
    let Some((cpu, wall, report)) = best else { return };
    let (keys, cores) = (keys as f64 / 1e6, thread::available_parallelism().map_or(1, usize::from));
    println!(
        "  {what:<28} {:.2}M keys a second of processor ({cpu:.2} s); {:.2}M a second on {cores} cores ({wall:.2} s)",
        keys / cpu,
        keys / wall,
    );
    println!("    best of {ROUNDS}: {report}");
}

/// What a child of [`reopen`] is told to do.
const OPEN_ONCE: &str = "open-once";

/// Opens the store, and prints the seconds of the processor, those on the wall and the report.
fn open_once(path: &PathBuf) {
    let (start, cpu) = (Instant::now(), processor_s());
    let db = open(path, Fsync::EverySecond);
    let (wall, cpu) = (start.elapsed().as_secs_f64(), processor_s() - cpu);
    println!("{cpu} {wall} {}", db.open_report().map(|report| report.to_string()).unwrap_or_default());
    db.close().unwrap();
    // Nobody waits for memory that the system takes back anyway.
    std::process::exit(0);
}

fn recovery() {
    let count = keys();
    println!("{count} keys of 16 + 16 bytes: recovery (limit 4M keys a second and core)");
    // As a program leaves it: snapshots are taken when the log has grown, the rest comes from the log.
    let path = dir("recovery-as-it-is");
    let db = open(&path, Fsync::EverySecond);
    (0..count).for_each(|n| db.set(key(n), b"sixteen bytes ..").unwrap());
    db.close().unwrap();
    reopen(&path, "as it is by default", count);
    std::fs::remove_dir_all(path).unwrap();

    let path = dir("recovery");
    let db = open(&path, Fsync::EverySecond);
    // What the log alone is worth: no snapshot by itself.
    db.call(["CONFIG", "SET", "auto-aof-rewrite-percentage", "0"]).unwrap();
    (0..count).for_each(|n| db.set(key(n), b"sixteen bytes ..").unwrap());
    db.close().unwrap();
    reopen(&path, "from the log", count);
    let db = open(&path, Fsync::EverySecond);
    db.call(["SAVE"]).unwrap();
    db.close().unwrap();
    reopen(&path, "from a snapshot", count);
    std::fs::remove_dir_all(path).unwrap();
}

fn beside_snapshots() {
    let (path, count) = (dir("snapshot"), keys());
    let db = open(&path, Fsync::EverySecond);
    // Only those that are asked for.
    db.call(["CONFIG", "SET", "auto-aof-rewrite-percentage", "0"]).unwrap();
    (0..count).for_each(|n| db.set(key(n), b"sixteen bytes ..").unwrap());
    snapshot(&db, count);
    db.close().unwrap();
    std::fs::remove_dir_all(path).unwrap();
}

/// How long commands took; and how long without the time in which the machine ran other processes although their thread,
/// or the background thread that may have held what they waited for, was ready to run. On a machine that is shared, that is what makes
/// a command slow. The kernel counts it: it is asked about the own thread after each command of more than
/// [`Times::ASKED_NS`], and about the others every few commands. What a hypervisor takes away is not in it.
struct Times {
    wall: Vec<u64>,
    own: Vec<u64>,
    mine: Option<File>,
    others: Vec<File>,
    mine_ns: u64,
    others_ns: u64,
}

/// Nanoseconds in which the thread could have run and did not.
fn waited_ns(stats: &File) -> u64 {
    let mut text = [0; 128];
    let len = stats.read_at(&mut text, 0).unwrap_or(0);
    let text = String::from_utf8_lossy(&text[..len]);
    text.split_whitespace().nth(1).and_then(|ns| ns.parse().ok()).unwrap_or(0)
}

impl Times {
    const ASKED_NS: u64 = 20_000;
    const ASKED_EVERY: usize = 16;

    fn new() -> Self {
        let mine = File::open("/proc/thread-self/schedstat").ok();
        let tasks =
            std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten().map(|task| task.path());
        let upkeep = tasks.filter(|task| {
            std::fs::read_to_string(task.join("comm")).is_ok_and(|name| name.starts_with("tenon"))
        });
        let others = upkeep.filter_map(|task| File::open(task.join("schedstat")).ok()).collect();
        let (wall, own) = (Vec::with_capacity(1 << 24), Vec::with_capacity(1 << 24));
        let mine_ns = mine.as_ref().map_or(0, waited_ns);
        Self { wall, own, mine, others, mine_ns, others_ns: 0 }
    }

    fn ask_others(&mut self) -> u64 {
        let now = self.others.iter().map(waited_ns).sum();
        now - std::mem::replace(&mut self.others_ns, now)
    }

    fn add(&mut self, ns: u64) {
        let mut waited = 0;
        if ns >= Self::ASKED_NS {
            let mine = self.mine.as_ref().map_or(0, waited_ns);
            waited = mine - std::mem::replace(&mut self.mine_ns, mine) + self.ask_others();
        } else if self.wall.len().is_multiple_of(Self::ASKED_EVERY) {
            self.ask_others();
        }
        self.wall.push(ns);
        self.own.push(ns.saturating_sub(waited));
    }

    fn show(mut self, what: &str) -> u64 {
        let mut columns = String::new();
        for times in [&mut self.wall, &mut self.own] {
            times.sort_unstable();
            let at = |q: f64| times[((times.len() - 1) as f64 * q) as usize] as f64 / 1e3;
            let over = |us: u64| times.len() - times.partition_point(|ns| *ns <= us * 1000);
            let _ = write!(
                columns,
                "│ {:6.1} {:7.1} {:8.1} {:6} {:4} ",
                at(0.999),
                at(0.9999),
                at(1.0),
                over(100),
                over(1000)
            );
        }
        println!(
            "  {what:<24} {:9} {:6.2} {columns}",
            self.wall.len(),
            self.wall[self.wall.len() / 2] as f64 / 1e3
        );
        self.own[self.own.len() - 1]
    }
}

/// Times single commands, or nothing at all, until `ended`.
fn timed(ended: impl Fn() -> bool, mut command: impl FnMut(usize)) -> Times {
    let mut times = Times::new();
    let mut n = 0usize;
    while !n.is_multiple_of(64) || !ended() {
        n += 1;
        let before = Instant::now();
        command(n);
        times.add(before.elapsed().as_nanos() as u64);
    }
    times
}

fn read_or_write(db: &Db, n: usize, count: usize) {
    let key = key((n * 7919) % count);
    if n.is_multiple_of(2) {
        db.set(key, b"another sixteen.").unwrap();
    } else {
        black_box(db.get(key).unwrap());
    }
}

fn saving(db: &Db) -> bool {
    let info = db.call(["INFO", "persistence"]).unwrap();
    info.as_bytes().is_some_and(|text| text.windows(25).any(|line| line == b"rdb_bgsave_in_progress:1\r"))
}

fn snapshot(db: &Db, count: usize) {
    const ROUNDS: usize = 5;
    println!(
        "a thread that reads and writes while a snapshot of {count} keys is taken (limit: no command 1 ms slower; goal 100 us)"
    );
    println!(
        "  us: median │ 99.9 %, 99.99 %, slowest, number over 100 us, over 1 ms │ the same without what other processes took"
    );
    let worst: Vec<[u64; 3]> = (0..ROUNDS).map(|_| beside_snapshot(db, count)).collect();
    let of = |which: usize| median(worst.iter().map(|w| w[which] as f64 / 1e3).collect());
    println!(
        "  the slowest without what others took, the median of {ROUNDS} rounds: {:.1} us alone, {:.1} us beside a thread that only computes, {:.1} us beside the snapshot",
        of(0),
        of(1),
        of(2)
    );
}

/// The slowest command alone, beside a thread that has nothing to do with it (which shows what the machine itself takes away
/// when it has two threads to run), and beside a snapshot.
fn beside_snapshot(db: &Db, count: usize) -> [u64; 3] {
    let for_a_while = |start: Instant| move || start.elapsed() > Duration::from_secs(2);
    timed(for_a_while(Instant::now()), |n| {
        black_box(n);
    })
    .show("nothing at all");
    let alone = timed(for_a_while(Instant::now()), |n| read_or_write(db, n, count)).show("no snapshot");
    let ended = AtomicBool::new(false);
    let busy = thread::scope(|scope| {
        scope.spawn(|| {
            let mut n = 0_u64;
            while !ended.load(Ordering::Relaxed) {
                n = black_box(n.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 1);
            }
        });
        let busy = timed(for_a_while(Instant::now()), |n| read_or_write(db, n, count));
        ended.store(true, Ordering::Relaxed);
        busy
    });
    let busy = busy.show("a thread that computes");
    let start = Instant::now();
    db.call(["BGSAVE"]).unwrap();
    let ended = AtomicBool::new(false);
    let during = thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(50));
            while saving(db) {
                thread::sleep(Duration::from_millis(20));
            }
            ended.store(true, Ordering::Relaxed);
        });
        timed(|| ended.load(Ordering::Relaxed), |n| read_or_write(db, n, count))
    });
    let during = during.show(&format!("a snapshot, {:.2} s", start.elapsed().as_secs_f64()));
    [alone, busy, during]
}

fn main() {
    if std::env::args().any(|arg| arg == "--test") {
        return;
    }
    let parts: [(&str, fn()); 4] = [
        ("writes", writes),
        ("commit", group_commit),
        ("recovery", recovery),
        ("snapshot", beside_snapshots),
    ];
    let named: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    if let [first, path] = &named[..]
        && first == OPEN_ONCE
    {
        return open_once(&path.into());
    }
    for (name, part) in parts {
        if named.is_empty() || named.iter().any(|wanted| wanted == name) {
            part();
        }
    }
}
