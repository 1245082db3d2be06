//! ZINTER: members of all of several sets.
use super::{
    algebra::Operation,
    combined::{Combined, Way, spec},
};
use crate::cmd::Spec;

/// `ZINTER numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]`.
pub type ZInter<'a> = Combined<'a, ZInterWay>;

/// See [`ZInter`].
#[derive(Debug)]
pub struct ZInterWay;

impl Way for ZInterWay {
    const SPEC: Spec = spec(
        0x061A,
        "ZINTER",
        "numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]",
        "O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.",
        "Returns the intersect of multiple sorted sets.",
    );
    const OPERATION: Operation = Operation::Intersection;
}

crate::cmd::row!(ZInter<'_>);
