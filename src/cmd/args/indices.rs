//! `start stop` and `index`: places in a sequence, counted from the end when negative.
use crate::base::{
    atom::Args,
    error::{Error, Result},
};
use std::ops::Range;

/// An index of LINDEX and LSET. Redis looks the key up before it reads the index: on a missing key a wrong one goes
/// unnoticed. So it is kept here until [`Index::value`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Index(Option<i64>);

impl Index {
    /// Takes an argument that should be an integer.
    pub fn parse(args: &mut Args<'_>) -> Result<Self> {
        let arg = args.take(1)?.int();
        Ok(Self(arg.ok()))
    }

    /// The index.
    ///
    /// # Errors
    /// `ERR value is not an integer or out of range`.
    pub fn value(self) -> Result<i64> {
        self.0.ok_or_else(Error::not_an_integer)
    }
}

impl From<i64> for Index {
    fn from(index: i64) -> Self {
        Self(Some(index))
    }
}

/// Returns the indices from `start` to `stop`, both included, that a sequence of `len` elements has.
pub fn range(start: i64, stop: i64, len: usize) -> Range<usize> {
    let absolute = |index: i64| if index < 0 { index.saturating_add_unsigned(len as u64) } else { index };
    let start = usize::try_from(absolute(start)).unwrap_or(0);
    let end = usize::try_from(absolute(stop)).map_or(0, |stop| stop.saturating_add(1)).min(len);
    if start < end { start..end } else { 0..0 }
}

/// Returns the place of `index` in a sequence of `len` elements, when it has one.
pub fn place(index: i64, len: usize) -> Option<usize> {
    let index = if index < 0 { index.checked_add_unsigned(len as u64)? } else { index };
    usize::try_from(index).ok().filter(|index| *index < len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_from_either_end_and_cut_to_what_is_there() {
        for (start, stop, indices) in [
            (0, -1, 0..5),
            (1, 2, 1..3),
            (-2, -1, 3..5),
            (-100, 100, 0..5),
            (3, 2, 0..0),
            (5, 9, 0..0),
            (0, -6, 0..0),
            (i64::MIN, i64::MAX, 0..5),
            (i64::MAX, i64::MIN, 0..0),
        ] {
            assert_eq!(range(start, stop, 5), indices, "{start} {stop}");
        }
        assert_eq!(range(0, -1, 0), 0..0);
        let places = [0, 4, 5, -1, -5, -6, i64::MIN, i64::MAX].map(|index| place(index, 5));
        assert_eq!(places, [Some(0), Some(4), None, Some(4), Some(0), None, None, None]);
    }
}
