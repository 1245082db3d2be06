//! SINTERSTORE: what several sets have in common, stored.
use super::{
    algebra::Op,
    stored::{Facts, Stored},
};
use crate::cmd::{DENYOOM, Group, Spec, WRITE};

/// `SINTERSTORE destination key [key ...]`. Stores the members that are in all of the sets, whatever was there, and
/// returns their number.
pub type SInterStore<'a> = Stored<'a, Of>;

/// What makes the command SINTERSTORE.
#[derive(Debug, Clone, Copy)]
pub struct Of;

impl Facts for Of {
    const SPEC: Spec = Spec {
        id: 0x050E,
        name: "SINTERSTORE",
        usage: "destination key [key ...]",
        arity: -3,
        flags: DENYOOM | WRITE,
        keys: (1, -1, 1),
        group: Group::Set,
        since: "1.0.0",
        complexity: "O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.",
        summary: "Stores the intersect of multiple sets in a key.",
    };
    const OP: Op = Op::Inter;
}

crate::cmd::row!(SInterStore<'_>);
