//! HVALS: the values of a hash.
use super::listing::{Facts, Listing, Part};
use crate::cmd::{Group, READ, Spec};

/// `HVALS key`. Returns all values, in no particular order.
pub type HVals<'a> = Listing<'a, Of>;

/// What makes the command HVALS.
#[derive(Debug, Clone, Copy)]
pub struct Of;

impl Facts for Of {
    const SPEC: Spec = Spec {
        id: 0x0408,
        name: "HVALS",
        usage: "key",
        arity: 2,
        flags: READ,
        keys: (1, 1, 1),
        group: Group::Hash,
        since: "2.0.0",
        complexity: "O(N) where N is the size of the hash.",
        summary: "Returns all values in a hash.",
    };
    const PART: Part = Part::Values;
}

crate::cmd::row!(HVals<'_>);
