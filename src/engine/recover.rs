//! Running recorded commands again: recovery, and the tests that prove the log.
//!
//! A record runs through the same `run` as a live command, with the clock reading that it carries. Recovery does it
//! on several threads: the stripes are divided among them, and a record about one key is run by whose stripe it
//! touches, in the order of the log. One that touches the stripes of several threads is a meeting: all come, one runs it.
//!
//! ```text
//!   log      SET a   INCR b   SET c   RENAME a b   SET d   ...
//!   worker 0 SET a            SET c  ┌───────────┐ SET d
//!   worker 1         INCR b          │RENAME a b │
//!                                    └─ meeting ─┘
//! ```
//!
//! Which thread a record belongs to is found out first, batch by batch; the next batch is read from the disk meanwhile.
use super::{Core, Db, gate::guarded, options::Options};
use crate::{
    base::{
        atom::{Arg, Args, Commands, Record},
        clock::Clock,
        emit::Null,
        error::{Error, Kind, Result},
        hash,
    },
    cmd::{Body, Exec, Gate, MOVABLE_KEYS, Need, Reach, Row, table},
    keyspace::view::{Scope, View},
};
use parking_lot::Mutex;
use std::{
    cell::Cell,
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
    },
};

/// What one locked step recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[doc(hidden)]
pub struct Step {
    /// The step's clock reading, in Unix milliseconds: recovery sees the same keys alive.
    pub now_ms: u64,
    /// Commands as ids and atoms.
    pub encoded: Vec<u8>,
}

#[cold]
fn corrupt(text: &'static str) -> Error {
    Error::new(Kind::Corrupt, text)
}

/// The row and the runner of a recorded command.
fn row_of(id: u16) -> Result<(&'static Row, Runner)> {
    let row = table::by_id(id).ok_or_else(|| corrupt("ERR a record names an unknown command"))?;
    match row.exec {
        Exec::Keys { run, .. } => Ok((row, run)),
        _ => Err(corrupt("ERR a record names a command that is never recorded")),
    }
}

type Runner = fn(&dyn Gate, Args<'_>, &mut dyn crate::base::emit::Sink) -> Result<()>;

impl Db {
    /// What was recorded so far; empty unless [`Options`] asked for it.
    #[doc(hidden)]
    pub fn journal(&self) -> Vec<Step> {
        self.core.journal.as_ref().map(|journal| journal.lock().clone()).unwrap_or_default()
    }

    /// Makes a database of what another one recorded. Its clock stands at the last step.
    #[doc(hidden)]
    pub fn replay(steps: &[Step], options: Options) -> Result<Self> {
        let clock = Clock::manual(0);
        let db = Self::with(Options { clock: clock.clone(), ..options });
        for step in steps {
            clock.set_ms(step.now_ms);
            let commands = Record::decode(&step.encoded).ok_or_else(|| corrupt("ERR a record is damaged"))?;
            for (index, id, atoms) in commands {
                row_of(id)?.1(&db.select(index.into())?, Args::new(&atoms), &mut Null)?;
            }
        }
        Ok(db)
    }
}

/// The gate of recovery: nobody else is there yet, nothing is recorded, the clock is the record's.
struct Replay<'c> {
    core: &'c Core,
    now_ms: Cell<u64>,
    db: Cell<u32>,
}

impl Gate for Replay<'_> {
    fn pass(&self, need: Need<'_>, body: &mut Body<'_>) -> Result<()> {
        let keyspace = &self.core.keyspace;
        let (now_ms, db) = (self.now_ms.get(), self.db.get());
        if let (Reach::Keys, [key]) = (need.reach, need.keys) {
            let hashed = [(*key, hash::bytes(key))];
            let mut stripe = keyspace.lock(keyspace.stripe_of(hashed[0].1));
            let seed = stripe.begin();
            let mut view = View::new(Scope::One(&mut stripe), &hashed, now_ms, seed, db);
            let (result, panicked) = guarded(|| body(&mut view, &mut Record::off()));
            stripe.tally.fenced |= panicked;
            stripe.settle();
            drop(if stripe.has_dead() { stripe.take_dead() } else { Vec::new() });
            return result;
        }
        let hashed: Vec<(&[u8], u64)> = need.keys.iter().map(|key| (*key, hash::bytes(key))).collect();
        let mut held = match need.reach {
            Reach::Keys => keyspace.lock_some(hashed.iter().map(|(_, hash)| *hash)),
            Reach::All | Reach::Walk => keyspace.lock_all(),
        };
        let (_, seed) = self.core.begin(&mut held)?;
        let mut view = View::new(Scope::Many(&mut held), &hashed, now_ms, seed, db);
        let (result, panicked) = guarded(|| body(&mut view, &mut Record::off()));
        drop(self.core.end(&mut held, panicked));
        result
    }
}

/// A record as recovery reads it: its place in the log, its clock reading, its commands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Logged<'b> {
    pub position: u64,
    pub now_ms: u64,
    pub commands: &'b [u8],
}

/// Who runs a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Of(usize),
    Meeting,
}

/// Records of several threads that are worth a meeting each: beyond one in this many, one thread runs them all.
const MEETINGS_RARE: usize = 64;

impl<'c> Replay<'c> {
    fn new(core: &'c Core) -> Self {
        Self { core, now_ms: Cell::new(0), db: Cell::new(0) }
    }

    fn run<'b>(&self, record: Logged<'b>, atoms: &mut Vec<Arg<'b>>) -> Result<()> {
        self.now_ms.set(record.now_ms);
        let mut commands = Commands::new(record.commands);
        while let Some(command) = commands.next(atoms) {
            let (db, id) = command.ok_or_else(|| corrupt("ERR a record is damaged"))?;
            self.db.set(db.into());
            row_of(id)?.1(self, Args::new(atoms), &mut Null)?;
        }
        Ok(())
    }

    /// Which of `workers` threads runs `record`.
    fn turn<'b>(&self, record: Logged<'b>, workers: usize, atoms: &mut Vec<Arg<'b>>) -> Result<Turn> {
        let mut commands = Commands::new(record.commands);
        let mut turn = None;
        let mut count = |key: &[u8]| {
            let worker = Turn::Of(self.core.keyspace.stripe_of(hash::bytes(key)) % workers);
            turn = Some(if turn.is_none_or(|turn| turn == worker) { worker } else { Turn::Meeting });
        };
        while let Some(command) = commands.next(atoms) {
            let (_, id) = command.ok_or_else(|| corrupt("ERR a record is damaged"))?;
            let (row, _) = row_of(id)?;
            match (row.spec.keys, atoms.first()) {
                ((1, 1, _), Some(Arg::Bytes(key))) if !row.spec.has(MOVABLE_KEYS) => count(key),
                _ => {
                    let Exec::Keys { plan, .. } = row.exec else { return Ok(Turn::Meeting) };
                    let op = plan(Args::new(atoms))?;
                    if op.reach() != Reach::Keys {
                        return Ok(Turn::Meeting);
                    }
                    op.keys(&mut count);
                }
            }
        }
        Ok(turn.unwrap_or(Turn::Of(0)))
    }
}

/// What could not be run again.
#[derive(Debug, Default)]
pub(super) struct Stuck {
    /// The position of the first of these records, and why.
    pub first: Option<(u64, Error)>,
    pub count: usize,
}

/// What the threads of one recovery share.
struct Shared<'r> {
    core: &'r Core,
    records: &'r [Logged<'r>],
    /// Records that cannot be run are left out, instead of being the end.
    go_on: bool,
    stuck: Mutex<Stuck>,
    stop: AtomicBool,
}

impl<'r> Shared<'r> {
    fn attempt(&self, replay: &Replay<'_>, record: Logged<'r>, atoms: &mut Vec<Arg<'r>>) {
        if self.stop.load(Ordering::Relaxed) {
            return;
        }
        // One that panicked would have the others wait for it for ever.
        let (result, _) = guarded(|| replay.run(record, atoms));
        if let Err(error) = result {
            let mut stuck = self.stuck.lock();
            stuck.count += 1;
            if stuck.first.as_ref().is_none_or(|(position, _)| *position > record.position) {
                stuck.first = Some((record.position, error));
            }
            self.stop.store(!self.go_on, Ordering::Relaxed);
        }
    }

    /// Runs all records in their order.
    fn alone(&self) {
        let (replay, mut atoms) = (Replay::new(self.core), Vec::new());
        self.records.iter().for_each(|record| self.attempt(&replay, *record, &mut atoms));
    }

    /// Whose turn each record is; `None` when they are better run by one thread.
    fn turns(&self, workers: usize) -> Option<Vec<Turn>> {
        let (replay, mut atoms) = (Replay::new(self.core), Vec::new());
        let mut meetings = 0;
        let turns = self.records.iter().map(|record| {
            let turn = replay.turn(*record, workers, &mut atoms).unwrap_or(Turn::Meeting);
            meetings += usize::from(turn == Turn::Meeting);
            turn
        });
        let turns: Vec<Turn> = turns.collect();
        (meetings * MEETINGS_RARE <= turns.len()).then_some(turns)
    }

    /// Runs the records whose turn it is for `worker`.
    fn work(&self, worker: usize, turns: &[Turn], meeting: &Barrier) {
        let (replay, mut atoms) = (Replay::new(self.core), Vec::new());
        for (record, turn) in self.records.iter().zip(turns) {
            match turn {
                Turn::Of(other) if *other != worker => {}
                Turn::Of(_) => self.attempt(&replay, *record, &mut atoms),
                Turn::Meeting => {
                    // Everybody has done what came before; nobody goes on before this is done.
                    if meeting.wait().is_leader() {
                        self.attempt(&replay, *record, &mut atoms);
                    }
                    meeting.wait();
                }
            }
        }
    }
}

/// Runs records again, in the order of the log as far as they touch the same keys, on up to `workers` threads. It
/// stops at one that cannot be run, unless `go_on` is said: then such records are left out.
pub(super) fn run_all(core: &Core, records: &[Logged<'_>], workers: usize, go_on: bool) -> Stuck {
    let (stuck, stop) = (Mutex::default(), AtomicBool::new(false));
    let shared = Shared { core, records, go_on, stuck, stop };
    match if workers > 1 { shared.turns(workers) } else { None } {
        None => shared.alone(),
        Some(turns) => {
            let meeting = Barrier::new(workers);
            std::thread::scope(|scope| {
                for worker in 0..workers {
                    let (shared, turns, meeting) = (&shared, &turns, &meeting);
                    scope.spawn(move || shared.work(worker, turns, meeting));
                }
            });
        }
    }
    shared.stuck.into_inner()
}
