//! LPOP: elements from the head of a list.
use super::pop::{self, Pop, Way};
use crate::{cmd::Spec, value::list::Side};

/// `LPOP key [count]`. Removes elements from the head of a list and returns them.
pub type LPop<'a> = Pop<'a, FromLeft>;

/// The way of LPOP.
#[derive(Debug, Clone, Copy)]
pub enum FromLeft {}

impl Way for FromLeft {
    const SPEC: Spec = pop::spec(
        0x0305,
        "LPOP",
        "Returns and removes one or more elements from the beginning of a list. Deletes the list if the last element was popped.",
    );
    const SIDE: Side = Side::Left;
}

crate::cmd::row!(LPop<'_>);
