//! SINTER: what several sets have in common.
use super::{
    algebra::Op,
    combination::{Combination, Facts},
};
use crate::cmd::{Group, READ, Spec};

/// `SINTER key [key ...]`. Returns the members that are in all of the sets.
pub type SInter<'a> = Combination<'a, Of>;

/// What makes the command SINTER.
#[derive(Debug, Clone, Copy)]
pub struct Of;

impl Facts for Of {
    const SPEC: Spec = Spec {
        id: 0x050B,
        name: "SINTER",
        usage: "key [key ...]",
        arity: -2,
        flags: READ,
        keys: (1, -1, 1),
        group: Group::Set,
        since: "1.0.0",
        complexity: "O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.",
        summary: "Returns the intersect of multiple sets.",
    };
    const OP: Op = Op::Inter;
}

crate::cmd::row!(SInter<'_>);
