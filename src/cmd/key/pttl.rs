//! PTTL: how many milliseconds a key has left.
use super::remaining::{Remaining, Unit};
use crate::cmd::{FAST, Group, READ, Spec};

/// `PTTL key`.
pub type PTtl<'a> = Remaining<'a, Told>;

/// See [`PTtl`].
#[derive(Debug, Clone, Copy)]
pub enum Told {}

impl Unit for Told {
    const SPEC: Spec = Spec {
        id: 0x020B,
        name: "PTTL",
        usage: "key",
        arity: 2,
        flags: READ | FAST,
        keys: (1, 1, 1),
        group: Group::Generic,
        since: "2.6.0",
        complexity: "O(1)",
        summary: "Returns the expiration time in milliseconds of a key.",
    };
    const MS: u64 = 1;
    const FROM_NOW: bool = true;
}

crate::cmd::row!(PTtl<'_>);
