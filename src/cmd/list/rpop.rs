//! RPOP: elements from the tail of a list.
use super::pop::{self, Pop, Way};
use crate::{cmd::Spec, value::list::Side};

/// `RPOP key [count]`. Removes elements from the tail of a list and returns them.
pub type RPop<'a> = Pop<'a, FromRight>;

/// The way of RPOP.
#[derive(Debug, Clone, Copy)]
pub enum FromRight {}

impl Way for FromRight {
    const SPEC: Spec = pop::spec(
        0x0306,
        "RPOP",
        "Returns and removes one or more elements from the end of a list. Deletes the list if the last element was popped.",
    );
    const SIDE: Side = Side::Right;
}

crate::cmd::row!(RPop<'_>);
