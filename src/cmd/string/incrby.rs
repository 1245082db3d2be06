//! INCRBY: so many more.
use super::count::{Count, Direction, Step};
use crate::cmd::{DENYOOM, FAST, Group, Spec, WRITE};

/// `INCRBY key increment`.
pub type IncrBy<'a> = Count<'a, Counted>;

/// See [`IncrBy`].
#[derive(Debug, Clone, Copy)]
pub enum Counted {}

impl Step for Counted {
    const SPEC: Spec = Spec {
        id: 0x0112,
        name: "INCRBY",
        usage: "key increment",
        arity: 3,
        flags: WRITE | DENYOOM | FAST,
        keys: (1, 1, 1),
        group: Group::String,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Increments the integer value of a key by a number. Uses 0 as initial value if the key doesn't exist.",
    };
    const DIRECTION: Direction = Direction::Up;
    const SAID: bool = true;
}

crate::cmd::row!(IncrBy<'_>);
