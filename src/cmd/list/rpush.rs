//! RPUSH: elements behind a list.
use super::push::{self, Push, Way};
use crate::{cmd::Spec, value::list::Side};

/// `RPUSH key element [element ...]`. Returns the new length.
pub type RPush<'a> = Push<'a, ToRight>;

/// The way of RPUSH.
#[derive(Debug, Clone, Copy)]
pub enum ToRight {}

impl Way for ToRight {
    const SPEC: Spec = push::spec(
        0x0302,
        "RPUSH",
        "1.0.0",
        "Appends one or more elements to a list. Creates the key if it doesn't exist.",
    );
    const SIDE: Side = Side::Right;
}

crate::cmd::row!(RPush<'_>);
