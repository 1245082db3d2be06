//! `kill -9`, again and again: a process that writes with several threads is killed at any moment, also while it recovers and
//! while it writes a snapshot. Whatever it had been answered is there afterwards, under every policy; no transaction is
//! half there.
//!
//! The process is this test itself, started again with `TENON_KILL_DIR`. It tells what was answered on a pipe, a line at a
//! time: what is in the pipe when it dies was answered before. `TENON_KILLS` sets how often (20; in the long runs thousands).
use std::{
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use tenondb::{Db, Fsync, Lists, Options, Strings};

const THREADS: usize = 4;

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
            // A value that is larger than the ring holds at once, now and then.
            let size = if n % 300 == 2 { 300_000 } else { 30 };
            db.set(format!("big:{t}"), format!("{n} {}", "x".repeat(size))).unwrap();
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
        scope.spawn(move || {
            while !over.load(Ordering::Relaxed) {
                let _ = db.call(["BGSAVE"]);
                std::thread::sleep(Duration::from_millis(3));
            }
        });
    });
}

/// `end`: how the process ends by itself; empty: it does not.
fn start(dir: &Path, policy: u64, end: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::writes_until_it_is_killed", "--nocapture", "--test-threads=1"])
        .env("TENON_KILL_DIR", dir)
        .env("TENON_KILL_POLICY", policy.to_string())
        .env("TENON_KILL_END", end)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Starts the process, kills it, and returns the last number that each thread was answered.
fn run(dir: &Path, policy: u64, seed: u64, early: bool) -> [u64; THREADS] {
    let mut child = start(dir, policy, "");
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let wanted = if early { "opening\n" } else { "open\n" };
    let mut line = String::new();
    while line != wanted {
        line.clear();
        assert_ne!(out.read_line(&mut line).unwrap(), 0, "it did not even open");
    }
    // The pipe must not fill up: it is read while we wait.
    let reader = std::thread::spawn(move || {
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        rest
    });
    let most_us = if early { 4_000 } else { 30_000 << (seed % 3) };
    std::thread::sleep(Duration::from_micros(chance(seed) % most_us));
    child.kill().unwrap();
    child.wait().unwrap();
    answers(&reader.join().unwrap())
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

/// Looks at what is left without changing it: the next process recovers from the very same files.
fn check(dir: &Path, answered: &mut [u64; THREADS], now: [u64; THREADS], context: &str) {
    let (db, report) = Db::inspect(dir, Options::default()).unwrap();
    for t in 0..THREADS {
        let done = answered[t].max(now[t]);
        let len = db.llen(format!("list:{t}")).unwrap();
        assert!(
            len == done || len == done + 1,
            "{context}: thread {t} was answered {done}, found {len}; {report}"
        );
        let count = number(&db, &format!("count:{t}"));
        assert!(
            count >= now[t] && (count == len || count + 1 == len),
            "{context}: {count} of {len}; {report}"
        );
        let (left, right) = (number(&db, &format!("left:{t}")), number(&db, &format!("right:{t}")));
        assert_eq!(left, right, "{context}: a transaction is half there; {report}");
        // What was under way when it died counts from now on: the next process goes on behind it.
        answered[t] = len;
    }
}

#[test]
fn nothing_that_was_answered_is_lost() {
    if std::env::var_os("TENON_KILL_DIR").is_some() {
        return;
    }
    let base: PathBuf = std::env::temp_dir().join(format!("tenon-kill-{}", std::process::id()));
    for policy in 0..3 {
        let dir = base.join(policy.to_string());
        let mut answered = [0; THREADS];
        for round in 0..kills().div_ceil(3) {
            let seed = round * 3 + policy + 1;
            let context = format!("policy {policy}, kill {round}");
            let now = run(&dir, policy, seed, chance(seed + 7).is_multiple_of(4));
            check(&dir, &mut answered, now, &context);
        }
    }
    std::fs::remove_dir_all(base).unwrap();
}

#[test]
fn a_host_that_ends_without_closing_loses_nothing() {
    if std::env::var_os("TENON_KILL_DIR").is_some() {
        return;
    }
    let base: PathBuf = std::env::temp_dir().join(format!("tenon-end-{}", std::process::id()));
    for (policy, end) in ["exit", "abort", "panic", "exit", "abort", "panic"].into_iter().enumerate() {
        let dir = base.join((policy % 3).to_string());
        let mut child = start(&dir, policy as u64, end);
        let mut told = String::new();
        child.stdout.take().unwrap().read_to_string(&mut told).unwrap();
        child.wait().unwrap();
        let now = answers(&told);
        assert!(now[0] >= 200, "{end}: {told}");
        check(&dir, &mut now.clone(), now, end);
    }
    std::fs::remove_dir_all(base).unwrap();
}
