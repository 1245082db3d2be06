//! Where the next record goes: what every append touches, in one line of the cache.
//!
//! ```text
//!   append      latch ─▶ staged + len ≤ room_end? ─▶ copy ─▶ staged ─▶ unlatch         two or three dozen nanoseconds
//!                              │ no
//!   who closes  ▼ overflow locked, room_end = 0: nobody appends ─▶ disk, overflow … ─▶ room_end again
//! ```
//!
//! The latch is held for the copy of a record and never across a call to the system, so a lock that can put threads to
//! sleep would be too dear: giving such a lock back costs a second atomic exchange, which waits until the copy has
//! left the processor's store buffer – half of what an append costs. Whoever finds the latch taken spins, and
//! lets others run when that takes long: its holder was stopped by the kernel in the middle.
//!
//! What may take long is done by who has *closed* the head: with the overflow's lock, which does put threads to sleep.
//!
//! Invariants: `staged` and `records` are written by who has the latch, or has closed the head. `room_end` is 0 while
//! the head is closed, while the overflow has anything, and always when the ring does not outlive the process.
use super::super::{frame::Prefix, ring::Ring};
use crate::base::lock::{Mutex, MutexGuard};
use std::{
    hint,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

/// See the module.
pub struct Head {
    latch: AtomicBool,
    /// Whether the ring outlives the process; otherwise every record is drained by who appends it.
    outlives: bool,
    /// The end of the ring's records.
    staged: AtomicU64,
    /// Up to which position there is room in the ring, as far as is known.
    room_end: AtomicU64,
    /// Records that were appended.
    records: AtomicU64,
    /// Records that have no room in the ring, because the disk refuses.
    overflow: Mutex<Vec<u8>>,
}

/// The latch, as long as it is held.
struct Latched<'h>(&'h Head);

impl Drop for Latched<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.latch.store(false, Ordering::Release);
    }
}

impl Head {
    pub fn new(staged: u64, room_end: u64, outlives: bool) -> Self {
        Self {
            latch: AtomicBool::new(false),
            outlives,
            staged: AtomicU64::new(staged),
            room_end: AtomicU64::new(if outlives { room_end } else { 0 }),
            records: AtomicU64::new(0),
            overflow: Mutex::new(Vec::new()),
        }
    }

    #[inline]
    fn latch(&self) -> Latched<'_> {
        if self.latch.swap(true, Ordering::Acquire) {
            self.latch_slowly();
        }
        Latched(self)
    }

    #[cold]
    #[inline(never)]
    fn latch_slowly(&self) {
        const SPINS: u32 = 64;
        const YIELDS: u32 = 64;
        const NAP: Duration = Duration::from_micros(50);
        let mut rounds = 0;
        loop {
            for _ in 0..SPINS {
                hint::spin_loop();
                if !self.latch.load(Ordering::Relaxed) && !self.latch.swap(true, Ordering::Acquire) {
                    return;
                }
            }
            rounds += 1;
            // A holder of lower priority would never run beside somebody who only steps back.
            if rounds < YIELDS { thread::yield_now() } else { thread::sleep(NAP) }
        }
    }

    /// Copies a record in two parts to the ring and returns the position of its end; `None`: there is no room, as far as
    /// is known.
    #[inline(always)]
    pub fn append(&self, ring: &Ring, prefix: &Prefix, commands: &[u8]) -> Option<u64> {
        let _latched = self.latch();
        let from = self.staged.load(Ordering::Relaxed);
        let end = from + (prefix.len() + commands.len()) as u64;
        if end > self.room_end.load(Ordering::Relaxed) {
            return None;
        }
        self.stage(ring, from, prefix, commands, end);
        Some(end)
    }

    #[inline(always)]
    fn stage(&self, ring: &Ring, from: u64, prefix: &Prefix, commands: &[u8], end: u64) {
        ring.stage(from, prefix, commands);
        ring.commit(end);
        self.count();
        self.staged.store(end, Ordering::Release);
    }

    /// Plain: only one thread at a time may.
    #[inline]
    fn count(&self) {
        self.records.store(self.records.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// Locks everybody else out. May block as long as somebody waits for the disk.
    pub fn close(&self) -> Closed<'_> {
        let overflow = self.overflow.lock();
        let latched = self.latch();
        let room_end = self.room_end.swap(0, Ordering::Relaxed);
        drop(latched);
        Closed { head: self, overflow, room_end }
    }

    /// The end of the ring's records.
    #[inline]
    pub fn staged(&self) -> u64 {
        self.staged.load(Ordering::Acquire)
    }

    /// The end of all records. May block as [`Head::close`].
    pub fn end(&self) -> u64 {
        // While the overflow has anything, only who has it locked moves `staged`.
        let overflow = self.overflow.lock();
        self.staged() + overflow.len() as u64
    }

    /// The number of records that were appended.
    pub fn records(&self) -> u64 {
        self.records.load(Ordering::Relaxed)
    }
}

/// The head, while nobody else appends.
pub struct Closed<'h> {
    head: &'h Head,
    overflow: MutexGuard<'h, Vec<u8>>,
    /// Up to which position the ring has room.
    pub room_end: u64,
}

impl Closed<'_> {
    /// The end of all records.
    pub fn end(&self) -> u64 {
        self.staged() + self.overflow.len() as u64
    }

    /// The end of the ring's records.
    pub fn staged(&self) -> u64 {
        self.head.staged.load(Ordering::Relaxed)
    }

    /// What does not fit into the ring.
    pub fn overflow(&self) -> &[u8] {
        &self.overflow
    }

    /// Copies a record to the ring, where there is room.
    pub fn stage(&self, ring: &Ring, prefix: &Prefix, commands: &[u8], end: u64) {
        self.head.stage(ring, self.staged(), prefix, commands, end);
    }

    /// Keeps a record behind the ring's.
    pub fn overflow_with(&mut self, prefix: &Prefix, commands: &[u8]) {
        self.head.count();
        self.overflow.extend_from_slice(&prefix.padded()[..prefix.len()]);
        self.overflow.extend_from_slice(commands);
    }

    /// Notes that the first `len` bytes of the overflow are elsewhere, and that the ring goes on empty at `position`.
    pub fn jump(&mut self, len: usize, position: u64) {
        self.overflow.drain(..len);
        if self.overflow.is_empty() {
            *self.overflow = Vec::new();
        }
        self.head.staged.store(position, Ordering::Release);
    }
}

impl Drop for Closed<'_> {
    fn drop(&mut self) {
        if self.overflow.is_empty() && self.head.outlives {
            // Under the latch: who sees this sees where `staged` is now.
            let _latched = self.head.latch();
            self.head.room_end.store(self.room_end, Ordering::Relaxed);
        }
    }
}
