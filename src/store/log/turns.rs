//! Turns: one thread syncs for all who wait.
//!
//! ```text
//!   time ──►    A reach(10) ── leads: syncs ─┬─ somebody waits: syncs ─┬─ … four times at most ─┐ done
//!               B      reach(12) ── waits ───│─────────────────────────┴ done                   │
//!               C        reach(15) ── waits ─│─────────────────────────┴ done                   │
//!               D                            │  reach(18) ── waits ────│────────────────────────┴ …
//! ```
//!
//! A sync that runs says how far it goes. Whoever comes behind that waits for the next one, which covers everything that came
//! meanwhile. So the number of syncs does not grow with the number of threads.
//!
//! To wake a thread up takes about as long as a sync on a good disk. So on such a disk who leads goes on for those who came
//! meanwhile, a few times: it does not rest while one of them wakes up. And as a rule nobody is woken for a sync that is not
//! his: there are two bells, rung in turn.
//!
//! # Invariants
//! - Somebody waits only while somebody leads, while one of those who wait was woken to do so, or while his bell is still to be
//!   rung by who has led.
//! - For each bell: that is still to be done, or no more wait for it than are counted.
//! - But for who has [`Turns::rest`], who wakes all, nothing becomes durable while nobody leads.
use crate::base::{
    clock::Stopwatch,
    sync::{Condvar, Mutex, MutexGuard},
};
use std::mem;

/// How many syncs one thread leads at most before it gives its own answer. (The checker has few threads, and is to see how it ends.)
const LED_AT_ONCE: usize = if cfg!(tenon_model) { 2 } else { 4 };
/// For how long it goes on: on a slow disk others can wake up meanwhile.
const LED_US: u64 = 1000;

/// Who syncs for all, and who waits for it.
#[derive(Debug, Default)]
pub struct Turns {
    round: Mutex<Round>,
    /// Those of even rounds, and of odd ones.
    bells: [Condvar; 2],
    /// Rung when nobody leads any more.
    over: Condvar,
}

/// A sync that runs, or the last one.
#[derive(Debug, Default)]
struct Round {
    leading: bool,
    number: usize,
    /// Up to where it goes, once that is known.
    target: Option<u64>,
    /// How many wait for a bell, but for those for whom it is still to be rung; who was woken and is not served counts on.
    waiting: [usize; 2],
    /// How many wait until nobody leads.
    resting: usize,
}

impl Round {
    fn begin(&mut self) {
        (self.leading, self.number, self.target) = (true, self.number.wrapping_add(1), None);
    }

    /// How many wait for a round: a bell that nobody hears is a call of the kernel all the same.
    fn of(&mut self, number: usize) -> &mut usize {
        &mut self.waiting[number % 2]
    }
}

/// Makes durable what there is; says how far it goes before that takes its time, and goes no further: who waits for more is
/// woken to lead, and has to have a reason to.
type Syncing<'s, E> = &'s dyn Fn(&dyn Fn(u64)) -> Result<(), E>;

impl Turns {
    /// Returns when `durable` is at `position`: calls `sync`, unless somebody else does.
    ///
    /// # Errors
    /// The first of `sync`, when it was called in our turn.
    pub fn reach<E>(&self, position: u64, durable: &dyn Fn() -> u64, sync: Syncing<'_, E>) -> Result<(), E> {
        let mut round = self.round.lock();
        while position > durable() {
            if round.leading {
                self.wait(&mut round, position);
            } else {
                self.lead(round, sync)?;
                round = self.round.lock();
            }
        }
        Ok(())
    }

    /// Waits for the sync that covers `position`, as far as one can know: look again.
    fn wait(&self, round: &mut MutexGuard<'_, Round>, position: u64) {
        let covered = round.target.is_none_or(|target| position <= target);
        let number = if covered { round.number } else { round.number.wrapping_add(1) };
        *round.of(number) += 1;
        self.bells[number % 2].wait(round);
    }

    /// Leads. Others are led as well, as long as it goes well; the result is that of the first sync, which is ours.
    fn lead<E>(&self, mut round: MutexGuard<'_, Round>, sync: Syncing<'_, E>) -> Result<(), E> {
        let watch = Stopwatch::start();
        let tell = |target| self.round.lock().target = Some(target);
        round.begin();
        let mut number = round.number;
        drop(round);
        let result = sync(&tell);
        let (mut failed, mut led) = (result.is_err(), 1);
        loop {
            let mut round = self.round.lock();
            let (served, following) = (mem::take(round.of(number)), number.wrapping_add(1));
            let goes_on = !failed
                && *round.of(following) > 0
                && led < LED_AT_ONCE
                && (cfg!(tenon_model) || watch.elapsed_us() < LED_US);
            if goes_on {
                round.begin();
            } else {
                self.retire(&mut round, following, failed);
            }
            // Who wakes up finds the lock free.
            drop(round);
            if served > 0 {
                self.bells[number % 2].notify_all();
            }
            if !goes_on {
                return result;
            }
            failed = sync(&tell).is_err();
            (number, led) = (following, led + 1);
        }
    }

    /// Leads no more: one of those who wait for the next round does. Where it failed, each has to see for himself.
    fn retire(&self, round: &mut Round, following: usize, failed: bool) {
        round.leading = false;
        // With the lock: between it and the bell somebody else could lead the one who is woken, and he would lead nobody.
        if *round.of(following) > 0 {
            let bell = &self.bells[following % 2];
            if failed { bell.notify_all() } else { bell.notify_one() }
        }
        if round.resting > 0 {
            self.over.notify_all();
        }
    }

    /// Waits until nobody leads; nobody does while the result lives.
    pub fn rest(&self) -> Rest<'_> {
        let mut round = self.round.lock();
        while round.leading {
            round.resting += 1;
            self.over.wait(&mut round);
            round.resting -= 1;
        }
        Rest { turns: self, round }
    }
}

/// Nobody leads. When that ends all who wait look again: something else may have become durable, so that he who was woken
/// to lead has no reason to.
pub struct Rest<'t> {
    turns: &'t Turns,
    round: MutexGuard<'t, Round>,
}

impl Drop for Rest<'_> {
    fn drop(&mut self) {
        self.round.waiting = [0; 2];
        self.turns.bells.iter().for_each(Condvar::notify_all);
    }
}
