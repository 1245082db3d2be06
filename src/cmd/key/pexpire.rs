//! PEXPIRE: a key shall live for some milliseconds.
use super::deadline::{Deadline, Unit};
use crate::cmd::{FAST, Group, Spec, WRITE};

/// `PEXPIRE key milliseconds [NX | XX | GT | LT]`.
pub type PExpire<'a> = Deadline<'a, Timed>;

/// See [`PExpire`].
#[derive(Debug, Clone, Copy)]
pub enum Timed {}

impl Unit for Timed {
    const SPEC: Spec = Spec {
        id: 0x0207,
        name: "PEXPIRE",
        usage: "key milliseconds [NX | XX | GT | LT]",
        arity: -3,
        flags: WRITE | FAST,
        keys: (1, 1, 1),
        group: Group::Generic,
        since: "2.6.0",
        complexity: "O(1)",
        summary: "Sets the expiration time of a key in milliseconds.",
    };
    const MS: i64 = 1;
    const FROM_NOW: bool = true;
}

crate::cmd::row!(PExpire<'_>);
