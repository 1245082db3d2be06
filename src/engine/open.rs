//! Opening a directory: lock, manifest, snapshot, the log after it, the ring after that; then the log goes on.
//!
//! ```text
//!   LOCK ─▶ MANIFEST ─▶ snap-S ──────────▶ log-… from S on ─────────▶ ring ─▶ live
//!                       (several threads)  (several threads, by stripe)
//! ```
use super::{
    Core, Db, load,
    options::{Loading, Options, Progress},
    recover::{self, NextFrame, Plan},
    registry,
    save::Saves,
    store::{Held, Store},
};
use crate::base::lock::Mutex;
use crate::{
    base::{
        clock::Stopwatch,
        error::{Error, Kind, Result},
        rng::entropy,
        settings::Settings,
    },
    ds::Pages,
    store::{
        log::{
            self, Health, Identity, Log,
            reader::{Cut, Reader, Wanted},
            segment,
        },
        manifest::Manifest,
        snapshot,
        vfs::{Dir, How, Lock, disk::Disk},
    },
};
use std::{fmt, path::Path, sync::Arc};

/// What opening a store found: see [`Db::open_report`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenReport {
    /// Keys that were loaded from the snapshot.
    pub keys: u64,
    /// The bytes of the snapshot.
    pub snapshot_bytes: u64,
    /// Records of the log that were run again.
    pub records: u64,
    /// Their bytes.
    pub log_bytes: u64,
    /// How many of these bytes came from the staging ring: the process before had been killed.
    pub ring_bytes: u64,
    /// How long it took, in microseconds.
    pub took_us: u64,
    /// What was cut off and put aside, in words: file, offset, bytes, where they are now.
    pub cut: Vec<String>,
    /// Records and snapshot frames that salvage had to leave out.
    pub left_out: u64,
}

impl fmt::Display for OpenReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { keys, records, log_bytes, ring_bytes, took_us, .. } = self;
        write!(f, "{keys} keys from the snapshot, {records} records of the log ({log_bytes} bytes")?;
        if *ring_bytes > 0 {
            write!(f, ", {ring_bytes} of them from the ring of a process that was killed")?;
        }
        write!(f, ") in {}.{:03} s", took_us / 1_000_000, took_us / 1000 % 1000)?;
        if self.left_out > 0 {
            write!(f, "; {} records or frames were left out", self.left_out)?;
        }
        self.cut.iter().try_for_each(|cut| write!(f, "\n{cut}"))
    }
}

/// Makes an [`Error`] of one of the file system's.
#[cold]
pub(super) fn io_error(what: &str, error: &std::io::Error) -> Error {
    Error::quoting(Kind::Io, format!("ERR {what}: {error}"))
}

impl Db {
    /// Opens the store in directory `dir`, and makes it when there is none. What was written in earlier lives is there.
    /// A directory that this process has open already gives the same engine.
    ///
    /// It takes as long as reading the files: millions of keys a second.
    ///
    /// # Errors
    /// - [`Kind::Busy`]: another process has it; the text says which.
    /// - [`Kind::Corrupt`]: a file is damaged, or was written by a newer version; see [`Options::salvage`].
    /// - [`Kind::Io`]: the file system refuses.
    ///
    /// # Examples
    /// ```
    /// use tenondb::{Db, Strings};
    /// # let dir = std::env::temp_dir().join(format!("tenon-doc-{}", std::process::id()));
    /// let db = Db::open(&dir)?;
    /// db.set("color", "green")?;
    /// drop(db);
    /// assert_eq!(Db::open(&dir)?.get("color")?.unwrap(), "green");
    /// # std::fs::remove_dir_all(&dir).unwrap();
    /// # Ok::<(), tenondb::Error>(())
    /// ```
    pub fn open(dir: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(dir, Options::default())
    }

    /// Opens the store in directory `dir` with `options`; when this process has it open already, they are of no
    /// consequence.
    ///
    /// # Errors
    /// As [`Db::open`].
    pub fn open_with(dir: impl AsRef<Path>, options: Options) -> Result<Self> {
        let path = dir.as_ref();
        let disk = Disk::open(path).map_err(|e| io_error(&format!("cannot open {}", path.display()), &e))?;
        let slot =
            registry::slot(path).map_err(|e| io_error(&format!("cannot open {}", path.display()), &e))?;
        let core = slot.engine(|| {
            let log = log::Options {
                salvage: options.salvage,
                segment_bytes: options.segment_bytes,
                ..Default::default()
            };
            Self::open_on(Arc::new(disk), Some(Arc::clone(&slot)), options, log)
        })?;
        Ok(Self::of(core))
    }

    /// Reads the store in directory `dir` into memory, and leaves the directory as it is.
    ///
    /// # Errors
    /// As [`Db::open`]; also when there is no store.
    pub fn inspect(dir: impl AsRef<Path>, options: Options) -> Result<(Self, OpenReport)> {
        let path = dir.as_ref();
        if !path.is_dir() {
            return Err(Error::quoting(Kind::Io, format!("ERR there is no directory {}", path.display())));
        }
        let disk =
            Disk::existing(path).map_err(|e| io_error(&format!("cannot open {}", path.display()), &e))?;
        let _lock = lock(&disk)?;
        let Some(manifest) = Manifest::load(&disk)? else {
            return Err(Error::quoting(Kind::Io, format!("ERR there is no store in {}", path.display())));
        };
        let (salvage, progress) = (options.salvage, options.progress.clone());
        let core = Self::core(options);
        let mut reading = Reading::new(&core, salvage, progress);
        let dir: Arc<dyn Dir> = Arc::new(disk);
        let from = reading.snapshot(&dir, &manifest)?;
        let wanted =
            Wanted { identity: identity(&manifest), start: from, durable: manifest.durable, salvage };
        let mut reader = Reader::inspect(dir, wanted)?;
        reading.log(&mut |room| reader.next_frame(room), from)?;
        let report = reading.report(reader.report());
        Ok((Self::of(core), report))
    }

    pub(crate) fn open_on(
        dir: Arc<dyn Dir>,
        slot: Option<Arc<registry::Slot>>,
        options: Options,
        log_options: log::Options,
    ) -> Result<Arc<Core>> {
        let lock = lock(&*dir)?;
        let manifest = match Manifest::load(&*dir)? {
            Some(manifest) => {
                // A process that was killed may have left names that the disk does not have yet. What follows removes
                // files that this manifest does not need: it has to be there for good before.
                let synced = dir.sync();
                synced.map_err(|e| io_error(&format!("cannot sync {}", dir.describe()), &e))?;
                manifest
            }
            None => make(&*dir)?,
        };
        let (salvage, fsync, progress) = (options.salvage, options.fsync, options.progress.clone());
        let core = Self::core(options);
        let mut reading = Reading::new(&core, salvage, progress);
        let from = reading.snapshot(&dir, &manifest)?;
        let mut opened =
            Log::open(Arc::clone(&dir), identity(&manifest), from, manifest.durable, log_options)?;
        reading.log(&mut |room| opened.next_frame(room), from)?;
        let (log, found) = opened.finish()?;
        let report = reading.report(&found);
        let saves = Saves::new(report.snapshot_bytes, core.clock.now_ms());
        let salvaged = report.left_out > 0 || found.cut.as_ref().is_some_and(|cut| cut.damage);
        let store = Store::new(Held { dir, lock, slot }, log, manifest, saves, fsync, report)?;
        core.begin_life(store);
        if let Some(store) =
            core.store.get().filter(|store| matches!(store.log.health(), Health::Distrusted(_)))
        {
            // A process that could not sync was killed: everything is written once more. If that fails, the upkeep
            // goes on trying.
            let _ = core.heed(store.saves.save(&core, store));
        }
        if let (true, Some(store)) = (salvaged, core.store.get()) {
            // What could be saved is written as a whole: the next open finds no damage. A record of nothing makes it
            // another file than the damaged one, which is kept aside.
            store.append(core.clock.now_ms(), &[])?;
            store.keep_aside(from);
            store.saves.save(&core, store)?;
        }
        Ok(core)
    }
}

fn lock(dir: &dyn Dir) -> Result<Lock> {
    match dir.lock().map_err(|e| io_error(&format!("cannot lock {}", dir.describe()), &e))? {
        Lock::HeldBy(pid) => {
            let text = format!("ERR the store {} is open in process {pid}", dir.describe());
            Err(Error::quoting(Kind::Busy, text))
        }
        taken => Ok(taken),
    }
}

/// Makes an empty store.
fn make(dir: &dyn Dir) -> Result<Manifest> {
    let manifest = Manifest {
        store: u128::from(entropy()) << 64 | u128::from(entropy()),
        salt: entropy() as u32,
        generation: 0,
        snapshot: None,
        log_start: 0,
        durable: 0,
        clean: false,
        features: 0,
    };
    manifest.store(dir)?;
    Ok(manifest)
}

/// The bytes of the log's files from `start` on: what there is to read, at most.
fn log_bytes(dir: &dyn Dir, start: u64) -> u64 {
    let names = dir.list().unwrap_or_default();
    let mut segments: Vec<u64> = names.iter().filter_map(|name| segment::position_of(name)).collect();
    segments.sort_unstable();
    let first = segments.partition_point(|at| *at <= start).saturating_sub(1);
    let len = |at: &u64| dir.open(&segment::name(*at), How::Read).and_then(|file| file.len()).unwrap_or(0);
    segments[first.min(segments.len())..].iter().map(len).sum()
}

fn identity(manifest: &Manifest) -> Identity {
    Identity { store: manifest.store, salt: manifest.salt }
}

/// How the files of one store become a keyspace.
struct Reading<'c> {
    core: &'c Core,
    salvage: bool,
    progress: Option<Progress>,
    workers: usize,
    loading: Loading,
    found: OpenReport,
    began: Stopwatch,
}

impl<'c> Reading<'c> {
    fn new(core: &'c Core, salvage: bool, progress: Option<Progress>) -> Self {
        const WORKERS_MAX: usize = 8;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            core,
            salvage,
            progress,
            workers: cores.min(WORKERS_MAX).min(core.keyspace.stripe_count()),
            loading: Loading { bytes: 0, bytes_total: 0 },
            found: OpenReport::default(),
            began: Stopwatch::start(),
        }
    }

    /// The pages that are worth it for that many bytes of files: what each thread takes too much of large ones, hardly more
    /// than one, must be little of what there will be.
    fn pages(&self, bytes: u64) -> Pages {
        const MUCH_BYTES: u64 = 32 << 20;
        if bytes >= MUCH_BYTES * self.workers as u64 { Pages::Large } else { Pages::Small }
    }

    /// Loads the snapshot, and returns the position from which the log counts.
    fn snapshot(&mut self, dir: &Arc<dyn Dir>, manifest: &Manifest) -> Result<u64> {
        let log_bytes = log_bytes(&**dir, manifest.log_start);
        let Some(named) = manifest.snapshot else {
            self.loading.bytes_total = log_bytes;
            return Ok(manifest.log_start);
        };
        self.loading.bytes_total = named.len + log_bytes;
        let pages = self.pages(named.len);
        let mut reader = snapshot::Reader::open(&**dir, identity(manifest), named.position, self.salvage)?;
        let (loading, told) = (Mutex::new(&mut self.loading), &self.progress);
        let tell = |bytes| {
            let now = {
                let mut loading = loading.lock();
                loading.bytes += bytes;
                **loading
            };
            // The host's code runs without a lock of ours.
            if let Some(progress) = told {
                progress.tell(now);
            }
        };
        let now_ms = self.core.clock.now_ms();
        let loaded = load::load(&self.core.keyspace, &mut reader, self.workers, pages, now_ms, &tell)?;
        if reader.snapshot() != Some(named) && reader.skipped().is_empty() {
            let name = snapshot::name(named.position);
            let text = format!("the snapshot {name} is not the one that the manifest names");
            if !self.salvage {
                return Err(Error::quoting(Kind::Corrupt, format!("ERR {text}")));
            }
            self.found.left_out += 1;
            self.found.cut.push(text);
        }
        (self.found.keys, self.found.snapshot_bytes) = (loaded.keys, named.len);
        self.found.left_out += loaded.left_out;
        for skipped in reader.skipped() {
            let snapshot::Skipped { name, offset, bytes, what } = skipped;
            self.found.left_out += 1;
            self.found
                .cut
                .push(format!("damage in {name} at {offset} ({what}): {bytes} bytes were left out"));
        }
        Ok(named.position)
    }

    fn tell(&mut self, bytes: u64) {
        self.loading.bytes += bytes;
        self.loading.bytes_total = self.loading.bytes_total.max(self.loading.bytes);
        if let Some(progress) = &self.progress {
            progress.tell(self.loading);
        }
    }

    /// Runs the records from the snapshot's position on again: while some run, the next ones are read and planned.
    fn log(&mut self, next: &mut NextFrame<'_>, from: u64) -> Result<()> {
        let (core, workers, salvage) = (self.core, self.workers, self.salvage);
        let (mut plan, mut following) = (Plan::new(core, workers, from), Plan::new(core, workers, from));
        plan.make(next)?;
        while plan.bytes() > 0 {
            let pages = self.pages(self.loading.bytes);
            let (stuck, made) = std::thread::scope(|scope| {
                let running = scope.spawn(|| recover::run_all(core, &plan, salvage, pages));
                let made = following.make(next);
                (running.join(), made)
            });
            let stuck =
                stuck.map_err(|_| Error::new(Kind::Internal, "ERR internal error: recovery panicked"))?;
            if let (Some((position, error)), false) = (&stuck.first, salvage) {
                let text =
                    format!("ERR the record at position {position} of the log cannot be run again: {error}");
                return Err(Error::quoting(Kind::Corrupt, text));
            }
            self.found.left_out += stuck.count as u64;
            self.found.records += plan.records();
            self.found.log_bytes += plan.bytes();
            self.tell(plan.bytes());
            made?;
            std::mem::swap(&mut plan, &mut following);
        }
        Ok(())
    }

    fn report(mut self, log: &log::reader::Report) -> OpenReport {
        // What recovery did is not what anybody asked for.
        self.core.forget_counts();
        self.found.ring_bytes = log.ring_bytes;
        self.found.cut.extend(log.cut.iter().map(describe));
        self.found.took_us = self.began.elapsed_us();
        self.found
    }
}

/// What was cut off the log, in words.
fn describe(cut: &Cut) -> String {
    let Cut { file, offset, position, bytes, kept, why, damage } = cut;
    let what = if *damage { "damage" } else { "a torn end" };
    let kept = if kept.is_empty() { String::new() } else { format!(", kept as {}", kept.join(", ")) };
    // Who only looks cuts nothing off.
    let gone = if *bytes == 0 { String::new() } else { format!(", {bytes} bytes were cut off") };
    format!("{what} in {file} at {offset} ({why}): the log ends at position {position}{gone}{kept}")
}

impl Core {
    /// From here on the directory keeps what happens.
    fn begin_life(self: &Arc<Self>, store: Store) {
        let (dir, fsync) = (store.dir.describe(), store.fsync());
        let set = self.config.set(&mut |settings| {
            settings.dir.clone_from(&dir);
            (settings.appendonly, settings.appendfsync) = (true, fsync);
            Ok(())
        });
        debug_assert!(set.is_ok(), "the change cannot fail");
        // Nobody else has the engine yet.
        let _ = self.store.set(store);
    }

    /// Passes `result` on; when it is an error of the disk, the upkeep is called to see to it.
    #[inline]
    pub(super) fn heed<T>(&self, result: Result<T>) -> Result<T> {
        result.inspect_err(|_| self.upkeep.wake())
    }

    /// Changes the settings, and tells the store.
    pub(super) fn change_settings(&self, change: &mut dyn FnMut(&mut Settings) -> Result<()>) -> Result<()> {
        self.config.set(&mut |settings| {
            change(settings)?;
            if let Some(store) = self.store.get() {
                store.set_fsync(settings.appendfsync);
            }
            Ok(())
        })?;
        if self.store.get().is_some() {
            // There may be something to sync now, or a rule to look at.
            self.upkeep.wake();
        }
        Ok(())
    }

    /// Starts counting hits, misses and commands again.
    fn forget_counts(&self) {
        let mut held = self.keyspace.lock_all();
        for stripe in held.iter_mut() {
            let tally = &mut stripe.tally;
            (tally.hits, tally.misses, tally.expired, tally.commands) = (0, 0, 0, 0);
        }
    }
}

impl Db {
    /// Makes everything that was written before durable, whatever the policy is. In memory it does nothing. It waits for
    /// the disk; callers that wait at the same time share one sync.
    ///
    /// # Errors
    /// [`Kind::Io`]: the disk fails; it may or may not have what was written.
    pub fn sync(&self) -> Result<()> {
        self.core.own()?;
        self.core.heed(self.core.store.get().map_or(Ok(()), Store::sync))
    }

    /// Writes out what there is and lets the directory go. From then on every write, through any handle, is refused with
    /// [`Kind::Closed`]; what is in memory can still be read. Dropping the last handle does the same, but cannot
    /// tell of errors. A database in memory goes on, but for waiting: in both kinds calls that wait for keys end with
    /// [`Kind::Closed`], those that begin later, too.
    ///
    /// A script that runs is stopped, as by `SCRIPT KILL`. One that has written is waited for, five seconds at most; then it is stopped,
    /// too, and the directory has nothing of it – it is never left half done there. In memory such a one goes on.
    ///
    /// # Errors
    /// [`Kind::Io`]: the disk fails. What it does not have is still in the staging ring.
    pub fn close(&self) -> Result<()> {
        self.core.own()?;
        let closed = self.core.close_store();
        self.core.end_all_waits();
        closed
    }

    /// What opening the store found; `None` in memory.
    pub fn open_report(&self) -> Option<OpenReport> {
        self.core.store.get().map(|store| store.report.clone())
    }
}
