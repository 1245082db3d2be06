//! DECR: one less.
use super::count::{Count, Direction, Step};
use crate::cmd::{DENYOOM, FAST, Group, Spec, WRITE};

/// `DECR key`.
pub type Decr<'a> = Count<'a, Counted>;

/// See [`Decr`].
#[derive(Debug, Clone, Copy)]
pub enum Counted {}

impl Step for Counted {
    const SPEC: Spec = Spec {
        id: 0x0111,
        name: "DECR",
        usage: "key",
        arity: 2,
        flags: WRITE | DENYOOM | FAST,
        keys: (1, 1, 1),
        group: Group::String,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Decrements the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.",
    };
    const DIRECTION: Direction = Direction::Down;
    const SAID: bool = false;
}

crate::cmd::row!(Decr<'_>);
