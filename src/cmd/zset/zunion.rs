//! ZUNION: members of any of several sets.
use super::{
    algebra::Operation,
    combined::{Combined, Way, spec},
};
use crate::cmd::Spec;

/// `ZUNION numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]`.
pub type ZUnion<'a> = Combined<'a, ZUnionWay>;

/// See [`ZUnion`].
#[derive(Debug)]
pub struct ZUnionWay;

impl Way for ZUnionWay {
    const SPEC: Spec = spec(
        0x0619,
        "ZUNION",
        "numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]",
        "O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.",
        "Returns the union of multiple sorted sets.",
    );
    const OPERATION: Operation = Operation::Union;
}

crate::cmd::row!(ZUnion<'_>);
