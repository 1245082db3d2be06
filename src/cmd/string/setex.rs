//! SETEX: a string that lives for some seconds.
use super::timed::{Timed, Unit};
use crate::cmd::{DENYOOM, Group, Spec, WRITE};

/// `SETEX key seconds value`.
pub type SetEx<'a> = Timed<'a, Seconds>;

/// See [`SetEx`].
#[derive(Debug, Clone, Copy)]
pub enum Seconds {}

impl Unit for Seconds {
    const SPEC: Spec = Spec {
        id: 0x0105,
        name: "SETEX",
        usage: "key seconds value",
        arity: 4,
        flags: WRITE | DENYOOM,
        keys: (1, 1, 1),
        group: Group::String,
        since: "2.0.0",
        complexity: "O(1)",
        summary: "Sets the string value and expiration time of a key. Creates the key if it doesn't exist.",
    };
    const MS: i64 = 1000;
}

crate::cmd::row!(SetEx<'_>);
