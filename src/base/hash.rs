//! The keyed hash of keys, members and fields. Keys come from the host's users, so the key of the hash is
//! random in every process: nobody outside can make many of them collide.
use crate::base::rng;
use foldhash::{SharedSeed, quality::SeedableRandomState};
use std::{
    hash::{BuildHasher, Hasher},
    sync::OnceLock,
};

static SHARED: OnceLock<SharedSeed> = OnceLock::new();
static STATE: OnceLock<SeedableRandomState> = OnceLock::new();

fn state() -> &'static SeedableRandomState {
    STATE.get_or_init(|| seeded(rng::entropy()))
}

fn seeded(seed: u64) -> SeedableRandomState {
    let shared = SHARED.get_or_init(|| SharedSeed::from_u64(seed.rotate_left(32)));
    SeedableRandomState::with_seed(seed, shared)
}

/// Returns the hash of `data`: O(len), the same as long as the process lives.
#[inline]
pub fn bytes(data: &[u8]) -> u64 {
    let mut hasher = state().build_hasher();
    hasher.write(data);
    hasher.finish()
}

/// Fixes the hash's key, so that a test sees the same table order in every run. It returns false, and
/// changes nothing, when something was hashed in this process before.
pub fn fix_seed(seed: u64) -> bool {
    STATE.set(seeded(seed)).is_ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn equal_bytes_hash_equally_and_the_key_is_fixed_once() {
        assert_eq!(super::bytes(b"a"), super::bytes(b"a"));
        assert_ne!(super::bytes(b"a"), super::bytes(b"b"));
        assert_ne!(super::bytes(b""), super::bytes(b"\0"));
        assert!(!super::fix_seed(1));
    }
}
