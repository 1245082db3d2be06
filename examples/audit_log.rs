//! An audit log: a stream that everybody appends to, and a group of auditors who look at every entry, also when one of them
//! dies over what he has read.
//!
//! ```text
//! cargo run --release --example audit_log [ENTRIES]      (200,000 unless given; 3,000 at least)
//! ```
//!
//! | part | how |
//! |---|---|
//! | writers | three threads: XADD ACKED MAXLEN ~ 10000, so that nothing goes that was not acknowledged; they pause at 12000 |
//! | auditors | four threads of a consumer group: XREADGROUP BLOCK, XACK of what was read in one go |
//! | a crash | one auditor stops in the middle of what he has read, and acknowledges none of it |
//! | takeover | the others: XAUTOCLAIM of what was read long ago and not acknowledged since |
//!
//! At the end the program counts: every entry was looked at, those of a writer in order; twice only what was taken over; what
//! the dead auditor held was taken over; nothing is pending; the stream was never longer than it may be. It prints what each
//! auditor did, and fails when something is amiss.
#[path = "kit/faults.rs"]
mod faults;

use faults::Faults;
use std::{
    collections::HashSet,
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};
use tenondb::{
    Clock, Db, Result, Run, StreamEntry, StreamId, Streams, Trimming, XAdd, XReadGroup, op, op::References,
};

const ENTRIES: usize = 200_000;
const ENTRIES_MIN: usize = 3_000;
const WRITERS: usize = 3;
const AUDITORS: usize = 4;
const LEN_MAX: u64 = 10_000;
/// Writers pause at that length: the auditors are behind.
const PAUSE_AT_LEN: usize = 12_000;
/// How long the stream may be when `~` has trimmed it: up to a block of a hundred entries more.
const TRIMMED_LEN_MAX: usize = LEN_MAX as usize + 100;
const READ_AT_ONCE: u64 = 50;
const BLOCK_MS: u64 = 100;
/// What was not acknowledged for so long is taken over.
const IDLE_MS: u64 = 250;
/// Everything takes that long at most, in milliseconds.
const PATIENCE_MS: u64 = 120_000;

const STREAM: &str = "audit";
const GROUP: &str = "auditors";
/// Only what every group has read and acknowledged is trimmed away.
const ACKNOWLEDGED: References = References::Acknowledged;

/// What an auditor did.
#[derive(Debug, Default)]
struct Work {
    read: AtomicUsize,
    acknowledged: AtomicUsize,
    taken_over: AtomicUsize,
}

/// What the threads know beside the database, to check it by.
struct Witness {
    faults: Faults,
    /// How often each entry was looked at, by writer.
    looks: Vec<Vec<AtomicU8>>,
    /// How many were looked at, once at least.
    seen: AtomicUsize,
    work: [Work; AUDITORS],
    /// What XAUTOCLAIM gave to somebody.
    taken_over: Mutex<HashSet<StreamId>>,
    /// What was looked at twice.
    repeated: Mutex<Vec<StreamId>>,
    /// What the auditor who crashed has never acknowledged.
    orphans: Mutex<Vec<StreamId>>,
    longest: AtomicUsize,
    over: AtomicBool,
}

/// A lock that nobody holds while he panics.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `MAXLEN ~ 10000`.
fn trimming() -> Trimming {
    Trimming::to_length(LEN_MAX).about()
}

/// A number in a field of an entry.
fn number(entry: &StreamEntry, name: &str) -> Option<usize> {
    let (_, value) = entry.fields.iter().find(|(field, _)| *field == name)?;
    value.to_string().parse().ok()
}

/// Appends the entries of one writer.
fn write(db: &Db, witness: &Witness, writer: usize) -> Result<()> {
    let writer_text = writer.to_string();
    for n in 0..witness.looks[writer].len() {
        while db.xlen(STREAM)? >= PAUSE_AT_LEN && !witness.over.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(1));
            // What was acknowledged meanwhile goes: nobody appends, which would do it.
            db.run(op::XTrim { key: STREAM.as_bytes(), trimming: trimming(), references: ACKNOWLEDGED })?;
        }
        let (number, user) = (n.to_string(), format!("user:{}", n % 100));
        let fields = [("writer", &*writer_text), ("number", &number), ("user", &user), ("action", "login")];
        db.run(XAdd::new(STREAM, &fields).trim(trimming()).references(ACKNOWLEDGED))?;
        witness.longest.fetch_max(db.xlen(STREAM)?, Ordering::Relaxed);
    }
    Ok(())
}

/// One of the group.
struct Auditor<'a> {
    db: &'a Db,
    witness: &'a Witness,
    n: usize,
    name: String,
    /// The last number of each writer among what was new to the group.
    heard: [Option<usize>; WRITERS],
}

impl Auditor<'_> {
    /// Looks at an entry. `is_new`: nobody was given it before.
    fn look(&mut self, entry: &StreamEntry, is_new: bool) {
        let witness = self.witness;
        let looks = number(entry, "writer").zip(number(entry, "number"));
        let looks = looks
            .and_then(|(writer, n)| Some((writer, n, witness.looks.get(writer).and_then(|all| all.get(n))?)));
        let Some((writer, n, looks)) = looks else {
            witness.faults.must(false, "an entry that nobody has written, or that was trimmed away unseen");
            return;
        };
        if is_new {
            let in_order = self.heard[writer].replace(n).is_none_or(|before| before < n);
            witness.faults.must(in_order, "the entries of a writer are not in order");
        }
        match looks.fetch_add(1, Ordering::Relaxed) {
            0 => _ = witness.seen.fetch_add(1, Ordering::Relaxed),
            _ => locked(&witness.repeated).push(entry.id),
        }
    }

    fn acknowledge(&self, entries: &[StreamEntry]) -> Result<()> {
        let ids: Vec<StreamId> = entries.iter().map(|entry| entry.id).collect();
        let acknowledged = self.db.xack(STREAM, GROUP, &ids)?;
        self.witness.work[self.n].acknowledged.fetch_add(acknowledged, Ordering::Relaxed);
        Ok(())
    }

    /// Reads what is new, waiting for it, until all is done. The one who `crashes` stops when a third of all was seen, in the
    /// middle of what he has read.
    fn audit(&mut self, crashes: bool) -> Result<()> {
        let a_third = self.witness.looks.iter().map(Vec::len).sum::<usize>() / 3;
        while !self.witness.over.load(Ordering::Relaxed) {
            let is_time = self.witness.seen.load(Ordering::Relaxed) > a_third;
            if is_time && !crashes && locked(&self.witness.orphans).is_empty() {
                // Else nothing might be left for the one who is to crash.
                thread::sleep(Duration::from_millis(1));
                continue;
            }
            let read = XReadGroup::new(STREAM, GROUP, &self.name).count(READ_AT_ONCE).block_ms(BLOCK_MS);
            for (_, listing) in self.db.wait(read)? {
                let entries = listing.to_vec();
                self.witness.work[self.n].read.fetch_add(entries.len(), Ordering::Relaxed);
                if crashes && is_time {
                    entries[..entries.len() / 2].iter().for_each(|entry| self.look(entry, true));
                    locked(&self.witness.orphans).extend(entries.iter().map(|entry| entry.id));
                    return Ok(());
                }
                entries.iter().for_each(|entry| self.look(entry, true));
                self.acknowledge(&entries)?;
            }
            self.take_over()?;
        }
        Ok(())
    }

    /// Looks at what others have read long ago and never acknowledged.
    fn take_over(&mut self) -> Result<()> {
        let mut next = StreamId::MIN;
        loop {
            let (further, entries) = self.db.xautoclaim(STREAM, GROUP, &self.name, IDLE_MS, next)?;
            if !entries.is_empty() {
                locked(&self.witness.taken_over).extend(entries.iter().map(|entry| entry.id));
                self.witness.work[self.n].taken_over.fetch_add(entries.len(), Ordering::Relaxed);
                entries.iter().for_each(|entry| self.look(entry, false));
                self.acknowledge(&entries)?;
            }
            next = further;
            if next == StreamId::MIN {
                return Ok(());
            }
        }
    }
}

/// Waits until every entry was looked at and nothing is pending; tells the threads that it is over.
fn supervise(db: &Db, witness: &Witness, all: usize) -> Result<()> {
    let since_ms = db.clock().now_ms();
    loop {
        let is_done = witness.seen.load(Ordering::Relaxed) == all && db.xpending(STREAM, GROUP)?.count == 0;
        let is_late = db.clock().now_ms().saturating_sub(since_ms) > PATIENCE_MS;
        if is_done || is_late {
            witness.faults.must(is_done, "entries are not looked at for too long");
            witness.over.store(true, Ordering::Relaxed);
            return Ok(());
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Counts everything again.
fn check(db: &Db, witness: &Witness) -> Result<()> {
    let must = |holds: bool, what: &str| witness.faults.must(holds, what);
    let unseen = witness.looks.iter().flatten().filter(|looks| looks.load(Ordering::Relaxed) == 0).count();
    must(unseen == 0, "an entry was never looked at");
    must(db.xpending(STREAM, GROUP)?.count == 0, "something is pending");
    let last = db.xrevrange(STREAM, 1)?.first().map(|entry| entry.id);
    let groups = db.xinfo_groups(STREAM)?;
    must(groups.len() == 1 && Some(groups[0].last_delivered_id) == last, "the group has not read to the end");
    let (taken_over, orphans) = (locked(&witness.taken_over), locked(&witness.orphans));
    must(!orphans.is_empty(), "nobody has crashed");
    must(orphans.iter().all(|id| taken_over.contains(id)), "what the dead auditor held was not taken over");
    let repeated = locked(&witness.repeated);
    must(repeated.iter().all(|id| taken_over.contains(id)), "an entry came twice, and was not taken over");
    must(db.xgroup_delconsumer(STREAM, GROUP, "auditor:0")? == Some(0), "the dead auditor holds something");
    let longest = witness.longest.load(Ordering::Relaxed);
    must(longest < PAUSE_AT_LEN + WRITERS, "the stream was longer than it may be");
    // Everything is acknowledged now: the next entry trims all that was kept for its sake.
    let fields = [("action", "the end")];
    db.run(XAdd::new(STREAM, &fields).trim(trimming()).references(ACKNOWLEDGED))?;
    must(db.xlen(STREAM)? <= TRIMMED_LEN_MAX, "the stream was not trimmed");
    Ok(())
}

fn run(entries: usize) -> Result<bool> {
    let db = &Db::memory();
    let each = entries.max(ENTRIES_MIN).div_ceil(WRITERS);
    let witness = &Witness {
        faults: Faults::default(),
        looks: (0..WRITERS).map(|_| (0..each).map(|_| AtomicU8::new(0)).collect()).collect(),
        seen: AtomicUsize::new(0),
        work: Default::default(),
        taken_over: Mutex::default(),
        repeated: Mutex::default(),
        orphans: Mutex::default(),
        longest: AtomicUsize::new(0),
        over: AtomicBool::new(false),
    };
    db.xgroup_create(STREAM, GROUP, StreamId::MIN)?;
    let clock = Clock::system();
    let since_us = clock.now_us();
    thread::scope(|scope| -> Result<()> {
        let writers = (0..WRITERS).map(|n| scope.spawn(move || write(db, witness, n)));
        let auditors = (0..AUDITORS).map(|n| {
            let name = format!("auditor:{n}");
            let mut auditor = Auditor { db, witness, n, name, heard: [None; WRITERS] };
            scope.spawn(move || auditor.audit(n == 0))
        });
        let threads: Vec<_> = writers.chain(auditors).collect();
        supervise(db, witness, each * WRITERS)?;
        for thread in threads {
            // One that panicked ends the program with its own message.
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        }
        Ok(())
    })?;
    report(witness, each * WRITERS, clock.now_us().saturating_sub(since_us));
    check(db, witness)?;
    Ok(witness.faults.verdict())
}

fn report(witness: &Witness, all: usize, taken_us: u64) {
    let seconds = taken_us as f64 / 1e6;
    println!("{all} entries in {seconds:.2} s: {:.0} a second", all as f64 / seconds);
    let known = |count: &AtomicUsize| count.load(Ordering::Relaxed);
    println!("the stream was {} entries long at most\n", known(&witness.longest));
    println!("{:<12} {:>12} {:>12} {:>12}", "", "read", "taken over", "acknowledged");
    for (n, work) in witness.work.iter().enumerate() {
        let [read, taken_over, acknowledged] = [&work.read, &work.taken_over, &work.acknowledged].map(known);
        let fate = if n == 0 { "  crashed" } else { "" };
        println!("auditor:{n:<4} {read:>12} {taken_over:>12} {acknowledged:>12}{fate}");
    }
    println!("\n{} entries were looked at twice", locked(&witness.repeated).len());
}

fn main() -> ExitCode {
    let entries = match std::env::args().nth(1).map(|text| text.replace(['_', ','], "").parse()) {
        None => ENTRIES,
        Some(Ok(entries)) => entries,
        Some(Err(_)) => {
            eprintln!("usage: audit_log [ENTRIES]");
            return ExitCode::from(2);
        }
    };
    match run(entries) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("audit_log: {error}");
            ExitCode::FAILURE
        }
    }
}
