//! LPUSHX: elements in front of a list that exists.
use super::push::{self, Push, Way};
use crate::{cmd::Spec, value::list::Side};

/// `LPUSHX key element [element ...]`. Returns the new length, 0 when there is no list.
pub type LPushX<'a> = Push<'a, ToExistingLeft>;

/// The way of LPUSHX.
#[derive(Debug, Clone, Copy)]
pub enum ToExistingLeft {}

impl Way for ToExistingLeft {
    const SPEC: Spec = push::spec(
        0x0303,
        "LPUSHX",
        "2.2.0",
        "Prepends one or more elements to a list only when the list exists.",
    );
    const SIDE: Side = Side::Left;
    const ONLY_EXISTING: bool = true;
}

crate::cmd::row!(LPushX<'_>);
