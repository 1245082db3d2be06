//! Keyspace events: which, in which order, when; and that no command changes anything without a word.
use crate::doors::{
    generate::{self, Choices, START_MS},
    writes,
};
use std::{collections::BTreeSet, time::Duration};
use tenondb::{Clock, Db, EventClasses, Keys, Lists, Options, Side, Spec, Strings, Subscription, op::BLMove};

const CLASSES: &[u8] = b"KEAmn";

fn open(classes: &[u8]) -> Db {
    let clock = Clock::manual(START_MS);
    let options =
        Options { journal: true, seed: Some(7), threads: 0, stripes: 4, clock, ..Options::default() };
    let db = Db::with(options);
    db.configure(|settings| settings.notify_keyspace_events = EventClasses::parse(classes).unwrap());
    db
}

/// What was heard on the channels of events: `event key`, behind a slash the database when it is not 0.
fn heard(events: &Subscription) -> Vec<String> {
    let mut heard = Vec::new();
    while let Some(message) = events.try_recv().unwrap() {
        let channel = String::from_utf8(message.channel().to_vec()).unwrap();
        let (db, event) = channel.strip_prefix("__keyevent@").unwrap().split_once("__:").unwrap();
        let key = message.body().escape_ascii();
        heard.push(if db == "0" { format!("{event} {key}") } else { format!("{event}/{db} {key}") });
    }
    heard
}

fn listen(db: &Db) -> Subscription {
    db.psubscribe(["__keyevent@*"])
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(' ').map(|word| word.trim_matches('"'))
}

#[test]
fn every_command_says_what_valkey_says() {
    let db = open(CLASSES);
    let events = listen(&db);
    let mut faults = Vec::new();
    let table = include_str!("../data/events.txt").lines().filter(|line| !line.starts_with('#'));
    for (command, wanted) in table.map(|line| line.split_once(" =>").unwrap()) {
        let reply = db.call(words(command));
        let got = heard(&events).join("; ");
        if got != wanted.trim() {
            faults.push(format!("{command}: {got} instead of {}, {reply:?}", wanted.trim()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Write rows that change something without an event, and why.
const SILENT: &[(&str, &str)] = &[
    ("FLUSHALL", "no event for each key, as in Redis"),
    ("FLUSHDB", "no event for each key, as in Redis"),
    ("SWAPDB", "no event for each key, as in Redis"),
    ("XACK", "Redis has none"),
    ("XACKDEL", "as XACK, when nothing is deleted"),
    ("XCLAIM", "only a consumer that it makes"),
    ("XAUTOCLAIM", "only a consumer that it makes"),
    ("XREADGROUP", "only a consumer that it makes"),
];
/// Write rows that say something although nothing is changed, and why.
const TALKATIVE: &[(&str, &str)] = &[("LTRIM", "also when it trims nothing, as in Redis")];

/// What a row has done: what never came up was not tried.
#[derive(Default)]
struct Seen {
    changes: usize,
    events: BTreeSet<String>,
}

fn try_row(spec: &'static Spec, round: u64, seen: &mut Seen, faults: &mut Vec<String>) {
    const FURNITURE: &[&str] = &[
        "SET s0 10",
        "SET s1 2.5 PX 3000000",
        "RPUSH l0 a b c 1 2 3",
        "RPUSH l1 3 1 2",
        "HSET h0 a 1 b 2 c 3",
        "SADD t0 a b c d",
        "SADD t1 1 2 3 10",
        "ZADD z0 1 a 2 b 3 c",
        "ZADD z1 0 a 0 b 0 c 0 d",
        "XADD x0 5-0 a 1",
        "XADD x0 9-1 a 3",
        "XGROUP CREATE x0 g0 0",
        "XGROUP CREATE x1 g0 0 MKSTREAM",
        "XREADGROUP GROUP g0 a COUNT 1 STREAMS x0 >",
    ];
    let mut choices = Choices(u64::from(spec.id) << 20 | round);
    let db = open(b"EAn");
    FURNITURE.iter().for_each(|line| drop(db.call(line.split(' '))));
    let events = listen(&db);
    for _ in 0..30 {
        let argv = generate::command_with_few(&mut choices, spec, START_MS);
        let steps = db.journal().len();
        // In a batch nothing waits.
        let mut batch = db.batch();
        batch.call(&argv);
        let reply = batch.run();
        let (changed, events) = (db.journal().len() > steps, heard(&events));
        let known = |rows: &[(&str, &str)]| rows.iter().any(|(name, _)| *name == spec.name);
        if changed == events.is_empty() && !known(if changed { SILENT } else { TALKATIVE }) {
            let line = argv.iter().map(|arg| arg.escape_ascii().to_string()).collect::<Vec<_>>().join(" ");
            faults.push(format!("{line}: changed {changed}, said {events:?}, {reply:?}"));
        }
        seen.changes += usize::from(changed);
        seen.events.extend(events.iter().map(|event| event.split([' ', '/']).next().unwrap().to_owned()));
    }
}

#[test]
fn no_row_changes_anything_without_a_word() {
    let mut faults = Vec::new();
    for spec in writes() {
        let mut seen = Seen::default();
        let mut round = 0;
        let silent = SILENT.iter().any(|(name, _)| *name == spec.name);
        let enough = |seen: &Seen| seen.changes > 0 && (silent || !seen.events.is_empty());
        while faults.is_empty() && (round < 4 || (round < 60 && !enough(&seen))) {
            try_row(spec, round, &mut seen, &mut faults);
            round += 1;
        }
        if !enough(&seen) {
            faults.push(format!("{}: {} changes, events {:?}", spec.name, seen.changes, seen.events));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn both_channels_are_told_when_both_are_wanted_and_none_of_other_classes() {
    let db = open(b"KE$");
    let all = db.psubscribe(["__key*__:*"]);
    let told = || {
        let messages = std::iter::from_fn(|| all.try_recv().unwrap());
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        messages.map(|m| (text(m.channel()), text(m.body()))).collect::<Vec<_>>()
    };
    let message = |channel: &str, body: &str| (channel.to_owned(), body.to_owned());
    db.select(3).unwrap().set("k", "v").unwrap();
    db.rpush("l", &["a"]).unwrap();
    assert_eq!(told(), [message("__keyspace@3__:k", "set"), message("__keyevent@3__:set", "k")]);
    db.call(["CONFIG", "SET", "notify-keyspace-events", "Kl"]).unwrap();
    db.set("k", "v").unwrap();
    db.rpush("l", &["a"]).unwrap();
    assert_eq!(told(), [message("__keyspace@0__:l", "rpush")]);
    db.call(["CONFIG", "SET", "notify-keyspace-events", "A"]).unwrap();
    db.set("k", "v").unwrap();
    db.call(["CONFIG", "SET", "notify-keyspace-events", ""]).unwrap();
    db.set("k", "v").unwrap();
    assert_eq!(told(), [], "no channel, and no class");
}

#[test]
fn a_key_that_gives_way_is_told_of_when_wanted() {
    let db = open(b"Eoc");
    let events = listen(&db);
    // What redis 8.2 says.
    for (line, wanted) in [
        ("SET k v", ""),
        ("SET k w", "overwritten k"),
        ("RPUSH l 1", ""),
        ("SET l v", "overwritten l; type_changed l"),
        ("MSET k 1 new 2", "overwritten k"),
        ("INCRBYFLOAT k 1", ""),
        ("APPEND k 1", ""),
        ("SADD t 1", ""),
        ("SUNIONSTORE k t", "overwritten k; type_changed k"),
        ("RENAME k l", "overwritten l; type_changed l"),
        ("COPY l t REPLACE", "overwritten t"),
        ("SORT t STORE l", "overwritten l; type_changed l"),
    ] {
        db.call(line.split(' ')).unwrap();
        assert_eq!(heard(&events).join("; "), wanted, "{line}");
    }
}

#[test]
fn expired_keys_are_told_of_when_they_are_taken_out() {
    let db = open(CLASSES);
    let events = listen(&db);
    for key in ["given back", "overwritten", "in a closure"] {
        db.set(key, "v").unwrap();
        db.pexpire(key, 10).unwrap();
    }
    db.set("other", "v").unwrap();
    heard(&events);
    db.clock().advance_ms(20);
    assert_eq!(db.get("given back").unwrap(), None);
    assert_eq!(heard(&events), ["keymiss given back"], "to be read is not to be taken out");
    db.transaction(|tx| tx.set("in a closure", "w")).unwrap();
    assert_eq!(heard(&events), ["expired in a closure", "new in a closure", "set in a closure"]);
    let mut batch = db.batch();
    batch.call(["SET", "overwritten", "w"]);
    batch.run().unwrap();
    assert_eq!(heard(&events), ["expired overwritten", "new overwritten", "set overwritten"]);
    while db.tick(1_000) {}
    assert_eq!(heard(&events), ["expired given back"]);
}

#[test]
fn a_transaction_is_told_of_when_it_is_committed_and_a_refused_one_never() {
    let db = open(CLASSES);
    let events = listen(&db);
    let failed = db.transaction(|tx| {
        tx.set("a", "1")?;
        Err::<(), _>(tx.incr("a").and_then(|_| tx.rpush("a", &["x"])).unwrap_err())
    });
    assert!(failed.is_err() && heard(&events).is_empty());
    let mut attempts = 0;
    db.transaction(|tx| {
        attempts += 1;
        tx.get("a")?;
        tx.set("b", "1")?;
        if attempts == 1 {
            // Somebody else comes in between: the first attempt was in vain, and nobody hears of it.
            db.set("a", "2")?;
        }
        assert_eq!(heard(&events), if attempts == 1 { &["new a", "set a"][..] } else { &[] });
        tx.rpush("l", &["x"])
    })
    .unwrap();
    assert_eq!(attempts, 2);
    assert_eq!(heard(&events), ["new b", "set b", "new l", "rpush l"]);
}

#[test]
fn who_is_served_is_told_of_after_the_writer_who_served_him() {
    let db = open(b"EAn");
    let events = listen(&db);
    for writer in ["push", "batch", "closure"] {
        let waiting = db.pending(BLMove::new("q", "done", Side::Left, Side::Left, Duration::ZERO));
        let mut batch = db.batch();
        batch.call(["RPUSH", "q", "x"]).call(["SET", "k", "v"]);
        match writer {
            "push" => drop(db.rpush("q", &["x"]).unwrap()),
            "batch" => drop(batch.run().unwrap()),
            _ => db
                .transaction(|tx| {
                    tx.rpush("q", &["x"])?;
                    tx.set("k", "v")
                })
                .unwrap(),
        }
        assert_eq!(waiting.wait().unwrap().unwrap(), "x");
        let mut wanted = vec!["new q", "rpush q"];
        if writer != "push" {
            wanted.extend(["new k", "set k"]);
        }
        wanted.extend(["new done", "lpush done", "lpop q", "del q"]);
        assert_eq!(heard(&events), wanted, "{writer}");
        db.del(&["done", "k"]).unwrap();
        heard(&events);
    }
}
