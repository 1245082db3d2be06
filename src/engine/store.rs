//! A database's hold on its directory: the log that every write goes to, the manifest, the lock.
//!
//! ```text
//!   write ─▶ admit? ─▶ stripes locked ─▶ run ─▶ append ─▶ unlock ─▶ acknowledge
//!              │                                  │                    ├ the ring holds 64 KiB: a piece goes to the segment
//!          MISCONF while                     a place in the            └ always, or durable: wait for the sync
//!          the disk fails                    order of everything
//!   upkeep ─▶ everysec sync ─ snapshots (save.rs) ─ trying again after an error
//! ```
use super::{
    Core, Wait,
    open::{OpenReport, io_error},
    registry::Slot,
    save::Saves,
};
use crate::base::lock::Mutex;
use crate::{
    base::{
        clock::Stopwatch,
        error::{Error, Kind, Result},
        settings::Fsync,
    },
    store::{
        log::{Health, Identity, Log},
        manifest::{self, Manifest},
        snapshot,
        vfs::{Dir, Lock},
    },
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU8, Ordering},
};

/// What `everysec` means.
const SYNC_INTERVAL_US: u64 = 1_000_000;
/// How soon something that has failed is tried again.
const RETRY_MS: u64 = 100;

/// A directory that is ours.
pub(super) struct Held {
    pub dir: Arc<dyn Dir>,
    pub lock: Lock,
    /// Its place among those that are open; none for one that is not in the system's files.
    pub slot: Option<Arc<Slot>>,
}

/// See the module.
pub struct Store {
    pub(super) dir: Arc<dyn Dir>,
    pub(super) log: Log,
    pub(super) manifest: Mutex<Manifest>,
    /// Snapshots that the manifest on the disk names, perhaps: storing it failed.
    doubtful: Mutex<Vec<manifest::Snapshot>>,
    /// The position of a damaged snapshot, which is kept.
    aside: Mutex<Option<u64>>,
    pub(super) saves: Saves,
    pub(super) report: OpenReport,
    lock: Mutex<Option<Lock>>,
    slot: Option<Arc<Slot>>,
    fsync: AtomicU8,
    closed: AtomicBool,
    synced: Mutex<Stopwatch>,
}

#[cold]
fn closed() -> Error {
    Error::new(Kind::Closed, "ERR the database is closed")
}

impl Store {
    pub(super) fn new(
        held: Held,
        log: Log,
        manifest: Manifest,
        saves: Saves,
        fsync: Fsync,
        report: OpenReport,
    ) -> Result<Self> {
        let Held { dir, lock, slot } = held;
        // From the first write on the log may end behind what the manifest says; after salvage it ends before it.
        let (durable, features) =
            (manifest.durable.min(log.position()), manifest.features | manifest::SHORT_ATOMS);
        let open = Manifest { clean: false, durable, features, ..manifest };
        open.store(&*dir)?;
        let store = Self {
            dir,
            log,
            manifest: Mutex::new(open),
            doubtful: Mutex::default(),
            aside: Mutex::default(),
            saves,
            report,
            lock: Mutex::new(Some(lock)),
            slot,
            fsync: AtomicU8::new(fsync as u8),
            closed: AtomicBool::new(false),
            synced: Mutex::new(Stopwatch::start()),
        };
        store.forget_unfinished();
        Ok(store)
    }

    /// The numbers that all files of the store carry.
    pub(super) fn identity(&self) -> Identity {
        let manifest = self.manifest.lock();
        Identity { store: manifest.store, salt: manifest.salt }
    }

    /// Removes snapshots that the manifest does not name: of generations that have gone, and half written ones.
    pub(super) fn forget_unfinished(&self) {
        if self.owned().is_err() {
            return;
        }
        let names = self.dir.list().unwrap_or_default();
        for name in &names {
            let Some(position) = snapshot::position_of(name) else { continue };
            if self.snapshot_at(position).is_some() {
                continue;
            }
            // One that cannot be removed is in nobody's way, and is tried again.
            let _ = match *self.aside.lock() {
                Some(aside) if aside == position => {
                    let free =
                        (0..).map(|n| format!("damaged-{name}-{n}")).find(|free| !names.contains(free));
                    free.map_or(Ok(()), |free| self.dir.rename(name, &free))
                }
                _ => self.dir.remove(name),
            };
        }
    }

    /// Has the snapshot at `position` renamed, not removed, when the manifest does not name it any more.
    pub(super) fn keep_aside(&self, position: u64) {
        *self.aside.lock() = Some(position);
    }

    /// The snapshot at `position`, if the manifest names it, or might do so.
    pub(super) fn snapshot_at(&self, position: u64) -> Option<manifest::Snapshot> {
        let current = self.manifest.lock().snapshot;
        let doubtful = self.doubtful.lock();
        current.iter().chain(doubtful.iter()).find(|snapshot| snapshot.position == position).copied()
    }

    /// Makes a snapshot that is verified and durable the one to start from. `renews`: the log before it is not
    /// believed any more.
    pub(super) fn begin_generation(&self, written: manifest::Snapshot, renews: bool) -> Result<()> {
        // The file is there for good before anything says so.
        self.dir.sync().map_err(|e| io_error(&format!("cannot sync {}", self.dir.describe()), &e))?;
        let mut manifest = self.manifest.lock();
        let position = written.position;
        let next = Manifest {
            generation: manifest.generation + 1,
            snapshot: Some(written),
            log_start: position,
            durable: self.log.synced().max(position),
            ..manifest.clone()
        };
        // Until it is known which of the two the disk has, both keep their snapshots.
        self.doubtful.lock().push(written);
        next.store(&*self.dir)?;
        self.doubtful.lock().clear();
        *manifest = next;
        drop(manifest);
        self.forget_unfinished();
        if renews { self.log.restart(position) } else { self.log.start_generation(position) }
    }

    /// Tells whether the directory is ours: neither let go nor, after a fork, our parent's.
    #[inline]
    pub(super) fn owned(&self) -> Result<()> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(closed());
        }
        if self.log.is_forked() { Err(Error::forked()) } else { Ok(()) }
    }

    /// Tells whether writes are taken. A disk that failed is tried again now and then.
    #[inline]
    pub(super) fn admit(&self) -> Result<()> {
        self.owned()?;
        self.log.admit()
    }

    /// Appends a record and returns the position behind it. The stripes of its keys are locked.
    #[inline(always)]
    pub(super) fn append(&self, now_ms: u64, commands: &[u8]) -> Result<Option<u64>> {
        // Asked again: who closes has waited for all locks since he said so.
        if self.closed.load(Ordering::Relaxed) {
            return Err(closed());
        }
        self.log.append(now_ms, commands).map(Some)
    }

    /// Does what the caller of a write may wait for, after the unlock.
    #[inline]
    pub(super) fn acknowledge(&self, core: &Core, position: u64, wait: &Wait) -> Result<()> {
        if self.log.due() {
            // By who has filled it: the background thread would have to fetch every line from his cache. A failure is
            // the log's to remember: the record itself is safe from the death of the process.
            let _ = self.log.drain_in_passing();
        }
        let always = self.fsync.load(Ordering::Relaxed) == Fsync::Always as u8;
        match wait {
            Wait::Later(latest) if always => {
                latest.fetch_max(position, Ordering::Relaxed);
            }
            Wait::Durable => return self.log.commit(position),
            Wait::Policy if always => return self.log.commit(position),
            Wait::Policy | Wait::Later(_) => {}
        }
        if !core.upkeep.has_thread() {
            self.sync_if_due();
        }
        Ok(())
    }

    /// Waits until everything below `position` is durable.
    pub(super) fn commit(&self, position: u64) -> Result<()> {
        self.log.commit(position)
    }

    /// The policy.
    pub(super) fn fsync(&self) -> Fsync {
        let policies = [Fsync::Always, Fsync::EverySecond, Fsync::Never];
        let now = self.fsync.load(Ordering::Relaxed);
        policies.into_iter().find(|fsync| *fsync as u8 == now).unwrap_or_default()
    }

    pub(super) fn set_fsync(&self, fsync: Fsync) {
        self.fsync.store(fsync as u8, Ordering::Relaxed);
    }

    /// Once a second: syncs under `everysec`; under `no` hands to the kernel what is in the ring.
    pub(super) fn sync_if_due(&self) {
        if !self.is_behind() {
            return;
        }
        let Some(mut synced) = self.synced.try_lock() else { return };
        if synced.elapsed_us() >= SYNC_INTERVAL_US {
            let _ = match self.fsync() {
                Fsync::EverySecond => self.log.sync(),
                Fsync::Never | Fsync::Always => self.log.drain(),
            };
            *synced = Stopwatch::start();
        }
    }

    /// Tells whether the policy leaves something to do for what was written.
    fn is_behind(&self) -> bool {
        let done = match self.fsync() {
            Fsync::Always => return false,
            Fsync::EverySecond => self.log.synced(),
            Fsync::Never => self.log.drained(),
        };
        self.log.position() > done
    }

    /// Tells whether a write gives the upkeep something to do.
    #[inline]
    pub(super) fn wants_upkeep(&self) -> bool {
        self.fsync.load(Ordering::Relaxed) != Fsync::Always as u8
    }

    /// The share of the upkeep. True: there is more to do.
    pub(super) fn tick(&self, core: &Core, budget_us: u64) -> bool {
        if self.owned().is_err() {
            return false;
        }
        self.sync_if_due();
        if self.log.due() {
            let _ = self.log.drain();
        }
        match self.log.health() {
            Health::Fine => {}
            Health::Refusing(_) => drop(self.log.drain()),
            // What was written to that file is not to be believed: everything is written once more.
            Health::Distrusted(_) => self.saves.want_soon(),
        }
        // The moment of a snapshot is one when nobody has the keys.
        !core.is_scripted() && self.saves.tick(core, self, budget_us)
    }

    /// How long the upkeep may sleep; `None`: as long as nothing is written.
    pub(super) fn nap_ms(&self, core: &Core) -> Option<u64> {
        if self.owned().is_err() {
            return None;
        }
        if !matches!(self.log.health(), Health::Fine) {
            return Some(RETRY_MS);
        }
        let waited_us = || self.synced.lock().elapsed_us();
        let sync =
            self.is_behind().then(|| SYNC_INTERVAL_US.saturating_sub(waited_us()).div_ceil(1000).max(1));
        [sync, self.saves.nap_ms(core)].into_iter().flatten().min()
    }

    /// Makes everything that was written so far durable.
    pub(super) fn sync(&self) -> Result<()> {
        self.log.sync()
    }

    /// Writes out what there is, says in the manifest that the log is complete, and lets the directory go. `others`: the
    /// database, when somebody may be writing to it.
    pub(super) fn close(&self, others: Option<&Core>) -> Result<()> {
        if self.closed.swap(true, Ordering::SeqCst) {
            return Ok(());
        }
        if self.log.is_forked() {
            // The files are the parent's, which may be alive: not even the lock is touched.
            std::mem::forget(self.lock.lock().take());
            self.slot.iter().for_each(|slot| slot.leave());
            return Ok(());
        }
        // Writes that are under way come to their end; those behind them find that it is closed.
        if let Some(core) = others {
            core.cut_scripts_off();
            drop(core.keyspace.lock_all());
        }
        self.slot.iter().for_each(|slot| slot.begin_leaving());
        self.saves.abandon();
        let result = self.log.close().and_then(|()| {
            let mut manifest = self.manifest.lock();
            let next = Manifest { durable: self.log.position(), clean: true, ..manifest.clone() };
            next.store(&*self.dir)?;
            *manifest = next;
            Ok(())
        });
        drop(self.lock.lock().take());
        if let Some(slot) = &self.slot {
            slot.leave();
        }
        result
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Nobody is left to be told; what the disk does not have is still in the ring.
        let _ = self.close(None);
    }
}
