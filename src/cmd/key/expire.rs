//! EXPIRE: a key shall live for some seconds.
use super::deadline::{Deadline, Unit};
use crate::cmd::{FAST, Group, Spec, WRITE};

/// `EXPIRE key seconds [NX | XX | GT | LT]`.
pub type Expire<'a> = Deadline<'a, Timed>;

/// See [`Expire`].
#[derive(Debug, Clone, Copy)]
pub enum Timed {}

impl Unit for Timed {
    const SPEC: Spec = Spec {
        id: 0x0206,
        name: "EXPIRE",
        usage: "key seconds [NX | XX | GT | LT]",
        arity: -3,
        flags: WRITE | FAST,
        keys: (1, 1, 1),
        group: Group::Generic,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Sets the expiration time of a key in seconds.",
    };
    const MS: i64 = 1000;
    const FROM_NOW: bool = true;
}

crate::cmd::row!(Expire<'_>);
