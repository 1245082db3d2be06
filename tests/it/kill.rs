//! `kill -9`, again and again: a process that writes with several threads is killed at any moment, also while it recovers and
//! while it writes a snapshot. Whatever it had been answered is there afterwards, under every policy, and of what it had not been
//! answered at most the one write that each thread was at; no transaction is half there.
//!
//! ```text
//!   short life    writes, a snapshot every few milliseconds               killed at any moment once it is open
//!   long life     writes for longer, no snapshot: its log has to be read  the same
//!   early death   opens                                                   killed at any moment of the time an open took
//!   after each    Db::inspect: what was answered ─▶ list, count, left and right, big
//! ```
//!
//! The process is this test itself, started again with `TENON_KILL_DIR`. It tells what was answered on a pipe, a line at a
//! time: what is in the pipe when it dies was answered before. `TENON_KILLS` sets how often (20; in the long runs thousands).
//! With `--nocapture` it says how many opens and how many snapshots were cut short.
use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Read, Write},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use tenondb::{Clock, Db, Fsync, Lists, Options, Strings};

const THREADS: usize = 4;
/// Kills of one store: it grows, and a large one spends its lives with opening.
const KILLS_OF_ONE: u64 = 40;

fn number(db: &Db, key: &str) -> u64 {
    let value = db.get(key).unwrap();
    value.map_or(0, |value| String::from_utf8_lossy(value.as_ref()).parse().unwrap())
}

fn kills() -> u64 {
    std::env::var("TENON_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(20)
}

/// A step of splitmix64: when to kill.
fn chance(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z ^ (z >> 27)
}

fn fsync(policy: u64) -> Fsync {
    [Fsync::EverySecond, Fsync::Never, Fsync::Always][policy as usize % 3]
}

/// Whether the `n`th write of a thread is one to `left` and `right`, else it is one to `big`.
fn has_sides(n: u64) -> bool {
    n % 3 != 2
}

/// The value of `big` that the `n`th write sets: larger than what the ring holds at once, now and then.
fn big(n: u64) -> String {
    let size = if n % 300 == 2 { 300_000 } else { 30 };
    format!("{n} {}", "x".repeat(size))
}

/// What thread `t` does for the `n`th time: an entry of a list first, then other kinds of writes that all say `n`.
fn write(db: &Db, t: usize, n: u64) {
    db.rpush(format!("list:{t}"), &[n.to_string()]).unwrap();
    db.set(format!("count:{t}"), n.to_string()).unwrap();
    match n % 3 {
        0 => db
            .transaction(|tx| {
                tx.set(format!("left:{t}"), n.to_string())?;
                tx.set(format!("right:{t}"), n.to_string())?;
                Ok(())
            })
            .unwrap(),
        1 => {
            let mut batch = db.batch();
            for side in ["left", "right"] {
                batch.call(["SET".to_owned(), format!("{side}:{t}"), n.to_string()]);
            }
            batch.run().unwrap();
        }
        _ => {
            db.set(format!("big:{t}"), big(n)).unwrap();
        }
    }
}

/// The process that is killed. It is no test of its own.
#[test]
fn writes_until_it_is_killed() {
    let Some(dir) = std::env::var_os("TENON_KILL_DIR") else { return };
    let policy = std::env::var("TENON_KILL_POLICY").unwrap().parse().unwrap();
    println!("\nopening");
    let options = Options { fsync: fsync(policy), segment_bytes: 1 << 20, ..Options::default() };
    let db = Db::open_with(dir, options).unwrap();
    println!("open");
    let (end, over) = (std::env::var("TENON_KILL_END").unwrap_or_default(), AtomicBool::new(false));
    let over = &over;
    std::thread::scope(|scope| {
        for t in 0..THREADS {
            let db = &db;
            let end = end.clone();
            scope.spawn(move || {
                let mut out = std::io::stdout();
                let mut n = db.llen(format!("list:{t}")).unwrap();
                // The life before may have ended between the two.
                db.set(format!("count:{t}"), n.to_string()).unwrap();
                let first = n;
                while !over.load(Ordering::Relaxed) {
                    n += 1;
                    write(db, t, n);
                    // One write, below the size up to which a pipe keeps it whole.
                    out.write_all(format!("did {t} {n}\n").as_bytes()).unwrap();
                    if t == 0 && n == first + 200 {
                        over.store(end == "panic", Ordering::Relaxed);
                        match end.as_str() {
                            "exit" => std::process::exit(0),
                            "abort" => std::process::abort(),
                            "panic" => panic!("the host has a bug"),
                            _ => {}
                        }
                    }
                }
            });
        }
        let db = &db;
        let has_saves = std::env::var_os("TENON_KILL_SAVES").is_some();
        scope.spawn(move || {
            while has_saves && !over.load(Ordering::Relaxed) {
                let _ = db.call(["BGSAVE"]);
                std::thread::sleep(Duration::from_millis(3));
            }
        });
    });
}

/// `end`: how the process ends by itself; empty: it does not.
fn start(dir: &Path, policy: u64, end: &str, has_saves: bool) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "kill::writes_until_it_is_killed", "--nocapture", "--test-threads=1"])
        .env("TENON_KILL_DIR", dir)
        .env("TENON_KILL_POLICY", policy.to_string())
        .env("TENON_KILL_END", end)
        .stdout(Stdio::piped())
        // A panic that nobody asked for is to be read.
        .stderr(if end.is_empty() { Stdio::inherit() } else { Stdio::null() });
    if has_saves {
        command.env("TENON_KILL_SAVES", "1");
    }
    command.spawn().unwrap()
}

/// How a process lives until it is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Short,
    Long,
    Early,
}

/// What one process said until it was killed.
struct Told {
    /// The last number that each thread was answered.
    answered: [u64; THREADS],
    /// It was killed before.
    opened: bool,
}

/// Starts the process and kills it. `opening_us`: how long opening takes, as far as one knows.
fn run(dir: &Path, policy: u64, seed: u64, fate: Fate, opening_us: &mut u64) -> Told {
    let mut child = start(dir, policy, "", fate != Fate::Long);
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut until = |wanted: &str| {
        let mut line = String::new();
        while line != wanted {
            line.clear();
            assert_ne!(out.read_line(&mut line).unwrap(), 0, "it did not even open");
        }
    };
    until("opening\n");
    let (clock, since_us) = (Clock::system(), Clock::system().now_us());
    if fate != Fate::Early {
        until("open\n");
        *opening_us = clock.now_us().saturating_sub(since_us);
    }
    // The pipe must not fill up: it is read while we wait.
    let reader = std::thread::spawn(move || {
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        rest
    });
    let most_us = match fate {
        Fate::Short => 15_000 << (chance(seed + 1) % 4),
        Fate::Long => 400_000,
        Fate::Early => *opening_us + 200,
    };
    std::thread::sleep(Duration::from_micros(chance(seed) % most_us));
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.signal(), Some(9), "it ended by itself: {status}");
    let rest = reader.join().unwrap();
    let opened = fate != Fate::Early || rest.lines().any(|line| line == "open");
    Told { answered: answers(&rest), opened }
}

/// The last number that each thread was answered.
fn answers(told: &str) -> [u64; THREADS] {
    let mut answered = [0; THREADS];
    for line in told.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let ["did", t, n] = words[..] else { continue };
        if let (Ok(t), Ok(n)) = (t.parse::<usize>(), n.parse()) {
            answered[t] = n;
        }
    }
    answered
}

/// What must be there of one thread.
#[derive(Debug, Clone, Copy, Default)]
struct Kept {
    /// Entries of its list: how often it wrote.
    len: u64,
    /// The last number of `left` and `right`.
    sides: u64,
    /// The last number of `big`.
    big: u64,
}

impl Kept {
    /// After the writes up to number `n` were answered.
    fn after(self, n: u64) -> Self {
        // Those from `len + 1` on were this life's: the one at which the life before died was not said again.
        let last = |wanted: bool, before: u64| {
            (self.len + 1..=n).rev().take(3).find(|n| has_sides(*n) == wanted).unwrap_or(before)
        };
        Self { len: self.len.max(n), sides: last(true, self.sides), big: last(false, self.big) }
    }
}

/// The number of a value of `big`, which must be whole.
fn number_of_big(db: &Db, key: &str) -> u64 {
    let Some(value) = db.get(key).unwrap() else { return 0 };
    let value = String::from_utf8_lossy(value.as_ref()).into_owned();
    let n = value.split(' ').next().unwrap().parse().unwrap();
    assert!(value == big(n), "{key} says {n}, and is not what was written");
    n
}

/// Looks at what is left without changing it: the next process recovers from the very same files.
fn check(dir: &Path, kept: &mut [Kept; THREADS], now: [u64; THREADS], context: &str) {
    let (db, report) = Db::inspect(dir, Options::default()).unwrap();
    for t in 0..THREADS {
        let must = kept[t].after(now[t]);
        let list = format!("list:{t}");
        let len = db.llen(&list).unwrap();
        let found = Kept {
            len,
            sides: number(&db, &format!("left:{t}")),
            big: number_of_big(&db, &format!("big:{t}")),
        };
        let context = format!("{context}, thread {t}: answered {must:?}, found {found:?}; {report}");
        assert!(len == must.len || len == must.len + 1, "{context}");
        for place in [0, len / 2, len.saturating_sub(1)] {
            let entry = db.lindex(&list, place as i64).unwrap();
            let entry = entry.map(|entry| String::from_utf8_lossy(entry.as_ref()).into_owned());
            assert!(len == 0 || entry == Some((place + 1).to_string()), "{entry:?} at {place}: {context}");
        }
        let count = number(&db, &format!("count:{t}"));
        assert!(count >= now[t] && (count == len || count + 1 == len), "count {count}: {context}");
        assert_eq!(found.sides, number(&db, &format!("right:{t}")), "a transaction is half there: {context}");
        // The write under way is there or is not, and no other one.
        let is_under_way = |n: u64, sides: bool| n == len && len > must.len && has_sides(n) == sides;
        assert!(found.sides == must.sides || is_under_way(found.sides, true), "sides: {context}");
        assert!(found.big == must.big || is_under_way(found.big, false), "big: {context}");
        // What was under way when it died counts from now on: the next process goes on behind it.
        kept[t] = found;
    }
}

/// What the directory says of its snapshots: how many became the database, and which are not (yet) the one.
fn snapshots(dir: &Path) -> (u64, BTreeSet<String>) {
    let manifest = std::fs::read(dir.join("MANIFEST")).unwrap_or_default();
    let number =
        |at: usize| manifest.get(at..at + 8).map_or(0, |bytes| u64::from_le_bytes(bytes.try_into().unwrap()));
    let named = format!("snap-{:016x}", number(40));
    let names = std::fs::read_dir(dir).into_iter().flatten();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    // An older one waits for being removed.
    (
        number(32),
        names.filter(|name| name.starts_with("snap-") && (*name > named || number(40) == u64::MAX)).collect(),
    )
}

/// What the kills hit.
#[derive(Debug, Default)]
struct Count {
    kills: u64,
    /// Killed before the store was open.
    opening: u64,
    /// Killed before there was a store.
    making: u64,
    snapshots_finished: u64,
    snapshots_cut_short: u64,
    writes: u64,
}

/// Kills processes of one store, until it has died `KILLS_OF_ONE` times or it was `kills` times in all.
fn kill_one(dir: &Path, policy: u64, first: u64, kills: u64, count: &mut Count) {
    let (mut kept, mut opening_us) = ([Kept::default(); THREADS], 3_000);
    for round in first..kills.min(first + KILLS_OF_ONE) {
        let seed = (round * 3 + policy) * 16 + 1;
        let fate = match chance(seed + 7) % 8 {
            0..3 => Fate::Early,
            3 => Fate::Long,
            _ => Fate::Short,
        };
        let context = format!("policy {policy}, kill {round} ({fate:?})");
        let (generation, unnamed) = snapshots(dir);
        let told = run(dir, policy, seed, fate, &mut opening_us);
        let (generation_now, unnamed_now) = snapshots(dir);
        count.kills += 1;
        count.opening += u64::from(!told.opened);
        count.snapshots_finished += generation_now - generation;
        count.snapshots_cut_short += u64::from(unnamed_now.difference(&unnamed).next().is_some());
        if !dir.join("MANIFEST").exists() {
            assert!(!told.opened && kept.iter().all(|kept| kept.len == 0), "{context}: the manifest is gone");
            count.making += 1;
            continue;
        }
        let before: u64 = kept.iter().map(|kept| kept.len).sum();
        let (clock, since_us) = (Clock::system(), Clock::system().now_us());
        check(dir, &mut kept, told.answered, &context);
        // The log may be longer than when it was opened.
        opening_us = opening_us.max(clock.now_us().saturating_sub(since_us));
        count.writes += kept.iter().map(|kept| kept.len).sum::<u64>() - before;
    }
}

#[test]
fn nothing_that_was_answered_is_lost() {
    if std::env::var_os("TENON_KILL_DIR").is_some() {
        return;
    }
    let base: PathBuf = std::env::temp_dir().join(format!("tenon-kill-{}", std::process::id()));
    let (each, mut count) = (kills().div_ceil(3), Count::default());
    for first in (0..each).step_by(KILLS_OF_ONE as usize) {
        for policy in 0..3 {
            let dir = base.join(format!("{policy}-{first}"));
            kill_one(&dir, policy, first, each, &mut count);
            std::fs::remove_dir_all(dir).unwrap();
        }
        println!("{count:?}");
    }
    std::fs::remove_dir_all(base).unwrap();
    if count.kills >= 100 {
        let hit = [count.opening, count.snapshots_finished, count.snapshots_cut_short];
        assert!(hit.iter().all(|count| *count > 0), "these kills prove little: {count:?}");
    }
}

#[test]
fn a_host_that_ends_without_closing_loses_nothing() {
    if std::env::var_os("TENON_KILL_DIR").is_some() {
        return;
    }
    let base: PathBuf = std::env::temp_dir().join(format!("tenon-end-{}", std::process::id()));
    let mut kept = [[Kept::default(); THREADS]; 3];
    for (turn, end) in ["exit", "abort", "panic", "exit", "abort", "panic"].into_iter().enumerate() {
        let policy = turn % 3;
        let dir = base.join(policy.to_string());
        let mut child = start(&dir, policy as u64, end, true);
        let mut told = String::new();
        child.stdout.take().unwrap().read_to_string(&mut told).unwrap();
        child.wait().unwrap();
        let now = answers(&told);
        assert!(now[0] >= 200, "{end}: {told}");
        check(&dir, &mut kept[policy], now, end);
    }
    std::fs::remove_dir_all(base).unwrap();
}
