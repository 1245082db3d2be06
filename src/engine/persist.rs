//! What SAVE, BGSAVE, LASTSAVE, INFO and WAITAOF ask: of the store where there is one, and of nothing where a database
//! lives in memory only.
use super::Core;
use crate::{
    base::error::{Error, Kind, Result},
    cmd::session::{Persistence, SaveHow, Saved},
};

/// The answer of a database without a directory to whoever wants it kept.
#[cold]
fn in_memory_only() -> Error {
    Error::new(Kind::Misuse, "ERR this database has no directory: it lives in memory only")
}

impl Core {
    /// See [`crate::cmd::session::Server::save`].
    pub(super) fn take_snapshot(&self, _how: SaveHow) -> Result<Saved> {
        Err(in_memory_only())
    }

    /// See [`crate::cmd::session::Server::persistence`].
    pub(super) fn persistence_now(&self) -> Persistence {
        Persistence { last_save_s: self.counters.opened_ms() / 1000, ..Persistence::default() }
    }

    /// See [`crate::cmd::session::Server::synced`].
    pub(super) fn is_synced(&self, _wait: bool) -> Option<bool> {
        None
    }
}
