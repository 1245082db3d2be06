//! Handles: what C holds of a database, a transaction, a subscription …
//!
//! A handle looks like a pointer and is a number: a mark with its type, the generation of a slot, and the slot. It is never
//! followed. So NULL, a handle of another type, one that was freed, and any other address are told from an open one by looking
//! into our own tables, without reading memory that may not be there – and two threads that close and use the same handle at once
//! get an answer each, not a crash. Shells of memory with a tag that is cleared were the alternative: they would have to be read to be
//! refused, and kept for ever.
//!
//! ```text
//!     63      56 55              24 23           0
//!     ┌─────────┬──────────────────┬──────────────┐      No address of a user program has this mark: whoever
//!     │ A0+type │    generation    │     slot     │      follows a handle by mistake faults at once.
//!     └─────────┴──────────────────┴──────────────┘
//! ```
//!
//! A slot holds its value in one or more shards, each behind a lock that readers share. Databases have several, by thread, so that
//! calls of many threads do not meet on one cache line. Freeing a handle empties the slot and gives it a new generation; the slot
//! is used again, its memory is never given back.
//!
//! After a fork the child may find locks that threads of the parent held, which it does not have. So nothing here waits for a lock
//! without having looked whether this is still the process that has made the handle.
use crate::boundary::misuse;
use std::{
    ptr,
    sync::{
        OnceLock, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError,
        atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering},
    },
};
use tenondb::{Error, Kind, Result};

const _: () = assert!(size_of::<usize>() == 8, "handles need 64 bits");

const INDEX_BITS: u32 = 24;
const MARK: u8 = 0xA0;
/// The first chunk of slots; each is twice as large as the one before.
const FIRST: usize = 64;
const CHUNKS: usize = (INDEX_BITS - FIRST.trailing_zeros()) as usize;

static THREADS: AtomicUsize = AtomicUsize::new(0);
thread_local! {
    static THREAD: usize = THREADS.fetch_add(1, Ordering::Relaxed);
}

/// All handles of one type.
pub struct Table<T> {
    kind: u8,
    shard_count: usize,
    refusal: &'static str,
    chunks: [OnceLock<Box<[Slot<T>]>>; CHUNKS],
    /// The slot that is used next, plus 1, and above it a count that makes every change of it another one.
    free: AtomicU64,
    /// Slots that were ever used.
    made: AtomicU32,
}

struct Slot<T> {
    /// The free slot behind this one, plus 1.
    next: AtomicU32,
    /// The process that has filled it.
    process: AtomicU32,
    shards: OnceLock<Box<[Shard<T>]>>,
}

#[repr(align(128))]
struct Shard<T>(RwLock<Held<T>>);

struct Held<T> {
    generation: u32,
    value: Option<T>,
}

#[cold]
fn of_the_parent() -> Error {
    Error::new(Kind::Misuse, "ERR this handle belongs to the process that has opened it")
}

impl<T: Clone> Table<T> {
    pub const fn new(kind: u8, shard_count: usize, refusal: &'static str) -> Self {
        let made = AtomicU32::new(0);
        let chunks = [const { OnceLock::new() }; CHUNKS];
        Self { kind, shard_count, refusal, chunks, free: AtomicU64::new(0), made }
    }

    /// Makes a handle of `value`.
    pub fn open<H>(&self, value: T) -> Result<*mut H> {
        let index = self.pop().map_or_else(|| self.grow(), Ok)?;
        let slot = self.slot(index).ok_or_else(full)?;
        slot.process.store(std::process::id(), Ordering::Relaxed);
        let shards = slot.shards.get_or_init(|| {
            let empty = || Shard(RwLock::new(Held { generation: 0, value: None }));
            (0..self.shard_count).map(|_| empty()).collect()
        });
        let mut generation = 0;
        for shard in shards {
            let mut held = slot.write(shard).ok_or_else(of_the_parent)?;
            held.generation = held.generation.wrapping_add(1);
            held.value = Some(value.clone());
            generation = held.generation;
        }
        let mark = usize::from(MARK + self.kind) << 56;
        Ok(ptr::without_provenance_mut(mark | (generation as usize) << INDEX_BITS | index as usize))
    }

    /// Lends what the handle stands for. It cannot be freed meanwhile: for calls that do not wait.
    #[inline]
    pub fn with<H, R>(&self, handle: *const H, run: impl FnOnce(&T) -> Result<R>) -> Result<R> {
        let (slot, generation) = self.find(handle)?;
        let shards = slot.shards.get().ok_or_else(|| misuse(self.refusal))?;
        let shard = &shards[THREAD.try_with(|n| *n).unwrap_or(0) & (shards.len() - 1)];
        let held = slot.read(shard).ok_or_else(of_the_parent)?;
        match &held.value {
            Some(value) if held.generation == generation => run(value),
            _ => Err(misuse(self.refusal)),
        }
    }

    /// Returns a share of what the handle stands for.
    pub fn get<H>(&self, handle: *const H) -> Result<T> {
        self.with(handle, |value| Ok(value.clone()))
    }

    /// Frees the handle, and returns what it stood for. Waits for the calls that have it lent.
    pub fn take<H>(&self, handle: *const H) -> Result<T> {
        let (slot, generation) = self.find(handle)?;
        let shards = slot.shards.get().ok_or_else(|| misuse(self.refusal))?;
        let mut taken = None;
        for shard in shards {
            let mut held = slot.write(shard).ok_or_else(of_the_parent)?;
            // Whoever finds the first shard filled is the one who frees the handle: others are refused there.
            if held.generation != generation || held.value.is_none() {
                return Err(misuse(self.refusal));
            }
            taken = held.value.take();
        }
        self.push(slot, handle.addr() as u32 & ((1 << INDEX_BITS) - 1));
        taken.ok_or_else(|| misuse(self.refusal))
    }

    #[inline]
    fn find<H>(&self, handle: *const H) -> Result<(&Slot<T>, u32)> {
        let number = handle.addr();
        if number >> 56 != usize::from(MARK + self.kind) {
            return Err(misuse(self.refusal));
        }
        let index = number as u32 & ((1 << INDEX_BITS) - 1);
        let slot = self.slot(index).ok_or_else(|| misuse(self.refusal))?;
        Ok((slot, (number >> INDEX_BITS) as u32))
    }

    #[inline]
    fn slot(&self, index: u32) -> Option<&Slot<T>> {
        let (chunk, at) = place(index);
        self.chunks.get(chunk)?.get()?.get(at)
    }

    fn grow(&self) -> Result<u32> {
        let index = self.made.fetch_add(1, Ordering::Relaxed);
        let (chunk, _) = place(index);
        let Some(slots) = self.chunks.get(chunk) else {
            self.made.fetch_sub(1, Ordering::Relaxed);
            return Err(full());
        };
        slots.get_or_init(|| {
            let slot =
                || Slot { next: AtomicU32::new(0), process: AtomicU32::new(0), shards: OnceLock::new() };
            (0..FIRST << chunk).map(|_| slot()).collect()
        });
        Ok(index)
    }

    fn pop(&self) -> Option<u32> {
        let mut head = self.free.load(Ordering::Acquire);
        loop {
            let index = (head as u32).checked_sub(1)?;
            let next = self.slot(index)?.next.load(Ordering::Relaxed);
            let changed = (head >> 32).wrapping_add(1) << 32 | u64::from(next);
            match self.free.compare_exchange_weak(head, changed, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return Some(index),
                Err(now) => head = now,
            }
        }
    }

    fn push(&self, slot: &Slot<T>, index: u32) {
        let mut head = self.free.load(Ordering::Acquire);
        loop {
            slot.next.store(head as u32, Ordering::Relaxed);
            let changed = (head >> 32).wrapping_add(1) << 32 | u64::from(index + 1);
            match self.free.compare_exchange_weak(head, changed, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return,
                Err(now) => head = now,
            }
        }
    }
}

impl<T> Slot<T> {
    /// `None`: a thread of the parent process holds the lock for ever.
    #[inline]
    fn read<'s>(&self, shard: &'s Shard<T>) -> Option<RwLockReadGuard<'s, Held<T>>> {
        match shard.0.try_read() {
            Ok(held) => Some(held),
            Err(TryLockError::Poisoned(held)) => Some(held.into_inner()),
            Err(TryLockError::WouldBlock) if self.is_foreign() => None,
            Err(TryLockError::WouldBlock) => Some(shard.0.read().unwrap_or_else(|held| held.into_inner())),
        }
    }

    /// The same for changing what is there.
    fn write<'s>(&self, shard: &'s Shard<T>) -> Option<RwLockWriteGuard<'s, Held<T>>> {
        match shard.0.try_write() {
            Ok(held) => Some(held),
            Err(TryLockError::Poisoned(held)) => Some(held.into_inner()),
            Err(TryLockError::WouldBlock) if self.is_foreign() => None,
            Err(TryLockError::WouldBlock) => Some(shard.0.write().unwrap_or_else(|held| held.into_inner())),
        }
    }

    #[cold]
    fn is_foreign(&self) -> bool {
        self.process.load(Ordering::Relaxed) != std::process::id()
    }
}

#[cold]
fn full() -> Error {
    Error::new(Kind::Limit, "ERR there are too many open handles of this type")
}

/// The chunk that holds slot `index`, and where in it.
#[inline]
fn place(index: u32) -> (usize, usize) {
    let from = index as usize + FIRST;
    let chunk = (from.ilog2() - FIRST.ilog2()) as usize;
    (chunk, from - (FIRST << chunk))
}
