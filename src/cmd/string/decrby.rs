//! DECRBY: so many less.
use super::count::{Count, Direction, Step};
use crate::cmd::{DENYOOM, FAST, Group, Spec, WRITE};

/// `DECRBY key decrement`.
pub type DecrBy<'a> = Count<'a, Counted>;

/// See [`DecrBy`].
#[derive(Debug, Clone, Copy)]
pub enum Counted {}

impl Step for Counted {
    const SPEC: Spec = Spec {
        id: 0x0113,
        name: "DECRBY",
        usage: "key decrement",
        arity: 3,
        flags: WRITE | DENYOOM | FAST,
        keys: (1, 1, 1),
        group: Group::String,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Decrements the integer value of a key by a number. Uses 0 as initial value if the key doesn't exist.",
    };
    const DIRECTION: Direction = Direction::Down;
    const SAID: bool = true;
}

crate::cmd::row!(DecrBy<'_>);
