//! Sums over the stripes: what INFO tells, and what CONFIG changes in all of them.
use super::{
    stripe::{Slice, Stripe, weight},
    view::View,
};
use crate::base::{
    events::Classes,
    limits::{DATABASES, Encodings},
};

/// One database.
#[derive(Debug, Clone, Copy, Default)]
pub struct Population {
    pub keys: usize,
    /// Keys with a time to live.
    pub expires: usize,
    pub bytes: usize,
}

/// All of the keyspace.
#[derive(Debug, Clone, Default)]
pub struct Totals {
    pub databases: [Population; DATABASES],
    /// Bytes of keys, values, tables and wheels.
    pub bytes: usize,
    pub hits: u64,
    pub misses: u64,
    pub expired: u64,
    /// Commands about keys.
    pub commands: u64,
}

impl Stripe {
    /// All bytes of the stripe: its keys, values, tables and wheels. O(databases).
    pub fn mem_bytes(&self) -> usize {
        size_of::<Self>() + self.slices.iter().map(Slice::mem_bytes).sum::<usize>()
    }
}

impl View<'_> {
    /// Sums up the stripes. O(stripes × databases).
    pub fn totals(&mut self) -> Totals {
        let mut totals = Totals::default();
        self.each_stripe(0, &mut |_, stripe| {
            for (db, sum) in totals.databases.iter_mut().enumerate() {
                let slice = stripe.slice(db as u32);
                sum.keys += slice.len();
                sum.expires += slice.expires();
                sum.bytes += slice.mem_bytes();
            }
            totals.bytes += stripe.mem_bytes();
            totals.hits += stripe.tally.hits;
            totals.misses += stripe.tally.misses;
            totals.expired += stripe.tally.expired;
            totals.commands += stripe.tally.commands;
            true
        });
        totals
    }

    /// Starts counting hits, misses, expired keys and commands again.
    pub fn reset_totals(&mut self) {
        self.each_stripe(0, &mut |_, stripe| {
            let tally = &mut stripe.tally;
            (tally.hits, tally.misses, tally.expired, tally.commands) = (0, 0, 0, 0);
            true
        });
    }

    /// Has every stripe take over the settings that it keeps itself.
    pub fn configure(&mut self, settings: (Encodings, Classes)) {
        self.each_stripe(0, &mut |_, stripe| {
            stripe.tally.configure(settings);
            true
        });
    }

    /// The bytes of `key` with its value, as the accounting of memory counts them. It does not count as a use.
    pub fn memory_of(&mut self, key: &[u8]) -> Option<usize> {
        self.peek(key).map(weight)
    }
}
