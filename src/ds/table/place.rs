//! Where a hash belongs: its seat in the directory, its group and its tag.
use super::group::LOWEST;

/// The two halves of a hash that a table uses.
///
/// `high` gives the seat in the directory and, with the bits that the seat has not used up, the tag: so tags
/// of a segment ascend with the hash, and a scan finds where to go on without a look at the entries. `low`
/// gives the group; it has nothing in common with `high`, which the entries of a segment share in part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// 63 bits, so that a seat among one takes no shift by the whole width.
    pub high: u64,
    low: u32,
}

/// The most bits that may choose a seat; eight more make the tag.
pub(super) const DEPTH_MAX: u8 = 32;

impl Place {
    #[inline(always)]
    pub fn new(hash: u64, skip: u8) -> Self {
        Self { high: warp(hash << skip) >> 1, low: hash as u32 }
    }

    /// The seat in a directory of 2^`bits` seats.
    #[inline(always)]
    pub fn seat(self, bits: u8) -> usize {
        (self.high >> (63 - bits)) as usize
    }

    #[inline(always)]
    pub fn group(self, mask: u32) -> u32 {
        self.low & mask
    }

    /// The tag in a segment that is reached by `depth` bits.
    #[inline(always)]
    pub fn tag(self, depth: u8) -> u8 {
        ((self.high >> (55 - depth)) as u8).max(LOWEST)
    }

    /// Which of the two halves of a segment of `depth` takes the entry.
    #[inline(always)]
    pub fn side(self, depth: u8) -> usize {
        (self.high >> (62 - depth)) as usize & 1
    }
}

/// Bends the even distribution of hashes so that the last seat gets about twice as much as the first one.
///
/// With an even distribution all segments are full at the same time and split at the same time: a table is
/// 87 % full now and 44 % a moment later, for every size in the same place. Bent like this (about
/// `log2(1 + hash)`), the segments at the end split first, those at the beginning last, and when they do the
/// end is due again: a table of any size is about 61 % full (spiral storage, G. N. N. Martin 1979).
///
/// It never descends, so the directory is in hash order: `q` falls by at most 1 when the hash grows by 1, and
/// three eighths of it by at most 1, too.
#[inline(always)]
fn warp(hash: u64) -> u64 {
    // At most 2^62, in the middle.
    let q = ((u128::from(hash) * u128::from(!hash)) >> 64) as u64;
    hash + ((q * 3) >> 3)
}

/// The lowest hash, of those shifted by what a table skips, that belongs to the `nth` of 2^`depth` seats.
pub(super) fn first_hash(nth: u64, depth: u8) -> u64 {
    let (mut low, mut high) = (0, u64::MAX);
    while low < high {
        let middle = low + (high - low) / 2;
        if Place::new(middle, 0).seat(depth) as u64 >= nth {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bend_ascends_and_covers_the_range() {
        assert_eq!((warp(0), warp(u64::MAX)), (0, u64::MAX));
        for part in 0..=1024u64 {
            let start = part.saturating_mul(1 << 54).min(u64::MAX - 300);
            for hash in start..start + 300 {
                assert!(warp(hash) <= warp(hash + 1), "{hash}");
            }
        }
        let width = |hash: u64| (warp(hash + (1 << 50)) - warp(hash)) as f64;
        let ratio = width(0) / width(u64::MAX - (1 << 50));
        assert!((1.9..2.3).contains(&ratio), "{ratio}");
    }

    #[test]
    fn the_first_hash_of_a_seat_is_just_behind_the_seat_before() {
        assert_eq!((first_hash(0, 0), first_hash(0, 9)), (0, 0));
        for depth in [1, 4, 9] {
            for nth in 1..1 << depth {
                let first = first_hash(nth, depth);
                assert_eq!(Place::new(first, 0).seat(depth) as u64, nth);
                assert_eq!(Place::new(first - 1, 0).seat(depth) as u64, nth - 1);
            }
        }
    }

    #[test]
    fn a_tag_ascends_with_the_hash_within_a_segment() {
        for depth in [0, 1, 7, DEPTH_MAX] {
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
