//! Streams through the typed API, on one thread: appending, reading as a group with acknowledgements, bytes per entry.
//!
//! ```text
//! cargo bench --bench streams
//! ```
#![expect(clippy::disallowed_methods, reason = "a bench measures")]
use std::time::Instant;
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
}
