//! The log: every record in order, first in a ring of memory that outlives the process, then in checksummed frames in
//! files, then durable.
//!
//! ```text
//!    append ──► ring ════════ drain ════════► segments ════════ sync ════════► durable
//!    (a copy)   1 MiB         (a write of     log-<position>    (one for all
//!                 │            ≤ 64 KiB)                         who wait)
//!                 ▼ full and the disk refuses
//!              overflow (memory), in order
//!
//!    durable ≤ synced ≤ drained ≤ staged ≤ position
//! ```
//!
//! `append` costs a lock and a copy; a killed process loses nothing of it. `drain` hands the ring to the kernel; `commit`
//! waits until a position is durable.
//!
//! When a write fails (disk full, an I/O error) the log *refuses*: [`Log::admit`] answers an error before a command
//! touches anything, what is already applied stays in the ring or in the overflow, and every 100 ms somebody may try
//! the same write at the same place again. When a *sync* fails, nobody knows what is in the file: it is *distrusted*,
//! never written again, and the log refuses until a new generation begins ([`Log::restart`]).
//!
//! Locks, in this order: `turns` (when a new generation begins), `head` (who appends: [`head`]), `writer` (who drains), `fault`.
//! Nobody holds one during a sync.
//!
//! Invariants: the ring holds [drained, staged), the overflow [staged, position); while the overflow has anything,
//! nothing is staged. Whoever moves `drained` holds `writer`, whoever moves `staged` has the head.
pub mod commit;
mod head;
pub mod reader;
pub mod segment;
pub mod tail;
pub mod turns;
pub mod window;

use self::{
    head::{Closed, Head},
    segment::Writer,
    turns::Turns,
};
use super::{
    frame::{self, Prefix},
    region::ForkMark,
    ring::Ring,
    vfs::Dir,
};
use crate::base::lock::Mutex;
use crate::base::{
    clock::Stopwatch,
    error::{Error, Kind, Result},
};
use crossbeam_utils::CachePadded;
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering},
    },
};

/// Which store a log belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The store's number, random.
    pub store: u128,
    /// What seeds the checksums of its frames, random.
    pub salt: u32,
}

/// How a log is opened.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The length of a segment.
    pub segment_bytes: u64,
    /// The room of the ring, a power of two.
    pub ring_bytes: usize,
    /// Keeps what comes before damage, instead of refusing to open.
    pub salvage: bool,
    /// The least time between two attempts to go on after an error.
    pub retry_ms: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { segment_bytes: 64 << 20, ring_bytes: 1 << 20, salvage: false, retry_ms: 100 }
    }
}

/// How the log does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// Everything is written.
    Fine,
    /// Writing failed with this error; it is tried again.
    Refusing(Error),
    /// A sync failed with this error; only a new generation helps.
    Distrusted(Error),
}

const FINE: u8 = 0;
const REFUSING: u8 = 1;
const DISTRUSTED: u8 = 2;

/// From how much on the ring is worth a frame: a little less than one takes, so that what has come when somebody sees it
/// goes into one frame as it is, and nobody has to look where in it a record ends.
const DUE_BYTES: u64 = frame::FRAME_BYTES as u64 - 2048;

/// What one who passes by writes at most: twice what makes it due, so that what waits becomes less.
const FRAMES_IN_PASSING: usize = 2;

/// See the module.
pub struct Log {
    fork: ForkMark,
    /// How the log does: written with `fault` locked.
    state: AtomicU8,
    ring: Ring,
    /// Whether the ring outlives the process; otherwise every record is drained by who appends it.
    outlives: bool,
    retry_ms: u64,
    head: CachePadded<Head>,
    /// Whether the overflow has anything.
    overflowed: AtomicBool,
    drained: CachePadded<AtomicU64>,
    synced: AtomicU64,
    /// Where the generation begins.
    start: AtomicU64,
    writer: Mutex<Writer>,
    dir: Arc<dyn Dir>,
    fault: Mutex<Fault>,
    /// Who syncs for all, and who waits for it.
    turns: Turns,
}

/// The last error and when the last attempt to get over it was.
struct Fault {
    error: Option<Error>,
    attempt: Option<Stopwatch>,
}

impl Log {
    /// A log that goes on where `writer` and `ring` stand; what waits in the ring goes to `staged`.
    fn start(writer: Writer, ring: Ring, outlives: bool, marks: Marks, retry_ms: u64) -> Self {
        let (drained, staged) = (writer.position, marks.staged);
        let head = Head::new(staged, drained + ring.bytes(), outlives);
        Self {
            fork: ForkMark::new(),
            state: AtomicU8::new(FINE),
            ring,
            outlives,
            retry_ms,
            head: CachePadded::new(head),
            overflowed: AtomicBool::new(false),
            drained: CachePadded::new(AtomicU64::new(drained)),
            synced: AtomicU64::new(marks.synced),
            start: AtomicU64::new(marks.start),
            dir: Arc::clone(writer.dir()),
            writer: Mutex::new(writer),
            fault: Mutex::new(Fault { error: None, attempt: None }),
            turns: Turns::default(),
        }
    }

    /// Appends a record: what one locked step did at `now_ms`. Returns the position of its end.
    ///
    /// # Errors
    ///
    /// [`Kind::Io`] when the record is in memory only, because the disk refuses and the ring is full: what it says was
    /// applied, and must not be acknowledged. [`Kind::Misuse`] in a child of a fork.
    #[inline(always)]
    pub fn append(&self, now_ms: u64, commands: &[u8]) -> Result<u64> {
        if self.fork.is_child() {
            return Err(Error::forked());
        }
        let prefix = Prefix::new(commands.len(), now_ms);
        match self.head.append(&self.ring, &prefix, commands) {
            Some(end) => Ok(end),
            None => self.append_slowly(&prefix, commands),
        }
    }

    /// Appends when the ring seems full, the record is large, the ring does not outlive us, or the disk refuses. The
    /// record is kept whatever happens: what it says was applied.
    #[cold]
    #[inline(never)]
    fn append_slowly(&self, prefix: &Prefix, commands: &[u8]) -> Result<u64> {
        let mut head = self.head.close();
        let len = (prefix.len() + commands.len()) as u64;
        let end = head.end() + len;
        let mut done = Ok(());
        if !head.overflow().is_empty() {
            done = self.try_all(&mut head);
        }
        if head.overflow().is_empty() && len <= self.ring.bytes() / 4 {
            head.room_end = self.drained.load(Ordering::Acquire) + self.ring.bytes();
            if end > head.room_end && done.is_ok() {
                done = self.try_all(&mut head);
            }
            if end <= head.room_end {
                head.stage(&self.ring, prefix, commands, end);
                if !self.outlives {
                    done = done.and_then(|()| self.try_all(&mut head));
                    return done.map(|()| end);
                }
                return Ok(end);
            }
        }
        head.overflow_with(prefix, commands);
        self.overflowed.store(true, Ordering::Release);
        done.and_then(|()| self.try_all(&mut head)).map(|()| end)
    }

    /// Writes everything, when that may be tried now.
    fn try_all(&self, head: &mut Closed<'_>) -> Result<()> {
        if self.may_write() { self.pump_all(head, &mut self.writer.lock()) } else { Err(self.error()) }
    }

    /// Tells whether the ring holds enough for a [`Log::drain`] to be worth it.
    #[inline]
    pub fn due(&self) -> bool {
        let waiting = self.waiting();
        waiting >= DUE_BYTES && waiting <= self.ring.bytes()
    }

    /// The bytes that wait in the ring; when somebody drains them at this moment, anything.
    #[inline]
    fn waiting(&self) -> u64 {
        self.head.staged().wrapping_sub(self.drained.load(Ordering::Relaxed))
    }

    /// Writes what waits in the ring to the files; when somebody does that already, returns at once.
    ///
    /// # Errors
    ///
    /// [`Kind::Io`] when the disk refuses; [`Kind::Misuse`] in a child of a fork.
    pub fn drain(&self) -> Result<()> {
        self.drain_by(|writer| self.pump(writer, usize::MAX))
    }

    /// As [`Log::drain`], for somebody who has something else to do: a few frames, and none while a write would have to
    /// wait for a sync and the ring has room for the largest record that goes there.
    ///
    /// # Errors
    ///
    /// As [`Log::drain`].
    pub fn drain_in_passing(&self) -> Result<()> {
        // Asked by every write while a sync runs: nothing is locked for it.
        if self.dir.is_syncing() && self.waiting() < self.ring.bytes() / 4 * 3 {
            return Ok(());
        }
        self.drain_by(|writer| self.pump(writer, FRAMES_IN_PASSING))
    }

    fn drain_by(&self, pump: impl FnOnce(&mut Writer) -> Result<()>) -> Result<()> {
        self.not_forked()?;
        if !self.may_write() {
            return Err(self.error());
        }
        if self.overflowed.load(Ordering::Acquire) {
            return self.pump_all(&mut self.head.close(), &mut self.writer.lock());
        }
        match self.writer.try_lock() {
            Some(mut writer) => pump(&mut writer),
            None => Ok(()),
        }
    }

    /// Says whether a write may be tried now: the log is fine, or refuses and the last attempt was long enough ago.
    fn may_write(&self) -> bool {
        match self.state.load(Ordering::Acquire) {
            FINE => true,
            REFUSING => {
                let mut fault = self.fault.lock();
                let rested = fault.attempt.is_none_or(|a| a.elapsed_us() >= self.retry_ms * 1000);
                if rested {
                    fault.attempt = Some(Stopwatch::start());
                }
                rested
            }
            _ => false,
        }
    }

    /// Writes the ring's records, so many frames at most.
    fn pump(&self, writer: &mut Writer, frames: usize) -> Result<()> {
        for _ in 0..frames {
            if self.state.load(Ordering::Acquire) == DISTRUSTED {
                return Err(self.error());
            }
            let (from, to) = (writer.position, self.head.staged());
            if from >= to {
                if !self.overflowed.load(Ordering::Acquire) {
                    self.heal();
                }
                return Ok(());
            }
            let synced = self.synced.load(Ordering::Acquire);
            let done = writer.put(synced, |frame| {
                self.ring.take_own(from, to, frame);
            });
            match done {
                Ok(0) => return Err(self.refuse(&io::Error::other("the ring is damaged"))),
                Ok(_) => {
                    self.ring.drain_to(writer.position);
                    self.drained.store(writer.position, Ordering::Release);
                }
                Err(e) => return Err(self.refuse(&e)),
            }
        }
        Ok(())
    }

    /// Writes the ring's records and the overflow's.
    fn pump_all(&self, head: &mut Closed<'_>, writer: &mut Writer) -> Result<()> {
        let mut done = self.pump(writer, usize::MAX);
        let mut at = 0;
        while done.is_ok() && at < head.overflow().len() {
            let rest = &head.overflow()[at..];
            let len = match frame::whole_records(rest, frame::FRAME_BYTES).1 {
                0 => frame::record_bytes(rest).map_or(rest.len(), |(len, _)| len as usize),
                len => len,
            };
            let synced = self.synced.load(Ordering::Acquire);
            match writer.put(synced, |frame| frame.extend_from_slice(&rest[..len])) {
                Ok(_) => at += len,
                Err(e) => done = Err(self.refuse(&e)),
            }
        }
        if at > 0 {
            head.jump(at, writer.position);
            self.overflowed.store(!head.overflow().is_empty(), Ordering::Release);
            self.drained.store(writer.position, Ordering::Release);
            self.ring.jump(writer.position);
        }
        head.room_end = writer.position + self.ring.bytes();
        if done.is_ok() {
            self.heal();
        }
        done
    }

    /// Notes that a write failed.
    #[cold]
    fn refuse(&self, error: &io::Error) -> Error {
        self.fail(REFUSING, error)
    }

    /// Notes that a sync failed.
    #[cold]
    fn distrust(&self, error: &io::Error) -> Error {
        self.ring.doubt(true);
        self.fail(DISTRUSTED, error)
    }

    fn fail(&self, state: u8, error: &io::Error) -> Error {
        let mut fault = self.fault.lock();
        let error = Error::quoting(Kind::Io, format!("MISCONF Errors writing to the AOF file: {error}"));
        fault.attempt = Some(Stopwatch::start());
        // A distrusted file does not get better by failing in another way.
        if self.state.load(Ordering::Relaxed) != DISTRUSTED {
            fault.error = Some(error.clone());
            self.state.store(state, Ordering::Release);
        }
        error
    }

    fn heal(&self) {
        if self.state.load(Ordering::Acquire) == REFUSING {
            let mut fault = self.fault.lock();
            if self.state.load(Ordering::Relaxed) == REFUSING {
                *fault = Fault { error: None, attempt: None };
                self.state.store(FINE, Ordering::Release);
            }
        }
    }

    /// The error that put the log where it is.
    #[cold]
    fn error(&self) -> Error {
        let unknown = || Error::new(Kind::Io, "MISCONF Errors writing to the AOF file: unknown");
        self.fault.lock().error.clone().unwrap_or_else(unknown)
    }

    /// Says whether a command may write. Before anything is touched.
    ///
    /// # Errors
    ///
    /// [`Kind::Io`], `MISCONF …`, while the disk refuses.
    #[inline]
    pub fn admit(&self) -> Result<()> {
        if self.state.load(Ordering::Relaxed) == FINE { Ok(()) } else { self.resume() }
    }

    /// Tries to get over an error, not too often.
    #[cold]
    fn resume(&self) -> Result<()> {
        self.not_forked()?;
        if !self.may_write() {
            return match self.state.load(Ordering::Acquire) {
                FINE => Ok(()),
                _ => Err(self.error()),
            };
        }
        self.pump_all(&mut self.head.close(), &mut self.writer.lock())
    }

    /// Tells whether this process is a child that has the log by a fork only.
    pub fn is_forked(&self) -> bool {
        self.fork.is_child()
    }

    fn not_forked(&self) -> Result<()> {
        if self.fork.is_child() { Err(Error::forked()) } else { Ok(()) }
    }

    /// Returns the position of the end: of everything that was appended.
    pub fn position(&self) -> u64 {
        self.head.end()
    }

    /// Returns how many records were appended by this process.
    pub fn records(&self) -> u64 {
        self.head.records()
    }

    /// Returns the position below which everything is in files.
    pub fn drained(&self) -> u64 {
        self.drained.load(Ordering::Acquire)
    }

    /// Returns the position below which everything is durable.
    pub fn synced(&self) -> u64 {
        self.synced.load(Ordering::Acquire)
    }

    /// Returns the bytes of records in the generation's files.
    pub fn bytes(&self) -> u64 {
        self.drained().saturating_sub(self.start.load(Ordering::Relaxed))
    }

    /// Returns how the log does.
    pub fn health(&self) -> Health {
        match self.state.load(Ordering::Acquire) {
            FINE => Health::Fine,
            REFUSING => Health::Refusing(self.error()),
            _ => Health::Distrusted(self.error()),
        }
    }
}

/// Where a log goes on, beside its files.
struct Marks {
    staged: u64,
    synced: u64,
    start: u64,
}

#[cfg(test)]
mod tests;
