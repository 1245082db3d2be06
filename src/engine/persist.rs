//! What SAVE, BGSAVE, LASTSAVE, INFO and WAITAOF ask: of the store where there is one, and of nothing where a database
//! lives in memory only.
use super::Core;
use crate::{
    base::error::{Error, Kind, Result},
    cmd::session::{LogState, Persistence, SaveHow, Saved},
    store::log::Health,
};
use std::sync::atomic::Ordering;

/// The answer of a database without a directory to whoever wants it kept.
#[cold]
fn in_memory_only() -> Error {
    Error::new(Kind::Misuse, "ERR this database has no directory: it lives in memory only")
}

impl Core {
    /// See [`crate::cmd::session::Server::save`].
    pub(super) fn take_snapshot(&self, how: SaveHow) -> Result<Saved> {
        let store = self.store.get().ok_or_else(in_memory_only)?;
        store.owned()?;
        match how {
            SaveHow::Now => store.saves.save(self, store).map(|()| Saved::Done),
            SaveHow::Background | SaveHow::Scheduled => {
                let started = store.saves.request(how == SaveHow::Scheduled)?;
                self.upkeep.wake();
                Ok(if started { Saved::Started } else { Saved::Scheduled })
            }
        }
    }

    /// See [`crate::cmd::session::Server::persistence`].
    pub(super) fn persistence_now(&self) -> Persistence {
        let Some(store) = self.store.get() else {
            return Persistence { last_save_s: self.counters.opened_ms() / 1000, ..Persistence::default() };
        };
        let (facts, log, saves) = (store.saves.facts(), &store.log, &store.saves);
        let since_s = |ms: u64| self.clock.now_ms().saturating_sub(ms) / 1000;
        Persistence {
            changes: Some(log.records().saturating_sub(facts.records)),
            last_save_s: facts.last_ms / 1000,
            // One that is asked for is as good as begun: the background thread is on its way.
            running_s: match (saves.is_running(), saves.is_wanted()) {
                (true, _) => Some(since_s(saves.began_ms.load(Ordering::Relaxed))),
                (false, wanted) => wanted.then_some(0),
            },
            scheduled: saves.is_running() && saves.is_wanted(),
            last_took_s: facts.last_took_us.map(|us| us / 1_000_000),
            last_failed: !facts.last_ok,
            count: facts.count,
            loaded_keys: Some(store.report.keys),
            log: Some(LogState {
                bytes: log.bytes(),
                base_bytes: facts.bytes,
                waiting_bytes: log.position().saturating_sub(log.drained()),
                unsynced: log.position() > log.synced(),
                failing: log.health() != Health::Fine,
            }),
        }
    }

    /// See [`crate::cmd::session::Server::synced`].
    pub(super) fn is_synced(&self, wait: bool) -> Option<bool> {
        let log = &self.store.get()?.log;
        Some(if wait { log.sync().is_ok() } else { log.position() <= log.synced() })
    }
}
