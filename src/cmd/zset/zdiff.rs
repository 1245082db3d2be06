//! ZDIFF: members of the first of several sets only.
use super::{
    algebra::Operation,
    combined::{Combined, Way, spec},
};
use crate::cmd::Spec;

/// `ZDIFF numkeys key [key ...] [WITHSCORES]`.
pub type ZDiff<'a> = Combined<'a, ZDiffWay>;

/// See [`ZDiff`].
#[derive(Debug)]
pub struct ZDiffWay;

impl Way for ZDiffWay {
    const SPEC: Spec = spec(
        0x061B,
        "ZDIFF",
        "numkeys key [key ...] [WITHSCORES]",
        "O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.",
        "Returns the difference between multiple sorted sets.",
    );
    const OPERATION: Operation = Operation::Difference;
}

crate::cmd::row!(ZDiff<'_>);
