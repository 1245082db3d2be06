//! SUNION: several sets together.
use super::{
    algebra::Op,
    combination::{Combination, Facts},
};
use crate::cmd::{Group, READ, Spec};

/// `SUNION key [key ...]`. Returns the members that are in any of the sets.
pub type SUnion<'a> = Combination<'a, Of>;

/// What makes the command SUNION.
#[derive(Debug, Clone, Copy)]
pub struct Of;

impl Facts for Of {
    const SPEC: Spec = Spec {
        id: 0x050C,
        name: "SUNION",
        usage: "key [key ...]",
        arity: -2,
        flags: READ,
        keys: (1, -1, 1),
        group: Group::Set,
        since: "1.0.0",
        complexity: "O(N) where N is the total number of elements in all given sets.",
        summary: "Returns the union of multiple sets.",
    };
    const OP: Op = Op::Union;
}

crate::cmd::row!(SUnion<'_>);
