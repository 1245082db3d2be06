//! BZPOPMIN: the member with the lowest score of the first set that has any; waits for one.
use super::blocking::{BZPop, spec};
use super::zpopmin::ZPopMinWay;
use crate::cmd::Spec;

/// `BZPOPMIN key [key ...] timeout`. Takes the member with the lowest score of the first of the sets that is there, and returns
/// the key, the member and its score; waits until there is one.
pub type BZPopMin<'a> = BZPop<'a, ZPopMinWay>;

/// Its facts.
pub(super) const SPEC: Spec = spec(
    0x0622,
    "BZPOPMIN",
    "Removes and returns the member with the lowest score from one or more sorted sets. Blocks until a member is available otherwise. Deletes the sorted set if the last element was popped.",
);

crate::cmd::wait::waiting_row!(BZPopMin);
