//! EXPIRETIME: the second at which a key dies.
use super::remaining::{Remaining, Unit};
use crate::cmd::{FAST, Group, READ, Spec};

/// `EXPIRETIME key`.
pub type ExpireTime<'a> = Remaining<'a, Told>;

/// See [`ExpireTime`].
#[derive(Debug, Clone, Copy)]
pub enum Told {}

impl Unit for Told {
    const SPEC: Spec = Spec {
        id: 0x020C,
        name: "EXPIRETIME",
        usage: "key",
        arity: 2,
        flags: READ | FAST,
        keys: (1, 1, 1),
        group: Group::Generic,
        since: "7.0.0",
        complexity: "O(1)",
        summary: "Returns the expiration time of a key as a Unix timestamp.",
    };
    const MS: u64 = 1000;
    const FROM_NOW: bool = false;
}

crate::cmd::row!(ExpireTime<'_>);
