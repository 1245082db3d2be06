//! PSETEX: a string that lives for some milliseconds.
use super::timed::{Timed, Unit};
use crate::cmd::{DENYOOM, Group, Spec, WRITE};

/// `PSETEX key milliseconds value`.
pub type PSetEx<'a> = Timed<'a, Milliseconds>;

/// See [`PSetEx`].
#[derive(Debug, Clone, Copy)]
pub enum Milliseconds {}

impl Unit for Milliseconds {
    const SPEC: Spec = Spec {
        id: 0x0106,
        name: "PSETEX",
        usage: "key milliseconds value",
        arity: 4,
        flags: WRITE | DENYOOM,
        keys: (1, 1, 1),
        group: Group::String,
        since: "2.6.0",
        complexity: "O(1)",
        summary: "Sets both string value and expiration time in milliseconds of a key. The key is created if it doesn't exist.",
    };
    const MS: i64 = 1;
}

crate::cmd::row!(PSetEx<'_>);
