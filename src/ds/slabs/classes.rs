//! Sizes of blocks: in steps of 8 bytes to 256, then eight to each power of two, and one for what tables are made of.

/// The largest block that slabs are cut into: a full segment of a table whose entries are words. The keyspace is made
/// of them, and 14 fill a slab; a size of the series would waste a tenth of it.
pub const LARGEST: usize = 4624;

/// The number of sizes.
pub const CLASSES: usize = 65;

/// The largest size of the series.
pub const REGULAR_MAX: usize = 4096;

/// Up to here there is a class every 8 bytes.
const FINE_MAX: usize = 256;
const FINE: usize = FINE_MAX / 8;

/// The class of a size from 1 to [`LARGEST`].
#[inline]
pub fn class_of(size: usize) -> usize {
    debug_assert!((1..=LARGEST).contains(&size));
    let last = size - 1;
    if size <= FINE_MAX {
        return last / 8;
    }
    if size > REGULAR_MAX {
        return CLASSES - 1;
    }
    // The power of two below or at `last`, and the eighth of it in which `last` lies.
    let power = last.ilog2() as usize;
    FINE + (power - 8) * 8 + ((last >> (power - 3)) & 7)
}

/// How long the blocks of a class are.
#[inline]
pub const fn bytes_of(class: usize) -> usize {
    if class < FINE {
        return (class + 1) * 8;
    }
    if class == CLASSES - 1 {
        return LARGEST;
    }
    let (power, eighth) = ((class - FINE) / 8 + 8, (class - FINE) % 8);
    (8 + eighth + 1) << (power - 3)
}

const _: () = assert!(bytes_of(FINE - 1) == FINE_MAX && bytes_of(CLASSES - 2) == REGULAR_MAX);
