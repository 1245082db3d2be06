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
//! Which thread a record belongs to is found out first, batch by batch ([`Plan`]); the next batch is read from the disk
//! and planned meanwhile. A thread runs whole stretches of records, up to one that fails or panics: that one is noted,
//! and what comes behind it is another stretch. It keeps the stripes locked that it has touched, until a meeting, and has
//! the memory brought that the records a little further on will touch: keys come in any order, and nearly each of them
//! is in no cache.
use super::{Core, Db, gate::guarded, options::Options};
use crate::base::lock::Mutex;
use crate::{
    base::{
        atom::{Arg, Args, Commands, Record},
        clock::Clock,
        emit::Null,
        error::{Error, Kind, Result},
        hash,
        sync::TimedMutexGuard,
    },
    cmd::{Body, Exec, Gate, Need, Reach, Row, table},
    ds::{Pages, as_filler},
    keyspace::{
        Keyspace,
        stripe::Stripe,
        view::{Scope, View},
    },
};
use std::{
    cell::{Cell, RefCell},
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
    },
};

mod plan;
use plan::Due;
pub(super) use plan::{NextFrame, Plan};

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

#[cold]
fn damaged() -> Error {
    corrupt("ERR a record is damaged")
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
            let commands = Record::decode(&step.encoded).ok_or_else(damaged)?;
            for (index, id, atoms) in commands {
                row_of(id)?.1(&db.select(index.into())?, Args::new(&atoms), &mut Null)?;
            }
        }
        Ok(db)
    }
}

/// The stripes of one thread, locked when they are first touched.
struct Mine<'c> {
    keyspace: &'c Keyspace,
    worker: usize,
    workers: usize,
    guards: Vec<Option<TimedMutexGuard<'c, Stripe>>>,
    /// Which are locked.
    held: Vec<usize>,
}

impl<'c> Mine<'c> {
    fn new(keyspace: &'c Keyspace, worker: usize, workers: usize) -> Self {
        let guards = (0..keyspace.stripe_count()).map(|_| None).collect();
        Self { keyspace, worker, workers, guards, held: Vec::new() }
    }

    /// The stripe of `hash`; `None` when it is another thread's.
    #[inline]
    fn stripe(&mut self, hash: u64) -> Option<&mut Stripe> {
        let index = self.keyspace.stripe_of(hash);
        if self.guards[index].is_none() {
            self.lock(index);
        }
        self.guards[index].as_deref_mut()
    }

    #[cold]
    fn lock(&mut self, index: usize) {
        if owner(index, self.workers) == self.worker {
            self.guards[index] = Some(self.keyspace.lock(index));
            self.held.push(index);
        }
    }

    /// Unlocks them all: somebody else is to touch them.
    fn let_go(&mut self) {
        self.held.drain(..).for_each(|index| self.guards[index] = None);
    }
}

/// Which of `workers` threads runs the records of a stripe.
#[inline]
fn owner(stripe: usize, workers: usize) -> usize {
    (stripe as u32 % workers as u32) as usize
}

/// The gate of recovery: nobody else is there yet, nothing is recorded, the clock is the record's.
struct Replay<'c> {
    core: &'c Core,
    now_ms: Cell<u64>,
    db: Cell<u32>,
    mine: RefCell<Mine<'c>>,
    /// The address and the length of a key whose hash was planned, and the hash.
    known: Cell<(*const u8, usize, u64)>,
}

impl Gate for Replay<'_> {
    fn pass(&self, need: Need<'_>, body: &mut Body<'_>) -> Result<()> {
        let keyspace = &self.core.keyspace;
        let (now_ms, db, mut mine) = (self.now_ms.get(), self.db.get(), self.mine.borrow_mut());
        if let (Reach::Keys, [key]) = (need.reach, need.keys) {
            let hashed = [(*key, self.hash(key))];
            if let Some(stripe) = mine.stripe(hashed[0].1) {
                let seed = stripe.begin();
                let mut view = View::new(Scope::One(stripe), &hashed, now_ms, seed, db);
                let (result, panicked) = guarded(|| body(&mut view, &mut Record::off()));
                stripe.tally.fenced |= panicked;
                stripe.settle();
                if stripe.has_dead() {
                    drop(stripe.take_dead());
                }
                return result;
            }
        }
        // Nobody waits for a stripe while holding others.
        mine.let_go();
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

/// Records ahead for which the steps of [`Replay::bring`] are done. One takes about as long as one access to memory.
const AHEAD: [usize; 3] = [15, 9, 4];

impl<'c> Replay<'c> {
    fn new(core: &'c Core, worker: usize, workers: usize) -> Self {
        let mine = RefCell::new(Mine::new(&core.keyspace, worker, workers));
        let known = Cell::new((std::ptr::null(), 0, 0));
        Self { core, now_ms: Cell::new(0), db: Cell::new(0), mine, known }
    }

    #[inline]
    fn hash(&self, key: &[u8]) -> u64 {
        let (at, len, hash) = self.known.get();
        if (at, len) == (key.as_ptr(), key.len()) { hash } else { hash::bytes(key) }
    }

    /// Runs a record with these commands.
    #[inline]
    fn run<'b>(&self, due: &Due, commands: &'b [u8], atoms: &mut Vec<Arg<'b>>) -> Result<()> {
        self.now_ms.set(due.now_ms);
        self.known.set((std::ptr::null(), 0, 0));
        let (mut commands, mut planned) = (Commands::new(commands), due.key());
        while !commands.is_done() {
            let (db, id) = commands.next(atoms).flatten().ok_or_else(damaged)?;
            self.db.set(db.into());
            if let (Some((_, hash)), Some(Arg::Bytes(key))) = (planned.take(), atoms.first()) {
                self.known.set((key.as_ptr(), key.len(), hash));
            }
            row_of(id)?.1(self, Args::new(atoms), &mut Null)?;
        }
        Ok(())
    }

    /// Has the memory brought that the records behind the one at `at` will touch.
    #[inline]
    fn bring(&self, list: &[Due], at: usize) {
        let mut mine = self.mine.borrow_mut();
        let steps = [Stripe::bring_seat, Stripe::bring_tags, Stripe::bring_entry];
        for (step, ahead) in steps.into_iter().zip(AHEAD) {
            // One without a key has the hash 0: what is brought for it is of no use, and does no harm.
            if let Some((db, hash)) = list.get(at + ahead).map(Due::hint)
                && let Some(stripe) = mine.stripe(hash)
            {
                step(stripe, db, hash);
            }
        }
    }

    fn let_go(&self) {
        self.mine.borrow_mut().let_go();
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
    plan: &'r Plan<'r>,
    /// Records that cannot be run are left out, instead of being the end.
    go_on: bool,
    /// The first of them, and their number.
    failed: Mutex<(Option<(Due, Error)>, usize)>,
    stop: AtomicBool,
}

impl<'r> Shared<'r> {
    #[inline]
    fn run(&self, replay: &Replay<'_>, due: &Due, atoms: &mut Vec<Arg<'r>>) -> Result<()> {
        if self.stop.load(Ordering::Relaxed) {
            return Ok(());
        }
        replay.run(due, self.plan.commands(due), atoms)
    }

    /// Notes how it went with a record; the first one, in the order of the log, that did not work is named.
    fn note(&self, due: &Due, result: Result<()>) {
        let Err(error) = result else { return };
        let mut failed = self.failed.lock();
        failed.1 += 1;
        if failed.0.as_ref().is_none_or(|(first, _)| first.place() > due.place()) {
            failed.0 = Some((*due, error));
        }
        self.stop.store(!self.go_on, Ordering::Relaxed);
    }

    /// Runs the records of `list` in their order; those that are a meeting when everybody has come to it.
    fn work(&self, replay: &Replay<'_>, list: &[Due], meeting: Option<&Barrier>) {
        let (mut atoms, mut at) = (Vec::new(), 0);
        while let Some(next) = list.get(at) {
            // One that panicked would have the others wait for it for ever.
            let (result, _) = match meeting.filter(|_| next.is_meeting()) {
                None => guarded(|| self.stretch(replay, list, &mut at, meeting.is_some(), &mut atoms)),
                Some(meeting) => {
                    at += 1;
                    replay.let_go();
                    // Everybody has done what came before; nobody goes on before this is done.
                    let mine = meeting.wait().is_leader();
                    let done = guarded(|| if mine { self.run(replay, next, &mut atoms) } else { Ok(()) });
                    replay.let_go();
                    self.note(next, done.0);
                    meeting.wait();
                    continue;
                }
            };
            // It has moved along behind the one that did not work.
            self.note(&list[at - 1], result);
        }
    }

    /// Runs the records from `at` on, which it moves along: up to one that cannot be run, or to a meeting.
    fn stretch(
        &self,
        replay: &Replay<'_>,
        list: &[Due],
        at: &mut usize,
        meets: bool,
        atoms: &mut Vec<Arg<'r>>,
    ) -> Result<()> {
        while let Some(due) = list.get(*at).filter(|due| !(meets && due.is_meeting())) {
            *at += 1;
            replay.bring(list, *at - 1);
            self.run(replay, due, atoms)?;
        }
        Ok(())
    }
}

/// Runs the records of `plan` again: in the order of the log, as far as they touch the same keys. It stops at one that
/// cannot be run, unless `go_on` is said: then such records are left out. What they fill lies in `pages`.
pub(super) fn run_all(core: &Core, plan: &Plan<'_>, go_on: bool, pages: Pages) -> Stuck {
    let shared = Shared { plan, go_on, failed: Mutex::default(), stop: AtomicBool::new(false) };
    match plan.divided() {
        None => {
            let _filler = as_filler(0, pages);
            shared.work(&Replay::new(core, 0, 1), plan.all(), None);
        }
        Some(lists) => {
            let meeting = Barrier::new(lists.len());
            std::thread::scope(|scope| {
                for (worker, list) in lists.iter().enumerate() {
                    let (shared, meeting) = (&shared, &meeting);
                    scope.spawn(move || {
                        let _filler = as_filler(worker, pages);
                        shared.work(&Replay::new(core, worker, lists.len()), list, Some(meeting));
                    });
                }
            });
        }
    }
    let (first, count) = shared.failed.into_inner();
    Stuck { first: first.map(|(due, error)| (plan.position(&due), error)), count }
}

#[cfg(test)]
mod tests;
