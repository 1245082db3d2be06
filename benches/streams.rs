//! Streams through the typed API, on one thread: appending, reading as a group with acknowledgements, bytes per entry. When it
//! is installed, a redis-server on a unix socket does the same in pipelines of a hundred.
//!
//! ```text
//! cargo bench --bench streams
//! ```
#![expect(clippy::disallowed_methods, reason = "a bench measures")]
#[path = "beside/redis.rs"]
mod redis;

use redis::{Redis, resp};
use std::{
    io::{Read, Write},
    time::Instant,
};
use tenondb::{Db, Options, Run, StreamId, Streams, Trimming, XAdd, op};

const ENTRIES: usize = 1_000_000;
const BATCH: u64 = 100;

/// Prints how fast `work` did `count` things.
fn rate(what: &str, count: usize, work: impl FnOnce()) {
    let start = Instant::now();
    work();
    let each = start.elapsed().as_nanos() as f64 / count as f64;
    println!("{what:<44} {each:>8.1} ns each {:>8.2} M/s", 1e3 / each);
}

fn main() {
    let db = Db::with(Options { threads: 0, ..Options::default() });
    let fields: [(&[u8], &[u8]); 2] = [(b"player", b"0123456789abcdef"), (b"action", b"fedcba9876543210")];

    rate("XADD * of two fields of 16 bytes", ENTRIES, || {
        for _ in 0..ENTRIES {
            db.xadd("s", &fields).unwrap();
        }
    });
    let bytes = db.run(op::MemoryUsage { key: b"s" }).unwrap().unwrap_or(0);
    println!("{:<44} {:>8.1} bytes an entry", "a stream of a million", bytes as f64 / ENTRIES as f64);

    rate("XADD MAXLEN ~ 10000", ENTRIES, || {
        for _ in 0..ENTRIES {
            db.run(XAdd::new("capped", &fields).trim(Trimming::to_length(10_000).about())).unwrap();
        }
    });

    db.xgroup_create("s", "g", StreamId::MIN).unwrap();
    rate("XREADGROUP COUNT 100, XACK of each", ENTRIES, || {
        let mut read = 0;
        while read < ENTRIES {
            let entries = db.xreadgroup("s", "g", "c", BATCH).unwrap();
            read += entries.len();
            for entry in &entries {
                db.xack("s", "g", &[entry.id]).unwrap();
            }
        }
    });
    db.xgroup_create("s", "h", StreamId::MIN).unwrap();
    rate("XREADGROUP COUNT 100, XACK of a hundred", ENTRIES, || {
        let mut read = 0;
        while read < ENTRIES {
            let entries = db.xreadgroup("s", "h", "c", BATCH).unwrap();
            read += entries.len();
            let ids: Vec<StreamId> = entries.iter().map(|entry| entry.id).collect();
            db.xack("s", "h", &ids).unwrap();
        }
    });
    let ids: Vec<StreamId> =
        db.xrevrange("s", ENTRIES as u64).unwrap().iter().map(|entry| entry.id).collect();
    rate("XRANGE of a hundred, anywhere, as a Vec", ENTRIES, || {
        for id in ids.iter().skip(BATCH as usize).step_by(BATCH as usize) {
            let found = db.run(op::XRange::new("s").between(*id, StreamId::MAX).count(BATCH)).unwrap();
            assert_eq!(Vec::from(found).len() as u64, BATCH);
        }
    });
    beside_redis(&fields);
}

/// The same through a server.
fn beside_redis(fields: &[(&[u8], &[u8]); 2]) {
    const ROUNDS: usize = ENTRIES / 10 / BATCH as usize;
    let Some(redis) = Redis::start() else { return };
    let mut stream = redis.connect();
    let mut room = vec![0; 1 << 20];
    let [(a, b), (c, d)] = fields;
    let adds = resp(&[b"XADD", b"s", b"*", a, b, c, d]).repeat(BATCH as usize);
    rate("redis-server: XADD, pipelines of a hundred", ROUNDS * BATCH as usize, || {
        for _ in 0..ROUNDS {
            stream.write_all(&adds).unwrap();
            let mut replies = 0;
            while replies < 2 * BATCH as usize {
                let len = stream.read(&mut room).unwrap();
                replies += room[..len].iter().filter(|byte| **byte == b'\n').count();
            }
        }
    });
    let mut say = |argv: &[&[u8]]| -> Vec<u8> {
        stream.write_all(&resp(argv)).unwrap();
        let mut whole = Vec::new();
        // A reply of XREADGROUP ends with the last field of its last entry.
        while !whole.ends_with(b"\r\n")
            || (argv[0] == b"XREADGROUP"
                && !whole.ends_with(&[d, &b"\r\n"[..]].concat())
                && whole != b"*-1\r\n")
        {
            let len = stream.read(&mut room).unwrap();
            whole.extend_from_slice(&room[..len]);
        }
        whole
    };
    say(&[b"XGROUP", b"CREATE", b"s", b"g", b"0"]);
    rate("redis-server: XREADGROUP, XACK of a hundred", ROUNDS * BATCH as usize, || {
        for _ in 0..ROUNDS {
            let read = say(&[b"XREADGROUP", b"GROUP", b"g", b"c", b"COUNT", b"100", b"STREAMS", b"s", b">"]);
            let is_id = |line: &&[u8]| line.contains(&b'-') && line.len() > 10;
            let ids: Vec<&[u8]> =
                read.split(|byte| *byte == b'\n').map(|line| line.trim_ascii()).filter(is_id).collect();
            assert_eq!(ids.len() as u64, BATCH);
            let mut argv: Vec<&[u8]> = vec![b"XACK", b"s", b"g"];
            argv.extend(&ids);
            say(&argv);
        }
    });
}
