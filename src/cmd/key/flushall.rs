//! FLUSHALL: removes all keys of all databases.
use super::flush::{Extent, Flush};
use crate::cmd::{Group, Spec, WRITE};

/// `FLUSHALL [ASYNC | SYNC]`.
pub type FlushAll = Flush<Emptied>;

/// See [`FlushAll`].
#[derive(Debug, Clone, Copy)]
pub enum Emptied {}

impl Extent for Emptied {
    const SPEC: Spec = Spec {
        id: 0x0222,
        name: "FLUSHALL",
        usage: "[ASYNC | SYNC]",
        arity: -1,
        flags: WRITE,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "1.0.0",
        complexity: "O(N) where N is the total number of keys in all databases",
        summary: "Removes all keys from all databases.",
    };
    const ALL: bool = true;
}

crate::cmd::row!(FlushAll);
