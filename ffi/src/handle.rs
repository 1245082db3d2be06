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
//! A slot holds its value in one or more shards, each behind a lock that readers share, and only for as long as it takes to
//! get a share of the value: no call runs under it. Databases have several shards, by thread, each with a share of its own to
//! give, so that calls of many threads do not meet on one cache line. Freeing a handle empties the slot and gives it a new
//! generation; the slot is used again, its memory is never given back.
//!
//! After a fork the child may find locks that threads of the parent held, which it does not have. So nothing here touches a
//! lock without having looked whether this is still the process that has made the handle.
use crate::{bell::of_the_parent, boundary::misuse, process};
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
    /// The process that has filled it last, 0 for none.
    process: AtomicU32,
    shards: OnceLock<Box<[Shard<T>]>>,
}

#[repr(align(128))]
struct Shard<T>(RwLock<Held<T>>);

struct Held<T> {
    generation: u32,
    value: Option<T>,
}

impl<T: Clone> Table<T> {
    pub const fn new(kind: u8, shard_count: usize, refusal: &'static str) -> Self {
        let made = AtomicU32::new(0);
        let chunks = [const { OnceLock::new() }; CHUNKS];
        Self { kind, shard_count, refusal, chunks, free: AtomicU64::new(0), made }
    }

    /// Makes a handle of `value`.
    pub fn open<H>(&self, value: T) -> Result<*mut H> {
        self.open_by(|| value.clone())
    }

    /// Makes a handle of what `make` makes: something for each shard.
    pub fn open_by<H>(&self, mut make: impl FnMut() -> T) -> Result<*mut H> {
        let (index, slot, shards) = loop {
            let index = self.pop().map_or_else(|| self.grow(), Ok)?;
            let slot = self.slot(index).ok_or_else(full)?;
            let shards = slot.shards.get_or_init(|| {
                let empty = || Shard(RwLock::new(Held { generation: 0, value: None }));
                (0..self.shard_count).map(|_| empty()).collect()
            });
            // One that a thread of the parent was just in is lost to the child.
            if !slot.is_foreign() || shards.iter().all(Shard::is_idle) {
                break (index, slot, shards);
            }
        };
        let mut generation = 0;
        for shard in shards {
            let mut held = shard.write();
            held.generation = held.generation.wrapping_add(1);
            held.value = Some(make());
            generation = held.generation;
        }
        // Not before: it says that no lock in there is held by a thread that a fork has left behind.
        slot.process.store(process::current(), Ordering::Release);
        let mark = usize::from(MARK + self.kind) << 56;
        Ok(ptr::without_provenance_mut(mark | (generation as usize) << INDEX_BITS | index as usize))
    }

    /// Returns a share of what the handle stands for: it may be freed meanwhile.
    #[inline]
    pub fn get<H>(&self, handle: *const H) -> Result<T> {
        let (slot, generation) = self.find(handle)?;
        let shards = slot.shards_here(self.refusal)?;
        let shard = &shards[THREAD.try_with(|n| *n).unwrap_or(0) & (shards.len() - 1)];
        let held = shard.read();
        match &held.value {
            Some(value) if held.generation == generation => Ok(value.clone()),
            _ => Err(misuse(self.refusal)),
        }
    }

    /// Frees the handle, and returns what it stood for.
    pub fn take<H>(&self, handle: *const H) -> Result<T> {
        let (slot, generation) = self.find(handle)?;
        let shards = slot.shards_here(self.refusal)?;
        let mut taken = None;
        for shard in shards {
            let mut held = shard.write();
            // Whoever finds the first shard filled is the one who frees the handle: others are refused there.
            if held.generation != generation || held.value.is_none() {
                return Err(misuse(self.refusal));
            }
            let before = std::mem::replace(&mut taken, held.value.take());
            drop(held);
            drop(before);
        }
        self.push(slot, handle.addr() as u32 & ((1 << INDEX_BITS) - 1));
        taken.ok_or_else(|| misuse(self.refusal))
    }

    /// The same for functions that only free. A child of a fork may call them for handles of its parent: `None`, and nothing
    /// was done.
    pub fn free<H>(&self, handle: *const H) -> Result<Option<T>> {
        if self.is_of_the_parent(handle) { Ok(None) } else { self.take(handle).map(Some) }
    }

    /// Tells whether this is a child of a fork, and the handle one of its parent's.
    pub fn is_of_the_parent<H>(&self, handle: *const H) -> bool {
        self.find(handle).is_ok_and(|(slot, _)| slot.is_foreign())
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
    /// The shards, if this process has filled them: nobody who is not there holds their locks.
    #[inline]
    fn shards_here(&self, refusal: &'static str) -> Result<&[Shard<T>]> {
        if self.is_foreign() {
            return Err(of_the_parent());
        }
        self.shards.get().map(|shards| &**shards).ok_or_else(|| misuse(refusal))
    }

    /// Tells whether a process has filled it that this one was forked from.
    #[inline]
    fn is_foreign(&self) -> bool {
        let filled_by = self.process.load(Ordering::Acquire);
        filled_by != process::current() && filled_by != 0
    }
}

impl<T> Shard<T> {
    fn read(&self) -> RwLockReadGuard<'_, Held<T>> {
        self.0.read().unwrap_or_else(|held| held.into_inner())
    }

    fn write(&self) -> RwLockWriteGuard<'_, Held<T>> {
        self.0.write().unwrap_or_else(|held| held.into_inner())
    }

    /// Tells whether nobody holds the lock.
    fn is_idle(&self) -> bool {
        !matches!(self.0.try_write(), Err(TryLockError::WouldBlock))
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
