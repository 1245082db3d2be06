//! LPUSH: elements in front of a list.
use super::push::{self, Push, Way};
use crate::{cmd::Spec, value::list::Side};

/// `LPUSH key element [element ...]`. Returns the new length.
pub type LPush<'a> = Push<'a, ToLeft>;

/// The way of LPUSH.
#[derive(Debug, Clone, Copy)]
pub enum ToLeft {}

impl Way for ToLeft {
    const SPEC: Spec = push::spec(
        0x0301,
        "LPUSH",
        "1.0.0",
        "Prepends one or more elements to a list. Creates the key if it doesn't exist.",
    );
    const SIDE: Side = Side::Left;
}

crate::cmd::row!(LPush<'_>);
