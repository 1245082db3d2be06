//! Bytes per item by type and size: what the database counts (`used_memory`), and what the process grew by.
//!
//! `cargo bench --bench footprint`. Keys, members and values of 16 bytes unless said otherwise.
use tenondb::Db;

/// What the database itself counts.
fn counted(db: &Db) -> usize {
    let reply = db.call(["INFO", "memory"]).unwrap();
    let info = String::from_utf8_lossy(reply.as_bytes().unwrap_or_default());
    let at = info.find("used_memory:").expect("a field of INFO") + "used_memory:".len();
    info[at..].split(|c: char| !c.is_ascii_digit()).next().and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or("");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<usize>().ok()).unwrap_or(0) * 1024
}

fn text(n: usize) -> [u8; 16] {
    let mixed = (n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut text = *b"t000000000000000";
    for (at, digit) in text[1..].iter_mut().enumerate() {
        *digit = b'a' + (mixed >> (4 * at) & 15) as u8;
    }
    text
}

/// A case: its name, the goal of ENGINE's table, how many items, and how one is added.
type Case = (&'static str, &'static str, usize, fn(&Db, usize));

fn call(db: &Db, words: &[&[u8]]) {
    db.call(words).unwrap();
}

const M: usize = 1_000_000;

const CASES: &[Case] = &[
    ("key + 16-byte value", "48 (limit 75)", M, |db, n| call(db, &[b"SET", &text(n), &text(n)])),
    ("key + 100-byte value", "136", M, |db, n| call(db, &[b"SET", &text(n), &[b'v'; 100]])),
    ("key + 16-byte value, with TTL", "64", M, |db, n| {
        call(db, &[b"SET", &text(n), &text(n), b"EX", b"86400"])
    }),
    ("key + integer", "-", M, |db, n| call(db, &[b"SET", &text(n), b"123456"])),
    ("small hash, 5 fields of 6+8 bytes", "130", M / 5, |db, n| {
        let key = text(n);
        let mut words: Vec<&[u8]> = vec![b"HSET", &key];
        let pairs: [&[u8]; 10] = [
            b"field1",
            b"value--1",
            b"field2",
            b"value--2",
            b"field3",
            b"value--3",
            b"field4",
            b"value--4",
            b"field5",
            b"value--5",
        ];
        words.extend(pairs);
        call(db, &words);
    }),
    ("hash of 1M fields, per field", "48", M, |db, n| call(db, &[b"HSET", b"h", &text(n), &text(n)])),
    ("sorted set of 1M, per member", "46 (limit 60)", M, |db, n| {
        call(db, &[b"ZADD", b"z", n.to_string().as_bytes(), &text(n)]);
    }),
    ("set of 1M, per member", "32", M, |db, n| call(db, &[b"SADD", b"s", &text(n)])),
    ("set of 1M integers, per member", "12", M, |db, n| call(db, &[b"SADD", b"s", n.to_string().as_bytes()])),
    ("list of 1M, per item", "18", M, |db, n| call(db, &[b"RPUSH", b"l", &text(n)])),
];

/// Fills a database and reports what one item takes.
fn measure((name, goal, items, add): Case) {
    let db = Db::memory();
    let (bytes, pages) = (counted(&db), resident());
    (0..items).for_each(|n| add(&db, n));
    let asked = (counted(&db) - bytes) as f64 / items as f64;
    let grown = resident().saturating_sub(pages) as f64 / items as f64;
    println!("{name:<36} {asked:>8.1} counted {grown:>8.1} resident   goal {goal}");
}

/// Each case has a process of its own: what one gives back would hide what the next one takes.
fn main() {
    let args: Vec<String> = std::env::args().collect();
    if args.iter().any(|arg| arg == "--test") {
        return;
    }
    if let Some(case) = args.iter().position(|arg| arg == "--case") {
        return measure(CASES[args[case + 1].parse::<usize>().unwrap()]);
    }
    println!("bytes per item");
    for case in 0..CASES.len() {
        let this = std::env::current_exe().unwrap();
        let status = std::process::Command::new(this).args(["--case", &case.to_string()]).status().unwrap();
        assert!(status.success());
    }
}
