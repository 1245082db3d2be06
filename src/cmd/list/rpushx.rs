//! RPUSHX: elements behind a list that exists.
use super::push::{self, Push, Way};
use crate::{cmd::Spec, value::list::Side};

/// `RPUSHX key element [element ...]`. Returns the new length, 0 when there is no list.
pub type RPushX<'a> = Push<'a, ToExistingRight>;

/// The way of RPUSHX.
#[derive(Debug, Clone, Copy)]
pub enum ToExistingRight {}

impl Way for ToExistingRight {
    const SPEC: Spec = push::spec(
        0x0304,
        "RPUSHX",
        "2.2.0",
        "Appends one or more elements to a list only when the list exists.",
    );
    const SIDE: Side = Side::Right;
    const ONLY_EXISTING: bool = true;
}

crate::cmd::row!(RPushX<'_>);
