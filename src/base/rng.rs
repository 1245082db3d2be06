//! The only source of chance. A database draws one seed per command from its [`Seeds`]; a command makes a
//! [`Rng`] of it. Both are deterministic once seeded.
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// Returns 64 unpredictable bits from the operating system, by way of the standard library's hash keys.
#[expect(clippy::disallowed_methods, reason = "the one place that asks for unpredictable bits")]
pub fn entropy() -> u64 {
    RandomState::new().hash_one(0u64)
}

fn mix(mut z: u64) -> u64 {
    // splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// A generator of random numbers: splitmix64. Not for secrets.
#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    /// Starts the sequence of `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns the next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// Returns a number below `bound`, which must not be 0, each with the same chance (to one in 2^64).
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }
}

/// The seeds of a database's commands. A stripe has one of its own, so that no two threads share it.
#[derive(Debug)]
pub struct Seeds(AtomicU64);

impl Seeds {
    /// Starts from `seed`, or from the operating system's chance.
    pub fn new(seed: Option<u64>) -> Self {
        Self(AtomicU64::new(seed.unwrap_or_else(entropy)))
    }

    /// Returns a seed for one command.
    pub fn next(&self) -> u64 {
        mix(self.0.fetch_add(GOLDEN, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_sequence_and_below_stays_below() {
        let (mut a, mut b) = (Rng::new(7), Rng::new(7));
        for bound in 1..1000 {
            let x = a.below(bound);
            assert!(x < bound);
            assert_eq!(x, b.below(bound));
        }
        assert_ne!(Rng::new(7).next(), Rng::new(8).next());
    }
}
