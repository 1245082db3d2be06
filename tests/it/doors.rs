//! Every write row through every door: `db.call`, RESP2 and RESP3, batches, EXEC, closures. The same history leaves
//! the same log, the same content and the same replies behind, whichever door it came in by, and running the log again gives the
//! same content: that is what lets a log replace the doors.
pub mod content;
pub mod generate;

use generate::{Argv, Choices, START_MS};
use std::collections::BTreeMap;
use tenondb::{Clock, Db, Encodings, Error, Kind, Options, Reply, Spec, resp::Conn};

/// What chance decides differs from door to door: each has seeds of its own.
const BY_CHANCE: &[&str] = &["SPOP"];

/// Commands that would leave nothing to look at if they came as often as the others.
const SWEEPING: &[&str] = &["FLUSHALL", "FLUSHDB", "SWAPDB"];

/// Commands of one step, and how far the clock moves before it.
struct Group {
    advance_ms: u64,
    commands: Vec<Argv>,
}

pub fn writes() -> Vec<&'static Spec> {
    tenondb::commands().filter(|spec| spec.is_write()).collect()
}

fn open(encodings: Encodings) -> Db {
    let clock = Clock::manual(START_MS);
    Db::with(Options { journal: true, seed: Some(7), threads: 0, clock, encodings, ..Options::default() })
}

/// Makes a history of the rows that `wanted` keeps. Commands that their parser refuses are left out: in a batch and
/// in EXEC they stop the others, as they must.
fn history(seed: u64, steps: usize, encodings: Encodings, wanted: fn(&Spec) -> bool) -> Vec<Group> {
    let rows: Vec<_> = writes().into_iter().filter(|spec| wanted(spec)).collect();
    let (mut choices, db) = (Choices(seed), open(encodings));
    let mut groups = Vec::new();
    for _ in 0..steps {
        let advance_ms = if choices.one_in(3) { choices.below(9_000) as u64 } else { 0 };
        db.clock().advance_ms(advance_ms);
        let mut commands = Vec::new();
        while commands.len() <= choices.below(6) {
            let spec = rows[choices.below(rows.len())];
            if SWEEPING.contains(&spec.name) && !choices.one_in(8) {
                continue;
            }
            let argv = generate::command(&mut choices, spec, db.clock().now_ms());
            if one(&db, &argv).is_ok() {
                commands.push(argv);
            }
        }
        groups.push(Group { advance_ms, commands });
    }
    groups
}

/// Runs a command as a batch of its own: an error is its parser's.
fn one(db: &Db, argv: &Argv) -> Result<Reply, Error> {
    let mut batch = db.batch();
    batch.call(argv);
    batch.run().map(|mut replies| replies.remove(0))
}

fn or_error(reply: Result<Reply, Error>) -> Reply {
    reply.unwrap_or_else(Reply::Error)
}

fn by_call(db: &Db, commands: &[Argv]) -> Vec<Reply> {
    commands.iter().map(|argv| or_error(db.call(argv))).collect()
}

fn by_batch(db: &Db, commands: &[Argv]) -> Vec<Reply> {
    let mut batch = db.batch();
    for argv in commands {
        batch.call(argv);
    }
    batch.run().unwrap()
}

/// A closure takes what names its keys; FLUSHALL and its like go beside it.
fn by_closure(db: &Db, commands: &[Argv]) -> Vec<Reply> {
    let replies = db.transaction(|tx| {
        let reply = |argv| match tx.call(argv) {
            Err(error) if error.kind() == Kind::Misuse => Err(error),
            reply => Ok(or_error(reply)),
        };
        commands.iter().map(reply).collect::<Result<Vec<_>, _>>()
    });
    replies.unwrap_or_else(|_| by_call(db, commands))
}

pub fn request(argv: &Argv) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", argv.len()).into_bytes();
    for word in argv {
        bytes.extend(format!("${}\r\n", word.len()).bytes());
        bytes.extend_from_slice(word);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

/// A connection says the commands one by one or in MULTI, and returns the bytes of their replies.
fn by_conn(conn: &mut Conn, commands: &[Argv], exec: bool) -> Vec<u8> {
    if exec {
        conn.feed(b"MULTI\r\n");
    }
    commands.iter().for_each(|argv| conn.feed(&request(argv)));
    if !exec {
        // Who waits in vain goes on when his time is over.
        while conn.is_blocked() {
            std::thread::sleep(std::time::Duration::from_millis(1));
            conn.pump();
        }
        return conn.take_output();
    }
    let queued = conn.take_output();
    assert_eq!(queued, format!("+OK\r\n{}", "+QUEUED\r\n".repeat(commands.len())).into_bytes());
    conn.feed(b"EXEC\r\n");
    let reply = conn.take_output();
    let head = format!("*{}\r\n", commands.len());
    reply
        .strip_prefix(head.as_bytes())
        .map(<[u8]>::to_vec)
        .unwrap_or_else(|| panic!("EXEC: {}", reply.escape_ascii()))
}

/// What a history left behind.
struct Left {
    content: content::Content,
    /// What was recorded, by clock reading: how it was cut into steps is the door's business.
    journal: BTreeMap<u64, Vec<u8>>,
    replies: Vec<String>,
}

/// Runs a history at a door, and then its log.
fn run(door: &str, groups: &[Group], encodings: Encodings) -> Left {
    let db = open(encodings);
    let mut conn = Conn::new(&db);
    if door.ends_with('3') {
        conn.feed(b"HELLO 3\r\n");
        conn.take_output();
    }
    let mut replies = Vec::new();
    for Group { advance_ms, commands } in groups {
        db.clock().advance_ms(*advance_ms);
        let trees = match door {
            "call" => by_call(&db, commands),
            "batch" => by_batch(&db, commands),
            "closure" => by_closure(&db, commands),
            _ => {
                let bytes = by_conn(&mut conn, commands, door.starts_with("exec"));
                replies.push(bytes.escape_ascii().to_string());
                continue;
            }
        };
        replies.extend(trees.iter().map(|tree| format!("{tree:?}")));
    }
    if let Some(wrong) = replies.iter().find(|reply| reply.contains("internal error")) {
        panic!("{door}: {wrong}");
    }
    let content = content::of(&db);
    let steps = db.journal();
    let again = Db::replay(&steps, Options { seed: Some(8), encodings, ..Options::default() }).unwrap();
    again.clock().set_ms(db.clock().now_ms());
    assert_same(&content, &content::of(&again), &format!("{door}, replayed"));
    let mut journal: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
    steps.iter().for_each(|step| journal.entry(step.now_ms).or_default().extend_from_slice(&step.encoded));
    Left { content, journal, replies }
}

/// Tells of the first key that differs.
fn assert_same(a: &content::Content, b: &content::Content, what: &str) {
    if let Some(key) = a.keys().chain(b.keys()).find(|key| a.get(*key) != b.get(*key)) {
        panic!("{what}: {key} is\n  {:?}\nand should be\n  {:?}", b.get(key), a.get(key));
    }
}

fn rounds() -> u64 {
    std::env::var("TENON_DOORS_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(6)
}

/// Collections change their encoding all the time.
pub const FEW: Encodings = Encodings {
    list_max_listpack_size: 3,
    hash_max_listpack_entries: 3,
    hash_max_listpack_value: 64,
    set_max_intset_entries: 2,
    set_max_listpack_entries: 3,
    set_max_listpack_value: 64,
    zset_max_listpack_entries: 3,
    zset_max_listpack_value: 64,
    stream_node_max_bytes: 4096,
    stream_node_max_entries: 3,
};

fn encodings(seed: u64) -> Encodings {
    [Encodings::default(), Encodings::NEVER_COMPACT, FEW][(seed % 3) as usize]
}

#[test]
fn every_door_leaves_the_same_log_content_and_replies() {
    for seed in 0..rounds() {
        let encodings = encodings(seed);
        let groups = history(seed, 300, encodings, |spec| !BY_CHANCE.contains(&spec.name));
        let doors = ["call", "batch", "closure", "resp2", "exec2", "resp3", "exec3"];
        let left = doors.map(|door| run(door, &groups, encodings));
        for (door, other) in doors.iter().zip(&left) {
            assert_same(&left[0].content, &other.content, &format!("seed {seed}, {door}"));
            let differs =
                left[0].journal.iter().find(|(now_ms, step)| other.journal.get(now_ms) != Some(step));
            assert!(
                differs.is_none(),
                "seed {seed}, {door}: the log at {differs:?} is {:?}",
                other.journal.get(differs.unwrap().0)
            );
            assert_eq!(left[0].journal.len(), other.journal.len(), "seed {seed}, {door}: steps of the log");
        }
        assert_eq!(left[0].replies, left[1].replies, "seed {seed}: replies of a batch");
        assert_eq!(left[0].replies, left[2].replies, "seed {seed}: replies in a closure");
        // As in Redis, a wait that is over answers "no list" where the command in MULTI answers "nothing".
        let nothing = |n: usize| left[n].replies.iter().map(|r| r.replace("*-1", "$-1")).collect::<Vec<_>>();
        assert_eq!(nothing(3), nothing(4), "seed {seed}: replies of EXEC, RESP2");
        assert_eq!(left[5].replies, left[6].replies, "seed {seed}: replies of EXEC, RESP3");
    }
}

#[test]
fn what_chance_decided_is_replayed_as_it_was() {
    for seed in 0..rounds() {
        let sets = |spec: &Spec| spec.group.name() == "set";
        let groups = history(seed, 300, encodings(seed), sets);
        for door in ["call", "batch", "closure", "exec2"] {
            run(door, &groups, encodings(seed));
        }
    }
}

/// A write row whose log form is missing changes the database and leaves nothing in the log.
#[test]
fn every_write_row_has_a_log_form() {
    let mut silent: Vec<&str> = Vec::new();
    for spec in writes() {
        let mut choices = Choices(u64::from(spec.id));
        let wrote = (0..60).any(|_| {
            // Something of every type to work on.
            let db = furnished();
            let before = (db.journal().len(), content::of(&db));
            let attempts = (0..6).map(|_| generate::command(&mut choices, spec, START_MS));
            let replies: Vec<_> = attempts.filter_map(|argv| one(&db, &argv).ok()).collect();
            let broken = replies.iter().find(|reply| format!("{reply:?}").contains("internal error"));
            assert!(broken.is_none(), "{}: {broken:?}", spec.name);
            let (recorded, content) = (db.journal().len() > before.0, content::of(&db));
            assert!(recorded || content == before.1, "{} changed the database and logged nothing", spec.name);
            recorded
        });
        if !wrote {
            silent.push(spec.name);
        }
    }
    assert!(silent.is_empty(), "write rows that never wrote: {silent:?}");
}

fn furnished() -> Db {
    let db = open(Encodings::default());
    for line in [
        "SET s0 10",
        "SET s1 2.5 PX 30000",
        "RPUSH l0 a b c 1 2 3",
        "RPUSH l1 3 1 2",
        "HSET h0 a 1 b 2 c 3",
        "HSET h1 d 10 1 5",
        "SADD t0 a b c d",
        "SADD t1 1 2 3 10",
        "ZADD z0 1 a 2 b 3 c",
        "ZADD z1 0 a 0 b 0 c 0 d",
        "XADD x0 5-0 a 1",
        "XADD x0 9-1 a 3",
        "XGROUP CREATE x0 g0 0",
        "XREADGROUP GROUP g0 a COUNT 1 STREAMS x0 >",
        "XADD x1 1-1 a 1",
        "XADD x1 2-0 a 1",
        "XADD x1 3-1 a 1",
        "XADD x2 1-0 a 1",
        "XADD x2 2-1 a 1",
        "XADD x2 7-0 a 1",
        "XADD x2 9-2 a 1",
        "XADD x2 12-1 a 1",
        "XADD x2 20-0 a 1",
        "XGROUP CREATE x2 g0 0",
        "XREADGROUP GROUP g0 a STREAMS x2 >",
    ] {
        db.call(line.split(' ')).unwrap();
    }
    db
}
