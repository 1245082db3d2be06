//! EXPIREAT: a key shall live until a second.
use super::deadline::{Deadline, Unit};
use crate::cmd::{FAST, Group, Spec, WRITE};

/// `EXPIREAT key unix-time-seconds [NX | XX | GT | LT]`.
pub type ExpireAt<'a> = Deadline<'a, Timed>;

/// See [`ExpireAt`].
#[derive(Debug, Clone, Copy)]
pub enum Timed {}

impl Unit for Timed {
    const SPEC: Spec = Spec {
        id: 0x0208,
        name: "EXPIREAT",
        usage: "key unix-time-seconds [NX | XX | GT | LT]",
        arity: -3,
        flags: WRITE | FAST,
        keys: (1, 1, 1),
        group: Group::Generic,
        since: "1.2.0",
        complexity: "O(1)",
        summary: "Sets the expiration time of a key to a Unix timestamp.",
    };
    const MS: i64 = 1000;
    const FROM_NOW: bool = false;
}

crate::cmd::row!(ExpireAt<'_>);
