//! TTL: how many seconds a key has left.
use super::remaining::{Remaining, Unit};
use crate::cmd::{FAST, Group, READ, Spec};

/// `TTL key`.
pub type Ttl<'a> = Remaining<'a, Told>;

/// See [`Ttl`].
#[derive(Debug, Clone, Copy)]
pub enum Told {}

impl Unit for Told {
    const SPEC: Spec = Spec {
        id: 0x020A,
        name: "TTL",
        usage: "key",
        arity: 2,
        flags: READ | FAST,
        keys: (1, 1, 1),
        group: Group::Generic,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Returns the expiration time in seconds of a key.",
    };
    const MS: u64 = 1000;
    const FROM_NOW: bool = true;
}

crate::cmd::row!(Ttl<'_>);
