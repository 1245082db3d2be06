//! The stripes of some keys, locked in ascending order: the one file of the keyspace that knows of threads.
//!
//! A waiter spins for about 3 µs before it parks: most commands are over by then, and parking costs more.
use super::{Keyspace, notes::Classes, stripe::Stripe};
use crate::base::sync::MutexGuard;

const SPINS: u32 = 24;
const PAUSES_PER_SPIN: u32 = 16;

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
    pub fn lock(&self, index: usize) -> MutexGuard<'_, Stripe> {
        let mut guard = match self.stripes[index].try_lock() {
            Some(guard) => guard,
            None => self.lock_slowly(index),
        };
        if guard.tally.image_due {
            guard.take_due_image();
        }
        guard
    }

    #[cold]
    fn lock_slowly(&self, index: usize) -> MutexGuard<'_, Stripe> {
        for _ in 0..SPINS {
            for _ in 0..PAUSES_PER_SPIN {
                std::hint::spin_loop();
            }
            if let Some(guard) = self.stripes[index].try_lock() {
                return guard;
            }
        }
        self.stripes[index].lock()
    }

    /// Locks the stripes of `hashes`.
    pub fn lock_some(&self, hashes: impl Iterator<Item = u64>) -> Held<'_> {
        let mut indexes: Vec<usize> = hashes.map(|h| self.stripe_of(h)).collect();
        indexes.sort_unstable();
        indexes.dedup();
        // Invariant: ascending order, so that two callers can never wait for each other.
        let guards = indexes.iter().map(|&i| (i, self.lock(i))).collect();
        Held { keyspace: self, guards, all: false }
    }

    /// Locks every stripe.
    pub fn lock_all(&self) -> Held<'_> {
        let guards = (0..self.stripe_count()).map(|i| (i, self.lock(i))).collect();
        Held { keyspace: self, guards, all: true }
    }

    /// Reaches every stripe, one at a time: nothing stays locked between two visits.
    pub fn walk(&self) -> Walk<'_> {
        Walk { keyspace: self, guard: None }
    }
}

/// Stripes that are locked together.
pub struct Held<'l> {
    keyspace: &'l Keyspace,
    guards: Vec<(usize, MutexGuard<'l, Stripe>)>,
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
    guard: Option<(usize, MutexGuard<'l, Stripe>)>,
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
            if !visit(index, &mut self.keyspace.lock(index)) {
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
