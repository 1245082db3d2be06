//! The stripes of some keys, locked in ascending order: the one file of the keyspace that knows of threads.
//!
//! A waiter spins for about 3 µs before it parks: most commands are over by then, and parking costs more. A script may hold all
//! stripes for ever: who parks is asked now and then whether he goes on waiting.
use super::{Keyspace, notes::Classes, stripe::Stripe};
use crate::base::{host, sync::TimedMutexGuard};
use std::{cell::Cell, time::Duration};

const SPINS: u32 = 24;
const PAUSES_PER_SPIN: u32 = 16;
/// How long a waiter parks before he is asked again.
const PARKED_AT_ONCE: Duration = Duration::from_millis(20);

/// Asked by a thread that cannot have a lock, before it parks and again and again: `false` gives up.
pub type GoesOn<'g> = &'g dyn Fn() -> bool;

/// Several stripes, reached by a key's hash.
pub trait Stripes {
    /// The stripe of `hash`, which is among those that are held.
    fn at(&mut self, hash: u64) -> &mut Stripe;
    /// The stripe of `hash` for reading; `None` when it is not held.
    fn peek(&self, hash: u64) -> Option<&Stripe>;
    /// Visits the stripes from number `from` on, in ascending order, until `visit` returns false.
    fn each(&mut self, from: usize, visit: &mut dyn FnMut(usize, &mut Stripe) -> bool);
    /// The number of stripes of the keyspace.
    fn count(&self) -> usize;
    /// The events that are of interest.
    fn classes(&self) -> Classes;
}

impl Keyspace {
    /// Locks stripe `index`. All ways to a stripe lead through here, so here an image that is due is taken: before
    /// anybody can have changed anything.
    #[inline]
    pub fn lock(&self, index: usize) -> TimedMutexGuard<'_, Stripe> {
        match self.stripes[index].try_lock() {
            Some(guard) => current(guard),
            None => current(self.lock_slowly(index)),
        }
    }

    /// Locks stripe `index` as [`Keyspace::lock`] does; `None`: it is somebody else's, and `goes_on` has given up.
    #[inline]
    pub fn lock_while(&self, index: usize, goes_on: GoesOn<'_>) -> Option<TimedMutexGuard<'_, Stripe>> {
        match self.stripes[index].try_lock() {
            Some(guard) => Some(current(guard)),
            None => self.lock_slowly_while(index, goes_on).map(current),
        }
    }

    #[cold]
    fn lock_slowly(&self, index: usize) -> TimedMutexGuard<'_, Stripe> {
        self.spin(index).unwrap_or_else(|| {
            host::about_to_sleep();
            self.stripes[index].lock()
        })
    }

    #[cold]
    fn lock_slowly_while(&self, index: usize, goes_on: GoesOn<'_>) -> Option<TimedMutexGuard<'_, Stripe>> {
        let mut found = self.spin(index);
        while found.is_none() && goes_on() {
            host::about_to_sleep();
            found = self.stripes[index].try_lock_for(PARKED_AT_ONCE);
        }
        found
    }

    fn spin(&self, index: usize) -> Option<TimedMutexGuard<'_, Stripe>> {
        (0..SPINS).find_map(|_| {
            (0..PAUSES_PER_SPIN).for_each(|_| std::hint::spin_loop());
            self.stripes[index].try_lock()
        })
    }

    /// The numbers of the stripes of `hashes`. Invariant: ascending order, so that two callers can never wait for each other.
    fn indexes(&self, hashes: impl Iterator<Item = u64>) -> Vec<usize> {
        let mut indexes: Vec<usize> = hashes.map(|h| self.stripe_of(h)).collect();
        indexes.sort_unstable();
        indexes.dedup();
        indexes
    }

    /// Locks the stripes of `hashes`.
    pub fn lock_some(&self, hashes: impl Iterator<Item = u64>) -> Held<'_> {
        let guards = self.indexes(hashes).into_iter().map(|i| (i, self.lock(i))).collect();
        Held { keyspace: self, guards, all: false }
    }

    /// Locks the stripes of `hashes`, unless `goes_on` gives up.
    pub fn lock_some_while(
        &self,
        hashes: impl Iterator<Item = u64>,
        goes_on: GoesOn<'_>,
    ) -> Option<Held<'_>> {
        let indexes = self.indexes(hashes).into_iter();
        let guards = indexes.map(|i| Some((i, self.lock_while(i, goes_on)?))).collect::<Option<_>>()?;
        Some(Held { keyspace: self, guards, all: false })
    }

    /// Locks every stripe.
    pub fn lock_all(&self) -> Held<'_> {
        let guards = (0..self.stripe_count()).map(|i| (i, self.lock(i))).collect();
        Held { keyspace: self, guards, all: true }
    }

    /// Locks every stripe, unless `goes_on` gives up.
    pub fn lock_all_while(&self, goes_on: GoesOn<'_>) -> Option<Held<'_>> {
        let each = 0..self.stripe_count();
        let guards = each.map(|i| Some((i, self.lock_while(i, goes_on)?))).collect::<Option<_>>()?;
        Some(Held { keyspace: self, guards, all: true })
    }

    /// Reaches every stripe, one at a time: nothing stays locked between two visits. Where `goes_on` gives up it ends, and
    /// `given_up` says so.
    pub fn walk<'l>(&'l self, goes_on: GoesOn<'l>, given_up: &'l Cell<bool>) -> Walk<'l> {
        Walk { keyspace: self, guard: None, goes_on, given_up }
    }
}

/// A stripe that was locked just now, with the image of it that is due.
#[inline]
fn current(mut guard: TimedMutexGuard<'_, Stripe>) -> TimedMutexGuard<'_, Stripe> {
    if guard.tally.image_due {
        guard.take_due_image();
    }
    guard
}

/// Stripes that are locked together.
pub struct Held<'l> {
    keyspace: &'l Keyspace,
    guards: Vec<(usize, TimedMutexGuard<'l, Stripe>)>,
    all: bool,
}

impl<'l> Held<'l> {
    /// The locked stripes.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Stripe> + use<'_, 'l> {
        self.guards.iter_mut().map(|(_, guard)| &mut **guard)
    }
}

impl Held<'_> {
    /// Asks for an image of every stripe as it is now, and unlocks them: each is taken by whoever locks the stripe
    /// next. One point in time for all of them when all stripes are held. An image that was taken before and that
    /// nobody fetched is dropped.
    pub fn mark_images_due(mut self) {
        self.guards.iter_mut().for_each(|(_, stripe)| stripe.mark_image_due());
    }

    fn slot(&self, hash: u64) -> Option<usize> {
        let index = self.keyspace.stripe_of(hash);
        if self.all { Some(index) } else { self.guards.binary_search_by_key(&index, |(i, _)| *i).ok() }
    }
}

impl Stripes for Held<'_> {
    fn at(&mut self, hash: u64) -> &mut Stripe {
        // Invariant: a command names every key it touches before the locks are taken.
        let slot = self.slot(hash).expect("a command touches only keys it named");
        &mut self.guards[slot].1
    }

    fn peek(&self, hash: u64) -> Option<&Stripe> {
        self.slot(hash).map(|slot| &*self.guards[slot].1)
    }

    fn each(&mut self, from: usize, visit: &mut dyn FnMut(usize, &mut Stripe) -> bool) {
        for (index, guard) in self.guards.iter_mut().filter(|(index, _)| *index >= from) {
            if !visit(*index, guard) {
                return;
            }
        }
    }

    fn count(&self) -> usize {
        self.keyspace.stripe_count()
    }

    fn classes(&self) -> Classes {
        // All stripes have the same.
        self.guards.first().map_or_else(Classes::default, |(_, stripe)| stripe.tally.interest.classes())
    }
}

/// Every stripe, one after the other.
pub struct Walk<'l> {
    keyspace: &'l Keyspace,
    guard: Option<(usize, TimedMutexGuard<'l, Stripe>)>,
    goes_on: GoesOn<'l>,
    given_up: &'l Cell<bool>,
}

impl Stripes for Walk<'_> {
    fn at(&mut self, hash: u64) -> &mut Stripe {
        let index = self.keyspace.stripe_of(hash);
        if self.guard.as_ref().is_none_or(|(held, _)| *held != index) {
            // One at a time: the old lock goes before the new one is taken.
            self.guard = None;
        }
        let keyspace = self.keyspace;
        &mut self.guard.get_or_insert_with(|| (index, keyspace.lock(index))).1
    }

    fn peek(&self, hash: u64) -> Option<&Stripe> {
        let index = self.keyspace.stripe_of(hash);
        self.guard.as_ref().filter(|(held, _)| *held == index).map(|(_, guard)| &**guard)
    }

    fn each(&mut self, from: usize, visit: &mut dyn FnMut(usize, &mut Stripe) -> bool) {
        self.guard = None;
        for index in from..self.keyspace.stripe_count() {
            let Some(mut stripe) = self.keyspace.lock_while(index, self.goes_on) else {
                self.given_up.set(true);
                return;
            };
            if !visit(index, &mut stripe) {
                return;
            }
        }
    }

    fn count(&self) -> usize {
        self.keyspace.stripe_count()
    }

    fn classes(&self) -> Classes {
        // What walks, reads; events of reading are about keys that are named.
        Classes::default()
    }
}
