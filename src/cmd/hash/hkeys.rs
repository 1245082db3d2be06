//! HKEYS: the fields of a hash.
use super::listing::{Facts, Listing, Part};
use crate::cmd::{Group, READ, Spec};

/// `HKEYS key`. Returns all fields, in no particular order.
pub type HKeys<'a> = Listing<'a, Of>;

/// What makes the command HKEYS.
#[derive(Debug, Clone, Copy)]
pub struct Of;

impl Facts for Of {
    const SPEC: Spec = Spec {
        id: 0x0407,
        name: "HKEYS",
        usage: "key",
        arity: 2,
        flags: READ,
        keys: (1, 1, 1),
        group: Group::Hash,
        since: "2.0.0",
        complexity: "O(N) where N is the size of the hash.",
        summary: "Returns all fields in a hash.",
    };
    const PART: Part = Part::Fields;
}

crate::cmd::row!(HKeys<'_>);
