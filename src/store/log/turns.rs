//! Turns: one thread syncs for all who wait.
//!
//! ```text
//!   time ──►    A reach(10) ── leads: syncs ─┬─ somebody waits: syncs ─┬─ … four times at most ─┐ done
//!               B      reach(12) ── waits ───│─────────────────────────┴ done                   │
//!               C        reach(15) ── waits ─│─────────────────────────┴ done                   │
//!               D                reach(18) ──┴── waits ─────────────────────────────────────────┴ …
//! ```
//!
//! Whoever comes while a sync runs cannot know whether it covers its records, and waits for the next one: that one
//! covers everything that came meanwhile. So the number of syncs does not grow with the number of threads.
//!
//! To wake a thread up takes about as long as a sync on a good disk. So who leads goes on for those who came meanwhile, a
//! few times: the disk does not rest while one of them wakes up. And nobody is woken for a sync that is not his: there are two
//! bells, rung in turn. (Sixteen threads made 82,000 positions durable in a second where 51,000 were before.)
//!
//! # Invariants
//! - Somebody waits only while somebody leads, or while one of those who wait was woken to do so.
//! - But for who has [`Turns::rest`], who wakes all, nothing becomes durable while nobody leads.
use crate::base::sync::{Condvar, Mutex, MutexGuard};
use std::mem;

/// How many syncs one thread leads at most before it gives its own answer. (The checker has few threads, and is to see how it ends.)
const LED_AT_ONCE: usize = if cfg!(tenon_model) { 1 } else { 4 };

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
    /// How many wait for a bell.
    waiting: [usize; 2],
    /// How many wait until nobody leads.
    resting: usize,
}

impl Round {
    fn begin(&mut self) {
        (self.leading, self.number, self.target) = (true, self.number.wrapping_add(1), None);
    }

    /// Those who wait for a round: as many as are to be woken, since a bell that nobody hears is a call of the kernel all the same.
    fn of(&mut self, number: usize) -> &mut usize {
        &mut self.waiting[number % 2]
    }
}

/// Makes durable what there is, and says how far it goes before that takes its time.
type Sync<'s, E> = &'s dyn Fn(&dyn Fn(u64)) -> Result<(), E>;

impl Turns {
    /// Returns when `durable` is at `position`: calls `sync`, unless somebody else does.
    ///
    /// # Errors
    /// The first of `sync`, when it was called in our turn.
    pub fn reach<E>(&self, position: u64, durable: &dyn Fn() -> u64, sync: Sync<'_, E>) -> Result<(), E> {
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

    /// Leads. Others are led as well, as long as it goes well; the result is that of the first one, which is ours.
    fn lead<E>(&self, mut round: MutexGuard<'_, Round>, sync: Sync<'_, E>) -> Result<(), E> {
        round.begin();
        let (mut number, mut led, mut result) = (round.number, 0, None);
        drop(round);
        loop {
            let done = sync(&|target| self.round.lock().target = Some(target));
            let failed = done.is_err();
            result.get_or_insert(done);
            led += 1;
            let mut round = self.round.lock();
            let served = mem::take(round.of(number));
            let next = *round.of(number.wrapping_add(1));
            let goes_on = !failed && next > 0 && led < LED_AT_ONCE;
            let mut resting = 0;
            if goes_on {
                round.begin();
            } else {
                (round.leading, resting) = (false, round.resting);
                *round.of(number.wrapping_add(1)) = if failed { 0 } else { next.saturating_sub(1) };
            }
            // Who wakes up finds the lock free.
            drop(round);
            if served > 0 {
                self.bells[number % 2].notify_all();
            }
            number = number.wrapping_add(1);
            if goes_on {
                continue;
            }
            match next {
                0 => {}
                // Each has to see for himself.
                _ if failed => self.bells[number % 2].notify_all(),
                // He leads the others.
                _ => self.bells[number % 2].notify_one(),
            }
            if resting > 0 {
                self.over.notify_all();
            }
            return result.unwrap_or(Ok(()));
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
