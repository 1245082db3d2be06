//! What all handles of one `open()` share: how they end, and what the interpreter has to know before it waits.
use crate::{error, facts::Facts};
use pyo3::prelude::*;
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};
use tenondb::{Db, Fsync};

/// How often a process has opened each directory, and not closed it.
struct Open {
    process: u32,
    counts: BTreeMap<PathBuf, usize>,
}

/// Only looked at for a moment, with the interpreter held: nobody forks meanwhile.
static OPEN: Mutex<Open> = Mutex::new(Open { process: 0, counts: BTreeMap::new() });

fn open() -> MutexGuard<'static, Open> {
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if open.process != process {
        // The child of a fork has opened nothing yet.
        *open = Open { process, counts: BTreeMap::new() };
    }
    open
}

/// One `open()`: the handles made from it (`durable()`, `select()`, connections) end with it.
pub struct Home {
    db: Db,
    /// The directory; none in memory.
    path: Option<PathBuf>,
    closed: AtomicBool,
    /// Writes wait for the disk.
    syncs: AtomicBool,
}

impl Home {
    /// Counts `db`, which was opened from `path`.
    pub fn new(db: &Db, path: Option<PathBuf>) -> Arc<Self> {
        let path = path.map(|path| path.canonicalize().unwrap_or(path));
        if let Some(path) = &path {
            *open().counts.entry(path.clone()).or_default() += 1;
        }
        let home =
            Self { db: db.clone(), path, closed: AtomicBool::new(false), syncs: AtomicBool::new(false) };
        home.look_at_settings();
        Arc::new(home)
    }

    /// Finds out whether writes wait for the disk: `CONFIG SET appendfsync` may have changed it.
    pub fn look_at_settings(&self) {
        let syncs = self.path.is_some() && self.db.settings().appendfsync == Fsync::Always;
        self.syncs.store(syncs, Relaxed);
    }

    /// Refuses what comes behind `close()`.
    ///
    /// # Errors
    /// `ClosedError`.
    #[inline]
    pub fn check(&self, py: Python<'_>) -> PyResult<()> {
        if self.closed.load(Relaxed) { Err(error::closed(py, "ERR the database is closed")) } else { Ok(()) }
    }

    pub fn is_closed(&self) -> bool {
        self.closed.load(Relaxed)
    }

    /// The directory; `None` in memory.
    pub fn path(&self) -> Option<&PathBuf> {
        self.path.as_ref()
    }

    /// Whether every write waits for the disk.
    pub fn syncs(&self) -> bool {
        self.syncs.load(Relaxed)
    }

    /// Tells whether other threads should run while a command does. Letting them costs more than a quick command
    /// does, and getting back may take long.
    #[inline]
    pub fn may_take_long(&self, facts: Facts, durable: bool) -> bool {
        facts.slow || (facts.writes && (self.syncs.load(Relaxed) || (durable && self.path.is_some())))
    }

    /// Ends it; the directory goes with the last `open()` of it. The second time it does nothing.
    ///
    /// # Errors
    /// `IoError`: the disk fails.
    pub fn close(&self, py: Python<'_>) -> PyResult<()> {
        if self.closed.swap(true, Relaxed) || !self.leave() {
            return Ok(());
        }
        py.detach(|| self.db.close()).map_err(|error| error::raised(py, &error))
    }

    /// Counts it out. True: nobody else of this process has opened it.
    fn leave(&self) -> bool {
        let Some(path) = &self.path else { return true };
        let mut open = open();
        match open.counts.get_mut(path) {
            Some(count) if *count > 1 => {
                *count -= 1;
                false
            }
            _ => open.counts.remove(path).is_some(),
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // The engine goes with its last handle, and writes out what there is.
        if !self.is_closed() {
            self.leave();
        }
    }
}
