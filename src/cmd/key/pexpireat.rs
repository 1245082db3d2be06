//! PEXPIREAT: a key shall live until a millisecond.
use super::deadline::{Deadline, Unit};
use crate::{
    base::atom::Record,
    cmd::{FAST, Group, Spec, WRITE},
};

/// `PEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT]`.
pub type PExpireAt<'a> = Deadline<'a, Timed>;

/// See [`PExpireAt`].
#[derive(Debug, Clone, Copy)]
pub enum Timed {}

impl Unit for Timed {
    const SPEC: Spec = Spec {
        id: 0x0209,
        name: "PEXPIREAT",
        usage: "key unix-time-milliseconds [NX | XX | GT | LT]",
        arity: -3,
        flags: WRITE | FAST,
        keys: (1, 1, 1),
        group: Group::Generic,
        since: "2.6.0",
        complexity: "O(1)",
        summary: "Sets the expiration time of a key to a Unix milliseconds timestamp.",
    };
    const MS: i64 = 1;
    const FROM_NOW: bool = false;
}

impl PExpireAt<'_> {
    /// Writes the PEXPIREAT of one key.
    pub fn record(rec: &mut Record, key: &[u8], at_ms: u64) {
        rec.command(Timed::SPEC.id).bytes(key).int(at_ms as i64);
    }
}

crate::cmd::row!(PExpireAt<'_>);
