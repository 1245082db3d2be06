//! ZDIFFSTORE: keeps the members of the first of several sets only.
use super::{
    algebra::Operation,
    combined::{CombinedStore, Way, store_spec},
};
use crate::cmd::Spec;

/// `ZDIFFSTORE destination numkeys key [key ...]`.
pub type ZDiffStore<'a> = CombinedStore<'a, ZDiffStoreWay>;

/// See [`ZDiffStore`].
#[derive(Debug)]
pub struct ZDiffStoreWay;

impl Way for ZDiffStoreWay {
    const SPEC: Spec = store_spec(
        0x061E,
        "ZDIFFSTORE",
        "destination numkeys key [key ...]",
        "6.2.0",
        "O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.",
        "Stores the difference of multiple sorted sets in a key.",
    );
    const OPERATION: Operation = Operation::Difference;
}

crate::cmd::row!(ZDiffStore<'_>);
