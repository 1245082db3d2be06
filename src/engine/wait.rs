//! Waiting for keys: one object for everybody who waits, whatever door he came through.
//!
//! ```text
//!   BLPOP q ──▶ runs ── nothing ──▶ Waiter ── registered under the locks of its keys ──▶ parked
//!                                     │ phase (a mutex of its own):
//!                                     │   waiting ──▶ served ──▶ taken      by the writer, inside his step
//!                                     │          └──▶ ended                 time-out, CLIENT UNBLOCK, close
//!   LPUSH q ──▶ locked step: runs, then serves who waits for what it changed, in the order of arrival ──▶ unlock ──▶ wakes
//! ```
//!
//! The writer runs the waiting command inside his own step, with all stripes of its keys locked: nobody can take the
//! element in between, and the order of arrival is the order of service. To have those stripes, a step that writes to a
//! key somebody waits for extends its locks before it begins ([`Core::lock_for`]); what is served may make other keys
//! ready (BLMOVE), so the extension is transitive.
//!
//! # Invariants
//! - A waiter is in the queues of all keys it waits for, and counted in their stripes, or in none.
//! - Queues change while the stripes of their keys are locked. The queues' own lock is a leaf, and so is a waiter's phase
//!   as far as stripes go: who holds it waits for no stripe.
//! - Whoever was served and goes away untold has the result taken back ([`Core::leave`]): no element is lost.
use super::{Core, Db, deliver::Aftermath, gate::guarded, locking::Late, together::Step};
use crate::{
    base::{
        atom::atoms,
        bytes::Bytes,
        clock::Stopwatch,
        emit::Null,
        error::{Error, Kind, Result},
        hash,
        sync::{Condvar, Mutex},
    },
    cmd::{
        Exec, Gate, resolve,
        session::card::{Blocked, Wake},
        wait::Patience,
    },
    keyspace::locks::{Held, Stripes},
    value::Type,
};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    task::Waker,
    time::Duration,
};

/// How often a parked thread looks at a clock that somebody sets by hand.
const MANUAL_CLOCK_LOOK_MS: u64 = 2;

/// Runs the command once more. `Some`: it is done, and this command takes it back.
pub(crate) type Attempt = Box<dyn FnMut(&dyn Gate) -> Option<Vec<Bytes>> + Send>;

/// Why a wait ended without a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    TimedOut,
    /// `CLIENT UNBLOCK … ERROR`.
    Refused,
    /// The database was closed.
    Closed,
}

impl End {
    /// What the caller is told, if it is an error.
    pub fn error(self) -> Option<Error> {
        match self {
            Self::TimedOut => None,
            Self::Refused => Some(Error::command("UNBLOCKED client unblocked via CLIENT UNBLOCK")),
            Self::Closed => Some(Error::new(Kind::Closed, "ERR the database is closed")),
        }
    }
}

enum Phase {
    Waiting(Attempt),
    /// With the position of its record, and the command that takes it back.
    Served(Option<u64>, Vec<Bytes>),
    Ended(End),
    Taken,
}

/// Who is woken.
enum Sleeper {
    /// The thread that waits for `changed`.
    Thread,
    Door(Wake),
    Task(Waker),
}

/// A caller who waits. See the module.
pub struct Waiter {
    /// Database, hash and name of each key, without repetition.
    keys: Vec<(u32, u64, Bytes)>,
    /// It waits for the first so many of them.
    awaited: usize,
    db: u32,
    touch: bool,
    pub(super) patience: Patience,
    /// In Unix milliseconds of the database's clock.
    deadline_ms: Option<u64>,
    since: Stopwatch,
    phase: Mutex<Phase>,
    changed: Condvar,
    sleeper: Mutex<Sleeper>,
}

/// How a wait came out.
pub enum Outcome {
    /// The attempt's closure has kept the result; it is durable once everything below this position is.
    Served(Option<u64>),
    Ended(End),
}

impl Waiter {
    /// What the outcome is, if there is one: it is given once.
    pub fn take(&self) -> Option<Outcome> {
        let mut phase = self.phase.lock();
        let outcome = match &*phase {
            Phase::Waiting(_) | Phase::Taken => return None,
            Phase::Served(position, _) => Outcome::Served(*position),
            Phase::Ended(end) => Outcome::Ended(*end),
        };
        *phase = Phase::Taken;
        Some(outcome)
    }

    /// Tells whether an outcome waits to be taken.
    pub fn is_over(&self) -> bool {
        matches!(*self.phase.lock(), Phase::Served(..) | Phase::Ended(_))
    }

    /// Ends the wait, unless it is over. The caller then has it leave the queues.
    pub fn end(&self, end: End) -> bool {
        let mut phase = self.phase.lock();
        let waits = matches!(*phase, Phase::Waiting(_));
        if waits {
            *phase = Phase::Ended(end);
            drop(phase);
            self.wake();
        }
        waits
    }

    /// Has `waker` woken when the wait is over.
    pub fn woken_by(&self, waker: &Waker) {
        *self.sleeper.lock() = Sleeper::Task(waker.clone());
    }

    /// Wakes the caller. No stripe is locked.
    pub(super) fn wake(&self) {
        // The lock is not held while foreign code runs.
        let wake = match &*self.sleeper.lock() {
            Sleeper::Thread => None,
            Sleeper::Door(wake) => Some(Ok(Arc::clone(wake))),
            Sleeper::Task(waker) => Some(Err(waker.clone())),
        };
        match wake {
            Some(Ok(wake)) => wake(),
            Some(Err(waker)) => waker.wake(),
            None => {
                // Taken once: a thread between its look and its sleep is not missed.
                drop(self.phase.lock());
                self.changed.notify_all();
            }
        }
    }

    fn awaited(&self) -> &[(u32, u64, Bytes)] {
        &self.keys[..self.awaited]
    }

    /// In how many milliseconds the wait is over, by the database's clock or by the time that has really passed: a clock
    /// that is set back, or stands still, makes nobody wait longer. `None`: it has no deadline.
    fn left_ms(&self, now_ms: u64) -> Option<u64> {
        let spent_ms = || self.since.elapsed_us() / 1000;
        let really_left_ms = || self.patience.timeout_ms.map_or(0, |ms| ms.saturating_sub(spent_ms()));
        self.deadline_ms.map(|at| at.saturating_sub(now_ms).min(really_left_ms()))
    }

    fn is_due(&self, now_ms: u64) -> bool {
        self.left_ms(now_ms) == Some(0)
    }
}

/// One that is to be made.
pub(crate) struct Waiting<'w> {
    pub db: u32,
    pub keys: &'w [Bytes],
    pub touch: bool,
    pub is_write: bool,
    /// Called when it is over, on whatever thread; `None`: a thread waits.
    pub wake: Option<Wake>,
}

/// The callers who wait, by the hashes of their keys.
#[derive(Default)]
pub struct Queues {
    by_hash: Mutex<HashMap<u64, VecDeque<Arc<Waiter>>>>,
    /// Those whose threads do not look at the clock themselves, by deadline.
    timers: Mutex<BTreeMap<(u64, u64), Weak<Waiter>>>,
    next_timer: AtomicU64,
    count: AtomicUsize,
    /// The database was closed: nobody may join any more. Read under the lock of the queues.
    closed: AtomicBool,
}

impl Queues {
    /// The number of callers who wait.
    pub fn len(&self) -> usize {
        self.count.load(Relaxed)
    }

    /// Adds to `hashes` those of all keys that serving what waits for them may touch.
    fn extend(&self, hashes: &mut Vec<u64>) {
        let by_hash = self.by_hash.lock();
        let mut seen = 0;
        while let Some(hash) = hashes.get(seen) {
            let waiters = by_hash.get(hash).into_iter().flatten();
            let more: Vec<u64> = waiters.flat_map(|waiter| waiter.keys.iter().map(|key| key.1)).collect();
            for hash in more {
                if !hashes.contains(&hash) {
                    hashes.push(hash);
                }
            }
            seen += 1;
        }
    }

    /// The first who `fits` of those who wait for `hash`, from place `from` on, and his place.
    fn next(
        &self,
        hash: u64,
        from: usize,
        mut fits: impl FnMut(&Waiter) -> bool,
    ) -> Option<(usize, Arc<Waiter>)> {
        let by_hash = self.by_hash.lock();
        let mut queue = by_hash.get(&hash)?.iter().enumerate().skip(from);
        queue.find(|(_, waiter)| fits(waiter)).map(|(place, waiter)| (place, Arc::clone(waiter)))
    }

    /// The next deadline, in Unix milliseconds.
    fn next_deadline_ms(&self) -> Option<u64> {
        self.timers.lock().first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes those whose time is over.
    fn due(&self, now_ms: u64) -> Vec<Arc<Waiter>> {
        let mut timers = self.timers.lock();
        let later = timers.split_off(&(now_ms + 1, 0));
        std::mem::replace(&mut *timers, later).into_values().filter_map(|waiter| waiter.upgrade()).collect()
    }

    /// The same, also of those whose time has really passed.
    fn due_by_either(&self, now_ms: u64) -> Vec<Arc<Waiter>> {
        let mut due = Vec::new();
        self.timers.lock().retain(|_, waiter| {
            let Some(waiter) = waiter.upgrade() else { return false };
            let waits = !waiter.is_due(now_ms);
            if !waits {
                due.push(waiter);
            }
            waits
        });
        due
    }

    /// Everybody.
    fn all(&self) -> Vec<Arc<Waiter>> {
        self.by_hash.lock().values().flatten().cloned().collect()
    }
}

impl Core {
    /// Locks the stripes of `hashes` for a step that writes, and those that serving what waits for these keys needs.
    ///
    /// # Errors
    /// As [`Core::lock_one`].
    pub(super) fn lock_for(&self, hashes: &[u64]) -> Result<Held<'_>> {
        let mut held = self.lock_some(hashes.iter().copied())?;
        let awaited = |held: &mut Held<'_>| hashes.iter().any(|h| held.at(*h).tally.interest.is_awaited(*h));
        if !awaited(&mut held) {
            return Ok(held);
        }
        loop {
            let mut wanted = hashes.to_vec();
            self.waiting.extend(&mut wanted);
            if wanted.iter().all(|hash| held.peek(*hash).is_some()) {
                return Ok(held);
            }
            // Ascending order: what is missing cannot be locked on top.
            drop(held);
            held = self.lock_some(wanted.into_iter())?;
        }
    }

    /// Serves those who wait for what was changed, until nothing more becomes ready, and tells whether anything was. Takes
    /// what the step has noted. Belongs to the end of a step, while the stripes it needs are locked.
    pub(super) fn serve(&self, held: &mut Held<'_>, now_ms: u64, after: &mut Aftermath) -> bool {
        let mut served = false;
        loop {
            after.collect(held);
            let ready = std::mem::take(&mut after.ready);
            if ready.is_empty() {
                return served;
            }
            served = true;
            // What those change who are served is not the doing of whose step it is.
            after.who = 0;
            for (db, hash) in ready {
                self.serve_key(held, (db.into(), hash), now_ms, after);
            }
        }
    }

    fn serve_key(&self, held: &mut Held<'_>, (db, hash): (u32, u64), now_ms: u64, after: &mut Aftermath) {
        let mut at = 0;
        loop {
            // Those who wait for a key wait for the same one, nearly always: it is looked at once for all of them.
            let mut looked_at: Option<(Bytes, Option<Type>)> = None;
            let next = self.waiting.next(hash, at, |waiter| {
                let key = waiter.awaited().iter().find(|key| (key.0, key.1) == (db, hash));
                let fits = key.is_some_and(|(_, _, key)| {
                    if waiter.patience.until_gone {
                        return true;
                    }
                    let found = match &looked_at {
                        Some((before, kind)) if before == key => *kind,
                        _ => {
                            let kind = held.at(hash).kind_of_living(db, hash, key, now_ms);
                            looked_at = Some((key.clone(), kind));
                            kind
                        }
                    };
                    found == Some(waiter.patience.kind)
                });
                let locked = !fits || waiter.keys.iter().all(|key| held.peek(key.1).is_some());
                debug_assert!(locked, "a step has locked what it may have to serve");
                fits && locked
            });
            let Some((place, waiter)) = next else { return };
            if self.attempt(held, &waiter, now_ms, after) {
                self.forget(held, &waiter);
                after.served.push(waiter);
                at = place;
            } else {
                at = place + 1;
            }
        }
    }

    /// Runs the command of a waiter. True: it is served.
    fn attempt(&self, held: &mut Held<'_>, waiter: &Waiter, now_ms: u64, after: &mut Aftermath) -> bool {
        let mut phase = waiter.phase.lock();
        let Phase::Waiting(attempt) = &mut *phase else { return false };
        let step = Step::new(self, held, waiter.db, now_ms, waiter.touch, None);
        let mut done = None;
        let (_, panicked) = guarded(|| {
            done = attempt(&step);
            Ok(())
        });
        let ended = step.end();
        after.notes.extend(ended.notes);
        if ended.panicked {
            held.iter_mut().for_each(|stripe| stripe.tally.fenced = true);
        }
        let position = self.keep(now_ms, &ended.record).ok().flatten();
        if let Some(stripe) = held.iter_mut().next() {
            stripe.tally.give_buffer(ended.record);
        }
        match done {
            Some(undo) => *phase = Phase::Served(position, undo),
            // Our own closure does not panic; if it did, its caller must not wait for ever.
            None if panicked => *phase = Phase::Ended(End::Refused),
            None => return false,
        }
        true
    }

    /// Takes a waiter out of the queues of its keys, whose stripes are held.
    fn forget(&self, held: &mut dyn Stripes, waiter: &Arc<Waiter>) {
        let mut by_hash = self.waiting.by_hash.lock();
        let mut gone = 0;
        for (db, hash, _) in waiter.awaited() {
            let Some(queue) = by_hash.get_mut(hash) else { continue };
            let before = queue.len();
            queue.retain(|other| !Arc::ptr_eq(other, waiter));
            gone += before - queue.len();
            for _ in queue.len()..before {
                held.at(*hash).tally.interest.end_wait(*db as u8, *hash);
            }
            if queue.is_empty() {
                by_hash.remove(hash);
            }
        }
        if gone > 0 {
            self.waiting.count.fetch_sub(1, Relaxed);
        }
    }

    /// Runs `attempt` once more under the locks of its keys, and parks the caller unless it is done: [`Waiter::take`]
    /// then has an outcome at once.
    pub(crate) fn park(
        &self,
        what: Waiting<'_>,
        patience: Patience,
        attempt: Attempt,
    ) -> Result<Arc<Waiter>> {
        if what.is_write {
            self.admit()?;
        }
        let mut keys: Vec<(u32, u64, Bytes)> = Vec::with_capacity(what.keys.len());
        let mut awaited = 0;
        for (at, key) in what.keys.iter().enumerate() {
            let hash = hash::bytes(key);
            // Keys of one hash in one database share a queue; the first of them stands for all.
            if !keys.iter().any(|(_, known, _)| *known == hash) {
                keys.push((what.db, hash, key.clone()));
                awaited += usize::from(at < patience.keys);
            }
        }
        let hashes: Vec<u64> = keys.iter().map(|key| key.1).collect();
        let mut held = self.lock_for(&hashes)?;
        // Who closes locks everything between saying so and ending the waits.
        if let Some(store) = self.store.get() {
            store.owned()?;
        }
        let (now_ms, _) = self.begin(&mut held)?;
        // From here on the clock of the locks counts.
        let deadline_ms = patience.timeout_ms.map(|ms| self.clock.now_ms().saturating_add(ms));
        let sleeper = what.wake.map_or(Sleeper::Thread, Sleeper::Door);
        let waiter = Arc::new(Waiter {
            keys,
            awaited,
            db: what.db,
            touch: what.touch,
            patience,
            deadline_ms,
            since: Stopwatch::start(),
            phase: Mutex::new(Phase::Waiting(attempt)),
            changed: Condvar::new(),
            sleeper: Mutex::new(sleeper),
        });
        let mut after = Aftermath::default();
        if !self.attempt(&mut held, &waiter, now_ms, &mut after) {
            let mut by_hash = self.waiting.by_hash.lock();
            if self.waiting.closed.load(Relaxed) {
                *waiter.phase.lock() = Phase::Ended(End::Closed);
            } else {
                for (db, hash, _) in waiter.awaited() {
                    by_hash.entry(*hash).or_default().push_back(Arc::clone(&waiter));
                    held.at(*hash).tally.interest.wait(*db as u8, *hash);
                }
                self.waiting.count.fetch_add(1, Relaxed);
            }
        }
        let dead = self.end(&mut held, false);
        self.close(held, now_ms, after, dead, what.is_write);
        Ok(waiter)
    }

    /// Has the upkeep end the wait when its time is over.
    pub(crate) fn set_timer(&self, waiter: &Arc<Waiter>) {
        let Some(at_ms) = waiter.deadline_ms else { return };
        let number = self.waiting.next_timer.fetch_add(1, Relaxed);
        let mut timers = self.waiting.timers.lock();
        timers.insert((at_ms, number), Arc::downgrade(waiter));
        let first = timers.first_key_value().is_some_and(|(key, _)| *key == (at_ms, number));
        drop(timers);
        if first {
            self.upkeep.wake();
        }
    }

    /// Ends the waits whose time is over. Returns in how many milliseconds the next one is, if there is one.
    pub(super) fn end_due_waits(&self) -> Option<u64> {
        let next_ms = self.waiting.next_deadline_ms()?;
        let now_ms = self.clock.now_ms();
        let due = if self.clock.is_manual() {
            self.waiting.due_by_either(now_ms)
        } else if next_ms <= now_ms {
            self.waiting.due(now_ms)
        } else {
            Vec::new()
        };
        for waiter in due {
            waiter.end(End::TimedOut);
        }
        let left_ms = self.waiting.next_deadline_ms()?.saturating_sub(self.clock.now_ms());
        Some(if self.clock.is_manual() { left_ms.min(MANUAL_CLOCK_LOOK_MS) } else { left_ms })
    }

    /// Ends the wait when its time is over: for doors that look at the clock themselves.
    pub(crate) fn end_if_due(&self, waiter: &Waiter) {
        if waiter.is_due(self.clock.now_ms()) {
            waiter.end(End::TimedOut);
        }
    }

    /// Blocks the thread until the wait is over.
    pub(crate) fn sleep(&self, waiter: &Waiter) {
        loop {
            let mut phase = waiter.phase.lock();
            if !matches!(*phase, Phase::Waiting(_)) {
                return;
            }
            match waiter.left_ms(self.clock.now_ms()) {
                None => waiter.changed.wait(&mut phase),
                Some(0) => {
                    *phase = Phase::Ended(End::TimedOut);
                    return;
                }
                Some(left_ms) => {
                    let looks_at_ms = if self.clock.is_manual() { MANUAL_CLOCK_LOOK_MS } else { left_ms };
                    waiter.changed.wait_for(&mut phase, Duration::from_millis(left_ms.min(looks_at_ms)));
                }
            }
        }
    }

    /// Takes a waiter out of its queues, and back a result that its caller was never told.
    pub(crate) fn leave(&self, db: &Db, waiter: &Arc<Waiter>) {
        if self.is_forked() {
            return;
        }
        self.withdraw(waiter);
        let phase = std::mem::replace(&mut *waiter.phase.lock(), Phase::Taken);
        if let Phase::Served(_, undo) = phase
            && let Ok(db) = db.select(waiter.db)
        {
            db.take_back(&undo);
        }
    }

    /// Takes a waiter that was not served out of its queues.
    pub(crate) fn withdraw(&self, waiter: &Arc<Waiter>) {
        waiter.end(End::TimedOut);
        self.forget_or_later(waiter);
    }

    /// Takes a waiter out of its queues, now or later: who was served, or has ended, is passed over there.
    pub(super) fn forget_or_later(&self, waiter: &Arc<Waiter>) {
        let hashes = waiter.awaited().iter().map(|key| key.1);
        match self.keyspace.lock_some_while(hashes, &|| !self.is_scripted()) {
            Some(mut held) => self.forget(&mut held, waiter),
            None => self.put_off(Late::Withdraw(Arc::clone(waiter))),
        }
    }

    /// Ends all waits, for good: the database closes.
    pub(super) fn end_all_waits(&self) {
        // Whoever joins behind the look at all of them sees it.
        self.waiting.closed.store(true, Relaxed);
        for waiter in self.waiting.all() {
            waiter.end(End::Closed);
        }
    }

    /// Waits for what the outcome has to wait for before it is passed on.
    pub(crate) fn confirm(&self, position: Option<u64>, db: &Db) -> Result<()> {
        self.acknowledge(Ok(position), &db.wait)
    }

    /// Serves those who wait for keys that became ready in a step which did not hold what serving needs.
    pub(super) fn serve_apart(&self, ready: Vec<(u8, u64)>) {
        let hashes: Vec<u64> = ready.iter().map(|(_, hash)| *hash).collect();
        let Ok(mut held) = self.lock_for(&hashes) else { return self.put_off(Late::Serve(ready)) };
        let Ok((now_ms, _)) = self.begin(&mut held) else { return };
        self.close(held, now_ms, Aftermath { ready, ..Aftermath::default() }, Vec::new(), true);
    }
}

impl Db {
    /// Runs the command that takes a result back, if there is one.
    pub(super) fn run_undo(&self, undo: &[Bytes]) -> Result<()> {
        let words = atoms(undo);
        if words.is_empty() {
            return Ok(());
        }
        let (row, args) = resolve(&words)?;
        match row.exec {
            Exec::Keys { run, .. } => run(self, args, &mut Null),
            _ => Ok(()),
        }
    }
}

impl Blocked for Waiter {
    fn unblock(&self, refuse: bool) -> bool {
        self.end(if refuse { End::Refused } else { End::TimedOut })
    }
}
