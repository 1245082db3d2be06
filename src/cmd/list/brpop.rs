//! BRPOP: the last element of the first list that has any; waits for one.
use super::blocking::{BPop, spec};
use super::rpop::FromRight;
use crate::cmd::Spec;

/// `BRPOP key [key ...] timeout`. Takes the last element of the first of the lists that is there, and returns the key and
/// the element; waits until there is one.
pub type BRPop<'a> = BPop<'a, FromRight>;

/// Its facts.
pub(super) const SPEC: Spec = spec(
    0x0313,
    "BRPOP",
    "Removes and returns the last element in a list. Blocks until an element is available otherwise. Deletes the list if the last element was popped.",
);

crate::cmd::wait::waiting_row!(BRPop);
