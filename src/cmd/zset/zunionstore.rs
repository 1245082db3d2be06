//! ZUNIONSTORE: keeps the members of any of several sets.
use super::{
    algebra::Operation,
    combined::{CombinedStore, Way, store_spec},
};
use crate::cmd::Spec;

/// `ZUNIONSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>]`.
pub type ZUnionStore<'a> = CombinedStore<'a, ZUnionStoreWay>;

/// See [`ZUnionStore`].
#[derive(Debug)]
pub struct ZUnionStoreWay;

impl Way for ZUnionStoreWay {
    const SPEC: Spec = store_spec(
        0x061C,
        "ZUNIONSTORE",
        "destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>]",
        "2.0.0",
        "O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.",
        "Stores the union of multiple sorted sets in a key.",
    );
    const OPERATION: Operation = Operation::Union;
}

crate::cmd::row!(ZUnionStore<'_>);
