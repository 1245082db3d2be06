//! SDIFF: a set without others.
use super::{
    algebra::Op,
    combination::{Combination, Facts},
};
use crate::cmd::{Group, READ, Spec};

/// `SDIFF key [key ...]`. Returns the members of the first set that are in none of the others.
pub type SDiff<'a> = Combination<'a, Of>;

/// What makes the command SDIFF.
#[derive(Debug, Clone, Copy)]
pub struct Of;

impl Facts for Of {
    const SPEC: Spec = Spec {
        id: 0x050D,
        name: "SDIFF",
        usage: "key [key ...]",
        arity: -2,
        flags: READ,
        keys: (1, -1, 1),
        group: Group::Set,
        since: "1.0.0",
        complexity: "O(N) where N is the total number of elements in all given sets.",
        summary: "Returns the difference of multiple sets.",
    };
    const OP: Op = Op::Diff;
}

crate::cmd::row!(SDiff<'_>);
