//! Snapshots: everything as it was at one position of the log, written while everybody goes on.
//!
//! ```text
//!   begin    all stripes locked for a moment: the position is noted, an image of every stripe is due
//!   then     whoever comes to a stripe first clones its tables (segments are counted: microseconds)
//!   steps    image by image: segments are written and let go; a write to one that is still held copies it first
//!   end      footer, sync, read back and verified ─▶ manifest names the new generation ─▶ the old one is removed
//! ```
//!
//! A snapshot is *one* moment and not a moment per range: commands name several keys, and a record that was done on one of
//! them in the image and not on the other could not be run again.
//!
//! The work is done in steps, by the upkeep thread or by `tick`, or by whoever says `SAVE`. A script may have all keys, for ever: the upkeep
//! comes back when it has ended; who says `SAVE` is told BUSY, and leaves the rest to the upkeep.
use super::{Core, store::Store};
use crate::base::lock::Mutex;
use crate::{
    base::{
        clock::Stopwatch,
        error::{Error, Kind, Result},
    },
    cmd::session::busy,
    keyspace::{image::Image, locks::GoesOn, piece::Pieces},
    store::{log::Health, manifest, snapshot},
};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// What snapshots are known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    /// Unix time of the latest good one, or of the opening.
    pub last_ms: u64,
    pub last_ok: bool,
    pub last_took_us: Option<u64>,
    pub count: u64,
    /// Records there were at the latest good one.
    pub records: u64,
    /// Its size in bytes; 0: there is none.
    pub bytes: u64,
}

/// The snapshots of a store.
pub struct Saves {
    current: Mutex<Option<Saving>>,
    /// The directory is no longer ours: written with `current` locked.
    over: AtomicBool,
    running: AtomicBool,
    wanted: AtomicBool,
    /// When the latest one failed, and how many have in a row.
    failed: Mutex<Option<(Stopwatch, u32)>>,
    facts: Mutex<Facts>,
    /// Unix time at which the running one was begun.
    pub(super) began_ms: AtomicU64,
}

/// One that is being written.
struct Saving {
    position: u64,
    records: u64,
    /// The log's file was not to be believed when it was begun.
    renews: bool,
    stripe: usize,
    image: Option<Image>,
    target: Target,
    pieces: Pieces,
    began: Stopwatch,
}

/// Where it goes.
enum Target {
    Writing(snapshot::Writer),
    /// Nothing was recorded since an earlier one, which a manifest may name: its file is not touched.
    There(manifest::Snapshot),
}

/// How long after a snapshot that failed the next one is tried by itself.
const RETRY_US: u64 = 5_000_000;

#[cold]
fn already() -> Error {
    Error::command("ERR Background save already in progress")
}

impl Saves {
    /// `bytes` is the size of the snapshot that was loaded, `now_ms` the time.
    pub(super) fn new(bytes: u64, now_ms: u64) -> Self {
        let facts = Facts { last_ms: now_ms, last_ok: true, last_took_us: None, count: 0, records: 0, bytes };
        Self {
            current: Mutex::new(None),
            over: AtomicBool::new(false),
            running: AtomicBool::new(false),
            wanted: AtomicBool::new(false),
            failed: Mutex::new(None),
            facts: Mutex::new(facts),
            began_ms: AtomicU64::new(0),
        }
    }

    /// What is known of the snapshots so far.
    pub(super) fn facts(&self) -> Facts {
        *self.facts.lock()
    }

    /// Tells whether one is being written.
    pub(super) fn is_running(&self) -> bool {
        self.running.load(Relaxed)
    }

    /// Tells whether another one is asked for.
    pub(super) fn is_wanted(&self) -> bool {
        self.wanted.load(Relaxed)
    }

    /// Asks for one; true when it will be begun, false when one is being written and another one follows it.
    pub(super) fn request(&self, after_this: bool) -> Result<bool> {
        let running = self.is_running();
        if (running || self.is_wanted()) && !after_this {
            return Err(already());
        }
        *self.failed.lock() = None;
        self.wanted.store(true, Relaxed);
        Ok(!running)
    }

    /// Asks for one because the log cannot go on without it.
    pub(super) fn want_soon(&self) {
        if !self.is_running() {
            self.wanted.store(true, Relaxed);
        }
    }

    /// Writes one now, in the caller's thread.
    pub(super) fn save(&self, core: &Core, store: &Store) -> Result<()> {
        let mut current = self.current.try_lock().ok_or_else(already)?;
        store.owned()?;
        if current.is_some() {
            return Err(already());
        }
        core.patiently(|goes_on| {
            let result = match Saving::begin(core, store, goes_on) {
                Ok(saving) => {
                    self.note_begin(core);
                    let saving = current.insert(saving);
                    loop {
                        match saving.step(core, store, goes_on) {
                            Ok(true) => {}
                            Ok(false) => {
                                break current.take().map_or(Err(already()), |saving| saving.end(store));
                            }
                            // It is begun, and the upkeep goes on with it.
                            Err(error) if error.kind() == Kind::Busy => return Err(error),
                            Err(error) => break Err(error),
                        }
                    }
                }
                // Nothing was begun.
                Err(error) if error.kind() == Kind::Busy => return Err(error),
                Err(error) => Err(error),
            };
            *current = None;
            self.note_end(core, store, result)
        })
    }

    /// Gives up what is being written, and whatever would follow: the store closes. Waits for a step that is under way.
    pub(super) fn abandon(&self) {
        let mut current = self.current.lock();
        self.over.store(true, Relaxed);
        *current = None;
        self.running.store(false, Relaxed);
    }

    /// See [`Store::tick`].
    pub(super) fn tick(&self, core: &Core, store: &Store, budget_us: u64) -> bool {
        let watch = Stopwatch::start();
        let Some(mut current) = self.current.try_lock() else { return false };
        if self.over.load(Relaxed) {
            return false;
        }
        if current.is_none() {
            if !self.is_due(core, store) {
                return false;
            }
            match Saving::begin(core, store, &|| !core.is_scripted()) {
                Ok(saving) => *current = Some(saving),
                // It stays due.
                Err(error) if error.kind() == Kind::Busy => return false,
                Err(error) => {
                    self.wanted.store(false, Relaxed);
                    return self.note_end(core, store, Err(error)).is_ok();
                }
            }
            self.wanted.store(false, Relaxed);
            self.note_begin(core);
        }
        let Some(saving) = current.as_mut() else { return false };
        loop {
            let ended = match saving.step(core, store, &|| !core.is_scripted()) {
                Err(error) if error.kind() == Kind::Busy => return false,
                Ok(true) if watch.elapsed_us() < budget_us => continue,
                Ok(true) => return true,
                Ok(false) => current.take().map_or(Err(already()), |saving| saving.end(store)),
                Err(error) => Err(error),
            };
            *current = None;
            // The upkeep has nobody to tell; INFO, LASTSAVE and the next write do.
            let _ = self.note_end(core, store, ended);
            return false;
        }
    }

    /// Tells whether one is to be begun.
    fn is_due(&self, core: &Core, store: &Store) -> bool {
        let resting = self.failed.lock().is_some_and(|(since, times)| {
            // A disk that is too small for it is left in peace for longer and longer, up to ten minutes.
            since.elapsed_us() < RETRY_US << times.min(7).saturating_sub(1)
        });
        if resting {
            return false;
        }
        if self.wanted.load(Relaxed) {
            return true;
        }
        let facts = self.facts();
        let (log_bytes, records) = (store.log.bytes(), store.log.records().saturating_sub(facts.records));
        let since_s = core.clock.now_ms().saturating_sub(facts.last_ms) / 1000;
        core.config.with(|settings| {
            let percentage = settings.auto_aof_rewrite_percentage;
            let grown = log_bytes.saturating_mul(100) >= facts.bytes.saturating_mul(percentage);
            let by_growth = percentage > 0 && log_bytes >= settings.auto_aof_rewrite_min_size && grown;
            let by_rule =
                |(seconds, changes): &(u64, u64)| since_s >= *seconds && records >= (*changes).max(1);
            by_growth || settings.save.iter().any(by_rule)
        })
    }

    /// See [`Store::nap_ms`].
    pub(super) fn nap_ms(&self, core: &Core) -> Option<u64> {
        const RULES_MS: u64 = 1000;
        const SCRIPT_MS: u64 = 20;
        if self.is_running() {
            // It was left because of a script.
            return Some(SCRIPT_MS);
        }
        let waits = self.wanted.load(Relaxed) || core.config.with(|settings| !settings.save.is_empty());
        waits.then_some(RULES_MS)
    }

    fn note_begin(&self, core: &Core) {
        self.running.store(true, Relaxed);
        self.began_ms.store(core.clock.now_ms(), Relaxed);
    }

    fn note_end(&self, core: &Core, store: &Store, ended: Result<Ended>) -> Result<()> {
        self.running.store(false, Relaxed);
        let mut facts = self.facts.lock();
        match ended {
            Ok(ended) => {
                let Ended { took_us, records, bytes } = ended;
                let (last_ms, count) = (core.clock.now_ms(), facts.count + 1);
                *facts = Facts { last_ms, last_ok: true, last_took_us: Some(took_us), count, records, bytes };
                *self.failed.lock() = None;
                Ok(())
            }
            Err(error) => {
                facts.last_ok = false;
                drop(facts);
                let mut failed = self.failed.lock();
                *failed = Some((Stopwatch::start(), failed.map_or(1, |(_, times)| times + 1)));
                drop(failed);
                core.keyspace.drop_images(&|| !core.is_scripted());
                store.forget_unfinished();
                Err(error)
            }
        }
    }
}

/// What is known of a snapshot when it is done.
struct Ended {
    took_us: u64,
    records: u64,
    bytes: u64,
}

impl Saving {
    /// Notes the moment.
    ///
    /// # Errors
    /// `BUSY`: a script has the keys, and `goes_on` has given up. Nothing was begun.
    fn begin(core: &Core, store: &Store, goes_on: GoesOn<'_>) -> Result<Self> {
        let renews = matches!(store.log.health(), Health::Distrusted(_));
        let mut held = core.keyspace.lock_all_while(goes_on).ok_or_else(busy)?;
        if held.iter_mut().any(|stripe| stripe.tally.fenced) {
            // What is on the disk is better than what a panic has left half changed.
            return Err(super::gate::fenced());
        }
        let (position, records) = (store.log.position(), store.log.records());
        let began = Stopwatch::start();
        let target = match store.snapshot_at(position) {
            Some(there) => Target::There(there),
            None => {
                held.mark_images_due();
                let writer = snapshot::Writer::create(&*store.dir, store.identity(), position);
                Target::Writing(writer.inspect_err(|_| core.keyspace.drop_images(goes_on))?)
            }
        };
        Ok(Self {
            position,
            records,
            renews,
            stripe: 0,
            image: None,
            target,
            pieces: Pieces::default(),
            began,
        })
    }

    /// Writes some more. False: everything is written.
    ///
    /// # Errors
    /// `BUSY`: a script has the keys, and `goes_on` has given up. It can be tried again. After other errors it cannot.
    fn step(&mut self, core: &Core, store: &Store, goes_on: GoesOn<'_>) -> Result<bool> {
        let Target::Writing(writer) = &mut self.target else { return Ok(false) };
        let Some(image) = &mut self.image else {
            if self.stripe == core.keyspace.stripe_count() {
                return Ok(false);
            }
            self.image = core.keyspace.take_image(self.stripe, goes_on).ok_or_else(busy)?;
            self.stripe += 1;
            return Ok(true);
        };
        let (pieces, mut result) = (&mut self.pieces, Ok(()));
        let more = image.next_batch(&mut |db, entry| {
            if result.is_ok() {
                result = pieces.write(db, entry, &mut |piece| {
                    // A huge value takes its time: the log is not to wait for it.
                    store.sync_if_due();
                    writer.push(piece)
                });
            }
        });
        result?;
        if !more {
            self.image = None;
        }
        Ok(true)
    }

    /// Makes the snapshot the one that counts.
    fn end(self, store: &Store) -> Result<Ended> {
        let written = match self.target {
            Target::Writing(writer) => writer.finish()?,
            Target::There(there) => there,
        };
        snapshot::verify(&*store.dir, store.identity(), &written, &mut || store.sync_if_due())?;
        if !self.renews {
            // The generation begins at a position that is durable, so that nothing before it is ever missed.
            store.log.commit(self.position)?;
        }
        store.begin_generation(written, self.renews)?;
        Ok(Ended { took_us: self.began.elapsed_us(), records: self.records, bytes: written.len })
    }
}
