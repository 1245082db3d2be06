//! Nothing by the back door: whatever any write row does, with any of its options, the log says it all.
//!
//! For every row that writes, commands are made from its usage line and said by every door, on keys of all types, in
//! several databases, while the clock moves and keys expire. The log alone must then give the same database again, and
//! running the log must leave that same log behind: else a second recovery would differ from the first.
//! A row of which no command ever reached the log, or an option that never did, fails the test: then either its log form is
//! missing or the generator cannot say it, and neither is to go unnoticed.
mod logged;

use crate::doors::{
    FEW, content,
    generate::{self, Argv, Choices, DATABASES, START_MS},
    request, writes,
};
use std::collections::BTreeSet;
use tenondb::{Clock, Db, Encodings, Options, Spec, Usage, resp::Conn};

/// Something of every type, small and large, some with a deadline.
const FURNITURE: &[&str] = &[
    "SET s0 10",
    "SET s1 2.5 PX 30000",
    "RPUSH l0 a b c 1 2 3",
    "RPUSH l1 3 1 2",
    "PEXPIRE l1 4000",
    "HSET h0 a 1 b 2 c 3",
    "HSET h1 d 10 1 5",
    "EXPIRE h1 7",
    "SADD t0 a b c d",
    "SADD t1 1 2 3 10",
    "EXPIRE t1 5",
    "ZADD z0 1 a 2 b 3 c",
    "ZADD z1 0 a 0 b 0 c 0 d",
    "EXPIRE z1 9",
    "XADD x0 5-0 a 1",
    "XADD x0 5-1 a 2 b 3",
    "XADD x0 9-1 a 3",
    "XADD x0 12-0 c 3",
    "XADD x1 1-1 a 1",
    "XADD x1 3-1 a 1",
    "EXPIRE x1 9",
    "XADD x2 1-1 a 1",
    "XADD x2 2-0 a 1",
    "XADD x2 3-1 a 1",
    "XADD x2 4-2 a 1",
    "XADD x2 5-0 a 1",
    "XGROUP CREATE x0 g0 0",
    "XGROUP CREATE x1 g0 0 MKSTREAM",
    "XGROUP CREATE x0 g1 5-0",
    "XREADGROUP GROUP g0 a COUNT 2 STREAMS x0 >",
];

fn options(encodings: Encodings, seed: u64) -> Options {
    let clock = Clock::manual(START_MS);
    Options { journal: true, seed: Some(seed), threads: 0, clock, encodings, ..Options::default() }
}

fn furnish(db: &Db) {
    for line in FURNITURE {
        // A key may have another type by now.
        let _ = db.call(line.split(' '));
    }
}

/// Collections beyond the usual limits of the compact encodings.
fn furnish_well(db: &Db) {
    furnish(db);
    for (name, key, has_pairs) in
        [("RPUSH", "l2", false), ("HSET", "h2", true), ("SADD", "t2", false), ("ZADD", "z2", true)]
    {
        let elements = (0..600).flat_map(|n| {
            let first = has_pairs.then(|| n.to_string());
            first.into_iter().chain([format!("{}{n}", if n % 3 == 0 { "m" } else { "" })])
        });
        let words: Vec<String> = [name, key].into_iter().map(str::to_owned).chain(elements).collect();
        db.call(&words).unwrap();
    }
}

/// Says commands by one of the doors. What is refused is refused.
fn say(db: &Db, door: usize, commands: &[Argv], choices: &mut Choices) {
    let by_call = || commands.iter().for_each(|argv| drop(db.call(argv)));
    match door {
        0 => by_call(),
        1 => {
            let mut batch = db.batch();
            for argv in commands {
                batch.call(argv);
            }
            // An error in one of them stops them all.
            if batch.run().is_err() {
                by_call();
            }
        }
        2 => {
            let done = db.transaction(|tx| {
                commands.iter().for_each(|argv| drop(tx.call(argv)));
                Ok::<_, tenondb::Error>(())
            });
            done.unwrap();
        }
        _ => {
            let mut conn = Conn::new(db);
            conn.feed(b"MULTI\r\n");
            for argv in commands {
                if choices.one_in(4) {
                    conn.feed(format!("SELECT {}\r\n", choices.below(DATABASES as usize)).as_bytes());
                }
                conn.feed(&request(argv));
            }
            conn.feed(b"EXEC\r\n");
            let replies = conn.take_output();
            assert!(!replies.windows(14).any(|text| text == b"internal error"), "{}", replies.escape_ascii());
        }
    }
}

/// How many threads have written.
#[derive(PartialEq)]
enum Threads {
    One,
    Several,
}

/// Replays what `db` recorded and compares. Says what differs.
fn verify(db: &Db, encodings: Encodings, fully: bool, threads: Threads) -> Result<(), String> {
    let steps = db.journal();
    let again = Db::replay(&steps, options(encodings, 8)).map_err(|error| format!("replaying: {error}"))?;
    let twice = again.journal();
    let first = logged::commands(steps.iter().map(|step| (step.now_ms, &step.encoded[..])));
    let second = logged::commands(twice.iter().map(|step| (step.now_ms, &step.encoded[..])));
    // A closure whose clock stood still while keys of its stripe were given back says DEL of what it took to be absent: where
    // the log is run again that is absent already, more often than not. The contents below say whether it mattered.
    let is_caution =
        |logged: &logged::Logged| threads == Threads::Several && format!("{logged:?}").contains(": DEL ");
    let mut replayed = second.iter().peekable();
    for logged in &first {
        if replayed.next_if(|again| *again == logged).is_none() && !is_caution(logged) {
            return Err(format!("the log of the log: {logged:?} became {:?}", replayed.peek()));
        }
    }
    if let Some(more) = replayed.next() {
        return Err(format!("the log of the log has {more:?} besides"));
    }
    again.clock().set_ms(db.clock().now_ms());
    let digest = |db: &Db| db.call(["DEBUG", "DIGEST"]).unwrap();
    if fully || digest(db) != digest(&again) {
        let (content, replayed) = (content::of(db), content::of(&again));
        let mut keys = content.keys().chain(replayed.keys());
        if let Some(key) = keys.find(|key| content.get(*key) != replayed.get(*key)) {
            return Err(format!("{key} is {:?} and was {:?}", replayed.get(key), content.get(key)));
        }
    }
    if digest(db) == digest(&again) { Ok(()) } else { Err("the digests differ".into()) }
}

/// What was seen of a row.
#[derive(Default)]
struct Seen {
    logged: usize,
    options: BTreeSet<String>,
}

impl Seen {
    fn note(&mut self, spec: &'static Spec, argv: &Argv) {
        self.logged += 1;
        let usage = Usage::parse(spec.usage).unwrap();
        usage.each_token(&mut |word| {
            if argv.iter().any(|arg| arg.eq_ignore_ascii_case(word.as_bytes())) {
                self.options.insert(word.to_owned());
            }
        });
    }

    /// What never reached the log.
    fn missed(&self, spec: &'static Spec) -> Vec<String> {
        let mut missed = Vec::new();
        if self.logged == 0 {
            return vec![spec.name.to_owned()];
        }
        Usage::parse(spec.usage).unwrap().each_token(&mut |word| {
            if !self.options.contains(word) {
                missed.push(format!("{} {word}", spec.name));
            }
        });
        missed
    }
}

fn rounds() -> u64 {
    std::env::var("TENON_REPLAY_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(5)
}

/// Says commands of one row, others now and then beside them, and compares.
fn check_row(
    spec: &'static Spec,
    rows: &[&'static Spec],
    encodings: Encodings,
    round: u64,
    seen: &mut Seen,
) -> Result<(), String> {
    let mut choices = Choices(u64::from(spec.id) << 20 | round);
    let root = Db::with(options(encodings, 7));
    let mut said: Vec<String> = Vec::new();
    for index in 0..DATABASES {
        let db = root.select(index).unwrap();
        if round.is_multiple_of(4) && index == 0 { furnish_well(&db) } else { furnish(&db) }
    }
    for _ in 0..40 {
        if choices.one_in(3) {
            root.clock().advance_ms(choices.below(3_000) as u64);
        }
        let db = root.select(choices.below(DATABASES as usize) as u32).unwrap();
        if choices.one_in(8) {
            furnish(&db);
        }
        let now_ms = root.clock().now_ms();
        let argv = generate::command_with_few(&mut choices, spec, now_ms);
        let mut group = vec![argv];
        while choices.one_in(4) {
            let other = rows[choices.below(rows.len())];
            if !other.name.starts_with("FLUSH") {
                group.push(generate::command(&mut choices, other, now_ms));
            }
        }
        let door = choices.below(4);
        let before = if group.len() == 1 { root.journal().len() } else { usize::MAX };
        say(&db, door, &group, &mut choices);
        said.push(format!("{}: {}", db.index(), line(&group)));
        if before < usize::MAX && root.journal().len() > before {
            seen.note(spec, &group[0]);
        }
        if choices.one_in(10) {
            root.tick(1_000);
        }
    }
    verify(&root, encodings, round.is_multiple_of(5), Threads::One)
        .map_err(|fault| format!("{}, round {round}: {fault}\n{}\n", spec.name, said.join("\n")))
}

fn line(group: &[Argv]) -> String {
    let words = |argv: &Argv| argv.iter().map(|arg| arg.escape_ascii().to_string()).collect::<Vec<_>>();
    group.iter().map(|argv| words(argv).join(" ")).collect::<Vec<_>>().join("; ")
}

/// Every write row, in one encoding.
fn check(encodings: Encodings) {
    let rows = writes();
    let mut faults = Vec::new();
    for spec in &rows {
        let mut seen = Seen::default();
        // The first fault of a row is enough. What comes up seldom gets thousands of tries.
        let goes_on =
            |round: u64, seen: &Seen| round < rounds() || (round < 80 && !seen.missed(spec).is_empty());
        let mut round = 0;
        let mut found = Ok(());
        while found.is_ok() && goes_on(round, &seen) {
            found = check_row(spec, &rows, encodings, round, &mut seen);
            round += 1;
        }
        faults.extend(found.err());
        faults.extend(seen.missed(spec).iter().map(|name| format!("never reached the log: {name}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_log_says_it_all_in_the_usual_encodings() {
    check(Encodings::default());
}

#[test]
fn the_log_says_it_all_where_nothing_is_compact() {
    check(Encodings::NEVER_COMPACT);
}

#[test]
fn the_log_says_it_all_where_encodings_change_all_the_time() {
    check(FEW);
}

#[test]
fn what_changes_nothing_leaves_nothing_in_the_log() {
    let db = Db::with(options(Encodings::default(), 7));
    furnish(&db);
    let recorded = |line: &str| {
        let before = db.journal().len();
        db.call(line.split(' ')).unwrap();
        let journal = db.journal();
        logged::commands(journal[before..].iter().map(|step| (step.now_ms, &step.encoded[..]))).len()
    };
    assert_eq!(recorded("ZINCRBY z0 0 a"), 0);
    assert_eq!(
        recorded("ZADD z0 1e20 big") + recorded("ZINCRBY z0 1 big"),
        1,
        "too little to make a difference"
    );
    assert_eq!(recorded("SORT l1 STORE absent"), 1, "what was not there needs no DEL");
    assert_eq!(recorded("SORT l1 STORE absent"), 2);
    assert_eq!(recorded("SORT nothing STORE nowhere"), 0);
}

/// What several threads do at once is logged in an order that gives the same: also while keys expire and are given back.
#[test]
fn the_log_of_several_threads_is_their_order() {
    for (round, encodings) in [Encodings::default(), Encodings::NEVER_COMPACT, FEW].into_iter().enumerate() {
        let root = Db::with(options(encodings, 7));
        furnish(&root);
        let rows: Vec<_> = writes().into_iter().filter(|spec| !spec.name.starts_with("FLUSH")).collect();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let (root, rows) = (&root, &rows);
                scope.spawn(move || {
                    let mut choices = Choices((round * 4 + thread) as u64);
                    for _ in 0..400 {
                        let db = root.select(choices.below(DATABASES as usize) as u32).unwrap();
                        let now_ms = db.clock().now_ms();
                        let commands: Vec<Argv> = (0..=choices.below(3))
                            .map(|_| {
                                let spec = rows[choices.below(rows.len())];
                                generate::command(&mut choices, spec, now_ms)
                            })
                            .collect();
                        say(&db, choices.below(4), &commands, &mut choices);
                        if choices.one_in(20) {
                            root.clock().advance_ms(choices.below(500) as u64);
                            root.tick(50);
                        }
                    }
                });
            }
        });
        verify(&root, encodings, true, Threads::Several)
            .unwrap_or_else(|fault| panic!("round {round}: {fault}"));
    }
}
