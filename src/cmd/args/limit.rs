//! `LIMIT offset count`: a part of a range.
use crate::{
    base::{atom::Args, error::Result},
    value::zset::Order,
};
use std::ops::Range;

/// A part of a range, in the order in which it is gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How many to leave out first. Negative: nothing is left, as in Redis.
    pub offset: i64,
    /// How many to take then. Negative: all.
    pub count: i64,
}

impl Limit {
    /// Everything.
    pub const ALL: Self = Self { offset: 0, count: -1 };

    /// Takes `LIMIT offset count` when it stands next. With less than two arguments behind it the word is no limit.
    pub fn parse(args: &mut Args<'_>) -> Result<Option<Self>> {
        if args.len() < 3 || !args.token("LIMIT") {
            return Ok(None);
        }
        Ok(Some(Self { offset: args.int()?, count: args.int()? }))
    }

    /// Returns the part of `ranks`, which are gone through in that order.
    pub fn cut(self, ranks: Range<usize>, order: Order) -> Range<usize> {
        let all = ranks.len();
        let skipped = usize::try_from(self.offset).unwrap_or(usize::MAX).min(all);
        let taken = usize::try_from(self.count).unwrap_or(usize::MAX).min(all - skipped);
        match order {
            Order::Ascending => ranks.start + skipped..ranks.start + skipped + taken,
            Order::Descending => ranks.end - skipped - taken..ranks.end - skipped,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_cut_from_the_end_that_comes_first() {
        let cut = |offset, count, order| Limit { offset, count }.cut(10..20, order);
        assert_eq!(cut(2, 3, Order::Ascending), 12..15);
        assert_eq!(cut(2, 3, Order::Descending), 15..18);
        assert_eq!((cut(0, -1, Order::Ascending), cut(4, i64::MIN, Order::Descending)), (10..20, 10..16));
        for (offset, count) in [(-1, 5), (i64::MIN, -1), (10, 1), (i64::MAX, i64::MAX), (3, 0)] {
            assert!(cut(offset, count, Order::Ascending).is_empty());
            assert!(cut(offset, count, Order::Descending).is_empty());
        }
    }
}
