//! SDIFFSTORE: a set without others, stored.
use super::{
    algebra::Op,
    stored::{Facts, Stored},
};
use crate::cmd::{DENYOOM, Group, Spec, WRITE};

/// `SDIFFSTORE destination key [key ...]`. Stores the members of the first set that are in none of the others,
/// whatever was there, and returns their number.
pub type SDiffStore<'a> = Stored<'a, Of>;

/// What makes the command SDIFFSTORE.
#[derive(Debug, Clone, Copy)]
pub struct Of;

impl Facts for Of {
    const SPEC: Spec = Spec {
        id: 0x0510,
        name: "SDIFFSTORE",
        usage: "destination key [key ...]",
        arity: -3,
        flags: DENYOOM | WRITE,
        keys: (1, -1, 1),
        group: Group::Set,
        since: "1.0.0",
        complexity: "O(N) where N is the total number of elements in all given sets.",
        summary: "Stores the difference of multiple sets in a key.",
    };
    const OP: Op = Op::Diff;
}

crate::cmd::row!(SDiffStore<'_>);
