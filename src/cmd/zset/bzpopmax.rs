//! BZPOPMAX: the member with the highest score of the first set that has any; waits for one.
use super::blocking::{BZPop, spec};
use super::zpopmax::ZPopMaxWay;
use crate::cmd::Spec;

/// `BZPOPMAX key [key ...] timeout`. Takes the member with the highest score of the first of the sets that is there, and returns
/// the key, the member and its score; waits until there is one.
pub type BZPopMax<'a> = BZPop<'a, ZPopMaxWay>;

/// Its facts.
pub(super) const SPEC: Spec = spec(
    0x0623,
    "BZPOPMAX",
    "Removes and returns the member with the highest score from one or more sorted sets. Blocks until a member is available otherwise. Deletes the sorted set if the last element was popped.",
);

crate::cmd::wait::waiting_row!(BZPopMax);
