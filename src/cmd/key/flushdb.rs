//! FLUSHDB: removes all keys of a database.
use super::flush::{Extent, Flush};
use crate::cmd::{Group, Spec, WRITE};

/// `FLUSHDB [ASYNC | SYNC]`.
pub type FlushDb = Flush<Emptied>;

/// See [`FlushDb`].
#[derive(Debug, Clone, Copy)]
pub enum Emptied {}

impl Extent for Emptied {
    const SPEC: Spec = Spec {
        id: 0x0221,
        name: "FLUSHDB",
        usage: "[ASYNC | SYNC]",
        arity: -1,
        flags: WRITE,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "1.0.0",
        complexity: "O(N) where N is the number of keys in the selected database",
        summary: "Removes all keys from the current database.",
    };
    const ALL: bool = false;
}

crate::cmd::row!(FlushDb);
