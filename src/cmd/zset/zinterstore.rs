//! ZINTERSTORE: keeps the members of all of several sets.
use super::{
    algebra::Operation,
    combined::{CombinedStore, Way, store_spec},
};
use crate::cmd::Spec;

/// `ZINTERSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>]`.
pub type ZInterStore<'a> = CombinedStore<'a, ZInterStoreWay>;

/// See [`ZInterStore`].
#[derive(Debug)]
pub struct ZInterStoreWay;

impl Way for ZInterStoreWay {
    const SPEC: Spec = store_spec(
        0x061D,
        "ZINTERSTORE",
        "destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>]",
        "2.0.0",
        "O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.",
        "Stores the intersect of multiple sorted sets in a key.",
    );
    const OPERATION: Operation = Operation::Intersection;
}

crate::cmd::row!(ZInterStore<'_>);
