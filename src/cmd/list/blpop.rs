//! BLPOP: the first element of the first list that has any; waits for one.
use super::blocking::{BPop, spec};
use super::lpop::FromLeft;
use crate::cmd::Spec;

/// `BLPOP key [key ...] timeout`. Takes the first element of the first of the lists that is there, and returns the key and
/// the element; waits until there is one.
pub type BLPop<'a> = BPop<'a, FromLeft>;

/// Its facts.
pub(super) const SPEC: Spec = spec(
    0x0312,
    "BLPOP",
    "Removes and returns the first element in a list. Blocks until an element is available otherwise. Deletes the list if the last element was popped.",
);

crate::cmd::wait::waiting_row!(BLPop);
