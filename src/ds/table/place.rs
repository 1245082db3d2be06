//! Where a hash belongs: its seat in the directory, its group and its tag.
use super::group::{KINDS, LOWEST};

/// The two halves of a hash that a table uses.
///
/// `high` gives the seat in the directory and, with the bits that the seat has not used up, the tag: so tags
/// of a segment ascend with the hash, and a scan finds where to go on without a look at the entries. `low`
/// gives the group; it has nothing in common with `high`, which the entries of a segment share in part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub high: u32,
    low: u32,
}

impl Place {
    #[inline(always)]
    pub fn new(hash: u64, skip: u8) -> Self {
        Self { high: warp(((hash << skip) >> 32) as u32), low: hash as u32 }
    }

    /// The seat in a directory of 2^`bits` seats.
    #[inline(always)]
    pub fn seat(self, bits: u8) -> usize {
        (u64::from(self.high) >> (32 - bits)) as usize
    }

    #[inline(always)]
    pub fn group(self, mask: u32) -> u32 {
        self.low & mask
    }

    /// The tag in a segment that is reached by `depth` bits.
    #[inline(always)]
    pub fn tag(self, depth: u8) -> u8 {
        let next = (self.high << depth) >> 24;
        LOWEST + ((next * KINDS) >> 8) as u8
    }

    /// Which of the two halves of a segment of `depth` takes the entry.
    #[inline(always)]
    pub fn side(self, depth: u8) -> usize {
        ((self.high << depth) >> 31) as usize
    }
}

/// Bends the even distribution of hashes so that the last seat gets about twice as much as the first one.
///
/// With an even distribution all segments are full at the same time and split at the same time: a table is
/// 87 % full now and 44 % a moment later, for every size in the same place. Bent like this (about
/// `log2(1 + high)`), the segments at the end split first, those at the beginning last, and when they do the
/// end is due again: a table of any size is about 61 % full (spiral storage, G. N. N. Martin 1979).
///
/// It never descends, so the directory is in hash order: `q` falls by at most 1 when `high` grows by 1.
#[inline(always)]
fn warp(high: u32) -> u32 {
    let p = u64::from(high);
    let q = (p * ((1 << 32) - p)) >> 32;
    (p + ((q * 11) >> 5)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bend_ascends_and_covers_the_range() {
        assert_eq!((warp(0), warp(u32::MAX)), (0, u32::MAX));
        for start in (0..=u32::MAX).step_by(1 << 22) {
            for p in start..start.saturating_add(300).min(u32::MAX - 1) {
                assert!(warp(p) <= warp(p + 1), "{p}");
            }
        }
        for p in u32::MAX - 5000..u32::MAX {
            assert!(warp(p) <= warp(p + 1), "{p}");
        }
        let width = |p: u32| warp(p + (1 << 20)) - warp(p);
        let ratio = f64::from(width(0)) / f64::from(width(u32::MAX - (1 << 20)));
        assert!((1.9..2.2).contains(&ratio), "{ratio}");
    }

    #[test]
    fn a_tag_ascends_with_the_hash_within_a_segment() {
        for depth in [0, 1, 7, 24] {
            let mut last = 0;
            for i in 0..1000u64 {
                let hash = (i * (u64::MAX / 1000)) >> depth;
                let tag = Place::new(hash, 0).tag(depth);
                // Bending may carry the last ones into the next segment.
                if Place::new(hash, 0).seat(depth) == 0 {
                    assert!(tag >= last && tag >= LOWEST);
                    last = tag;
                }
            }
        }
    }
}
