//! SUNIONSTORE: several sets together, stored.
use super::{
    algebra::Op,
    stored::{Facts, Stored},
};
use crate::cmd::{DENYOOM, Group, Spec, WRITE};

/// `SUNIONSTORE destination key [key ...]`. Stores the members that are in any of the sets, whatever was there, and
/// returns their number.
pub type SUnionStore<'a> = Stored<'a, Of>;

/// What makes the command SUNIONSTORE.
#[derive(Debug, Clone, Copy)]
pub struct Of;

impl Facts for Of {
    const SPEC: Spec = Spec {
        id: 0x050F,
        name: "SUNIONSTORE",
        usage: "destination key [key ...]",
        arity: -3,
        flags: DENYOOM | WRITE,
        keys: (1, -1, 1),
        group: Group::Set,
        since: "1.0.0",
        complexity: "O(N) where N is the total number of elements in all given sets.",
        summary: "Stores the union of multiple sets in a key.",
    };
    const OP: Op = Op::Union;
}

crate::cmd::row!(SUnionStore<'_>);
