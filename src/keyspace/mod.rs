//! Keys and time: the stripes, their locks, and the view through which a command sees its keys.
//!
//! ```text
//!   key ──hash──▶ 64 bits ─┬─ top 6 bits ──▶ stripe ──▶ slice (one per database) ──▶ table ──▶ entry
//!                          └─ the rest ────────────────────────────────────────────────┘
//! ```
//!
//! A [`stripe::Stripe`] is plain single-threaded code; [`locks`] is the one file that knows of threads. Nothing global
//! is written on the way to a key.
pub mod bulk;
pub mod digest;
pub mod dump;
pub mod image;
pub mod interest;
pub mod locks;
pub mod notes;
pub mod piece;
pub mod place;
pub mod scan;
pub mod strings;
pub mod stripe;
pub mod totals;
pub mod view;
pub mod watch;

use crate::{
    base::{limits::Encodings, rng::Seeds, sync::TimedMutex},
    value::Value,
};
use crossbeam_utils::CachePadded;
use stripe::Stripe;

/// A key, its value and its expiry: one allocation.
pub type Entry = crate::ds::entry::Entry<Value>;

/// All keys of a database directory or of a memory database: the stripes.
pub struct Keyspace {
    stripes: Box<[CachePadded<TimedMutex<Stripe>>]>,
    shift: u32,
}

impl Keyspace {
    /// Makes an empty keyspace of `stripes` locks, rounded up to a power of two between 1 and 4096.
    pub fn new(stripes: usize, limits: Encodings, seeds: &Seeds) -> Self {
        let bits = stripes.clamp(1, 4096).next_power_of_two().trailing_zeros();
        let stripes = (0..1usize << bits)
            .map(|_| CachePadded::new(TimedMutex::new(Stripe::new(bits as u8, limits, seeds.next()))));
        Self { stripes: stripes.collect(), shift: 64 - bits }
    }

    /// The number of stripes.
    pub fn stripe_count(&self) -> usize {
        self.stripes.len()
    }

    /// The number of the stripe that holds the keys of hash `hash`.
    #[inline]
    pub fn stripe_of(&self, hash: u64) -> usize {
        // A shift by 64 (one stripe) would overflow.
        hash.checked_shr(self.shift).unwrap_or(0) as usize
    }
}
