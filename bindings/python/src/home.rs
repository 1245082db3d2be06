//! What all handles of one `open()` share: how they end, and what the interpreter has to know before it waits.
use crate::{error, facts::Facts, seat::Seat};
use pyo3::prelude::*;
use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};
use tenondb::{Db, Fsync};

/// So many may wait before those that are gone are looked for.
const KEPT_MIN: usize = 64;

/// Something that waits, and ends with the database.
pub trait Ends: Send + Sync {
    /// Ends it, and wakes who waits for it.
    fn end(&self, py: Python<'_>);
}

/// Those that end with the database.
struct Kept {
    waiting: Vec<Weak<dyn Ends>>,
    /// When there are so many, those that are gone are forgotten.
    limit: usize,
}

/// One `open()`: the handles made from it (`durable()`, `select()`, connections, subscriptions) end with it.
pub struct Home {
    db: Db,
    /// None in memory.
    seat: Option<Seat>,
    /// Which clock it is: see [`crate::clock::Clock`].
    clock: Arc<()>,
    process: u32,
    closed: AtomicBool,
    /// Writes wait for the disk.
    syncs: AtomicBool,
    /// Only looked at for a moment, with the interpreter held.
    kept: Mutex<Kept>,
    /// Read by threads while they wait for a slice: `close()` returns when they know of it.
    slices: RwLock<()>,
}

impl Home {
    /// The end of `db`, which has a `seat` at its directory, if there is one.
    pub fn new(db: &Db, seat: Option<Seat>, clock: Arc<()>) -> Arc<Self> {
        let home = Self {
            db: db.clone(),
            seat,
            clock,
            process: std::process::id(),
            closed: AtomicBool::new(false),
            syncs: AtomicBool::new(false),
            kept: Mutex::new(Kept { waiting: Vec::new(), limit: KEPT_MIN }),
            slices: RwLock::new(()),
        };
        home.look_at_settings();
        Arc::new(home)
    }

    /// Finds out whether writes wait for the disk: `CONFIG SET appendfsync` may have changed it.
    pub fn look_at_settings(&self) {
        let syncs = self.seat.is_some() && self.db.settings().appendfsync == Fsync::Always;
        self.syncs.store(syncs, Relaxed);
    }

    /// Refuses what comes behind `close()`.
    ///
    /// # Errors
    /// `ClosedError`.
    #[inline]
    pub fn check(&self, py: Python<'_>) -> PyResult<()> {
        if self.closed.load(Relaxed) { Err(closed(py)) } else { Ok(()) }
    }

    pub fn is_closed(&self) -> bool {
        self.closed.load(Relaxed)
    }

    /// Whether this is the child of a fork, which has inherited it: locks may be held by threads that are not there.
    pub fn is_inherited(&self) -> bool {
        self.process != std::process::id()
    }

    /// The directory; `None` in memory.
    pub fn path(&self) -> Option<&PathBuf> {
        self.seat.as_ref().map(Seat::path)
    }

    pub fn clock(&self) -> &Arc<()> {
        &self.clock
    }

    /// Whether every write waits for the disk.
    pub fn syncs(&self) -> bool {
        self.syncs.load(Relaxed)
    }

    /// Whether writes wait for the disk, through a handle that is `durable` or not.
    #[inline]
    pub fn may_sync(&self, durable: bool) -> bool {
        self.syncs.load(Relaxed) || (durable && self.seat.is_some())
    }

    /// Tells whether other threads should run while a command does. Letting them costs more than a quick command
    /// does, and getting back may take long.
    #[inline]
    pub fn may_take_long(&self, facts: Facts, durable: bool) -> bool {
        facts.slow || (facts.writes && self.may_sync(durable))
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on `what` ends with the database.
    pub fn keep<T: Ends + 'static>(&self, py: Python<'_>, what: &Arc<T>) {
        let mut kept = self.kept();
        if kept.waiting.len() >= kept.limit {
            kept.waiting.retain(|one| one.strong_count() > 0);
            kept.limit = KEPT_MIN.max(kept.waiting.len() * 2);
        }
        let weak = Arc::downgrade(what);
        kept.waiting.push(weak);
        drop(kept);
        if self.is_closed() {
            what.end(py);
        }
    }

    /// Has a thread wait for a slice of time; `None`: the database is closed. The interpreter is not held.
    pub fn slice<R>(&self, wait: impl FnOnce() -> R) -> Option<R> {
        let slice = self.slices.read().unwrap_or_else(PoisonError::into_inner);
        let found = (!self.is_closed()).then(wait);
        drop(slice);
        found
    }

    /// Ends it and those who wait; the directory goes with the last `open()` of it. The second time it does nothing.
    ///
    /// # Errors
    /// `IoError`: the disk fails.
    pub fn close(&self, py: Python<'_>) -> PyResult<()> {
        if self.closed.swap(true, Relaxed) {
            return Ok(());
        }
        if !self.is_inherited() {
            let waiting = std::mem::take(&mut self.kept().waiting);
            waiting.iter().filter_map(Weak::upgrade).for_each(|one| one.end(py));
            // Others may have it open, too, and go on: when this returns, nobody takes anything for it any more.
            py.detach(|| drop(self.slices.write().unwrap_or_else(PoisonError::into_inner)));
        }
        if self.seat.as_ref().is_some_and(|seat| !seat.leave()) {
            return Ok(());
        }
        py.detach(|| self.db.close()).map_err(|error| error::raised(py, &error))
    }
}

/// Makes what is raised when a database is used behind its end.
#[cold]
pub fn closed(py: Python<'_>) -> PyErr {
    error::closed(py, "ERR the database is closed")
}
