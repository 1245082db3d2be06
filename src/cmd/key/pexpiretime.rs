//! PEXPIRETIME: the millisecond at which a key dies.
use super::remaining::{Remaining, Unit};
use crate::cmd::{FAST, Group, READ, Spec};

/// `PEXPIRETIME key`.
pub type PExpireTime<'a> = Remaining<'a, Told>;

/// See [`PExpireTime`].
#[derive(Debug, Clone, Copy)]
pub enum Told {}

impl Unit for Told {
    const SPEC: Spec = Spec {
        id: 0x020D,
        name: "PEXPIRETIME",
        usage: "key",
        arity: 2,
        flags: READ | FAST,
        keys: (1, 1, 1),
        group: Group::Generic,
        since: "7.0.0",
        complexity: "O(1)",
        summary: "Returns the expiration time of a key as a Unix milliseconds timestamp.",
    };
    const MS: u64 = 1;
    const FROM_NOW: bool = false;
}

crate::cmd::row!(PExpireTime<'_>);
