//! HGETALL: a whole hash.
use super::listing::{Facts, Listing, Part};
use crate::cmd::{Group, READ, Spec};

/// `HGETALL key`. Returns all fields with their values, in no particular order.
pub type HGetAll<'a> = Listing<'a, Of>;

/// What makes the command HGETALL.
#[derive(Debug, Clone, Copy)]
pub struct Of;

impl Facts for Of {
    const SPEC: Spec = Spec {
        id: 0x0406,
        name: "HGETALL",
        usage: "key",
        arity: 2,
        flags: READ,
        keys: (1, 1, 1),
        group: Group::Hash,
        since: "2.0.0",
        complexity: "O(N) where N is the size of the hash.",
        summary: "Returns all fields and values in a hash.",
    };
    const PART: Part = Part::Both;
}

crate::cmd::row!(HGetAll<'_>);
