//! Heaps, their chunks and slabs.
//!
//! # Invariants
//! - *Held*: what a heap has inside, and everything its slabs and chunks know of themselves, is reached by whoever holds it,
//!   and by nobody else, but for the number of a slab's heap, which stays as long as the slab has blocks.
//! - *Slab*: `free` links the blocks that were given back, `fresh` to `end` was never used, `used` counts the others; it is in
//!   the ring of its class exactly when it has a free block or a fresh one.
//! - *Chunk*: a bit of `free` for each slab that has no blocks; it is in the ring of its heap exactly when there is one.
use super::{
    classes::{CLASSES, bytes_of},
    list::{Linked, Links, Ring},
    pages::{self, CHUNK},
};
use crossbeam_utils::CachePadded;
use std::{
    cell::{Cell, UnsafeCell},
    ops::{Deref, DerefMut},
    ptr::{self, NonNull},
    sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering},
    thread,
};

/// More than there are threads that could ever be in the middle of one at the same moment, when somebody forks.
const HEAPS: usize = 64;

const SLAB: usize = 64 * 1024;
const SLABS: usize = CHUNK / SLAB;
const ALL_FREE: u32 = u32::MAX >> (u32::BITS as usize - SLABS);

/// What a chunk knows of itself and of its slabs lies in its first pages.
const KNOWN: usize = 8192;

/// How many blocks that came late a request takes back.
const LATE_AT_ONCE: usize = 8;

/// A block that nobody uses.
struct Free {
    next: *mut Free,
}

/// What is known of a slab. A line of the cache.
#[repr(align(64))]
struct Slab {
    free: Cell<*mut Free>,
    fresh: Cell<*mut u8>,
    end: *mut u8,
    links: Links<Self>,
    used: Cell<u16>,
    bytes: u16,
    class: u8,
    heap: u8,
    is_listed: Cell<bool>,
}

const _: () = assert!(size_of::<Slab>() == 64 && KNOWN >= 3 * SLABS * 64 && size_of::<Chunk>() <= SLABS * 64);

/// What is known of a chunk.
struct Chunk {
    free: Cell<u32>,
    links: Links<Self>,
}

impl Linked for Slab {
    fn links(&self) -> &Links<Self> {
        &self.links
    }
}

impl Linked for Chunk {
    fn links(&self) -> &Links<Self> {
        &self.links
    }
}

/// The chunk in which `at` lies.
fn chunk_of<T>(at: NonNull<T>) -> NonNull<Chunk> {
    // A chunk does not begin at 0: what is in one is not below its size.
    at.map_addr(|at| at.get().wrapping_sub(at.get() % CHUNK).try_into().unwrap_or(at)).cast()
}

/// What is known of the slab `number` of a chunk. Chunks lie a power of two apart, and would all have it in the same lines
/// of a cache: every second one has it elsewhere.
#[inline]
fn slab_at(chunk: NonNull<Chunk>, number: usize) -> *mut Slab {
    let place = 1 + (chunk.addr().get() / CHUNK) % 2;
    chunk.as_ptr().cast::<Slab>().wrapping_add(place * SLABS + number)
}

/// The slab in which a block lies.
#[inline]
fn slab_of(block: NonNull<u8>) -> NonNull<Slab> {
    let number = block.addr().get() % CHUNK / SLAB;
    let slab = slab_at(chunk_of(block), number);
    // SAFETY: inside a chunk, which does not begin at 0.
    unsafe { NonNull::new_unchecked(slab) }
}

/// All heaps. See the module above.
pub struct Heaps {
    heaps: [CachePadded<Heap>; HEAPS],
}

struct Heap {
    busy: AtomicBool,
    /// Blocks that came back while it was busy.
    late: AtomicPtr<Free>,
    inside: UnsafeCell<Inside>,
}

// SAFETY: invariant *Held*: the word `busy` sees to it that one thread at a time is inside; the pointers there are to
// memory of the process that no thread owns.
unsafe impl Sync for Heap {}

struct Inside {
    with_room: [Ring<Slab>; CLASSES],
    chunks: Ring<Chunk>,
    /// Some that came late, not yet taken back.
    returned: *mut Free,
}

/// A heap that this thread has for itself.
struct Held<'h> {
    heap: &'h Heap,
}

thread_local! {
    static FAVOURITE: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// The heap that this thread looks at first.
#[inline]
fn favourite() -> usize {
    match FAVOURITE.get() {
        usize::MAX => choose(),
        chosen => chosen,
    }
}

/// Has this thread look first at heap `number`, counted from the end: threads choose theirs from the beginning. Returns
/// what [`prefer_again`] takes.
pub fn prefer(number: usize) -> usize {
    FAVOURITE.replace(HEAPS - 1 - number % HEAPS)
}

/// Takes a [`prefer`] back.
pub fn prefer_again(before: usize) {
    FAVOURITE.set(before);
}

#[cold]
fn choose() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let chosen = NEXT.fetch_add(1, Ordering::Relaxed) % HEAPS;
    FAVOURITE.set(chosen);
    chosen
}

impl Heaps {
    pub const fn new() -> Self {
        Self { heaps: [const { CachePadded::new(Heap::new()) }; HEAPS] }
    }

    /// Returns a new block of a class; null when there is no memory.
    #[inline]
    pub fn take(&self, class: usize) -> *mut u8 {
        let favourite = favourite();
        match self.heaps[favourite].try_hold() {
            Some(mut held) => held.take(class, favourite),
            None => self.take_elsewhere(class, favourite + 1),
        }
    }

    #[cold]
    fn take_elsewhere(&self, class: usize, first: usize) -> *mut u8 {
        loop {
            for number in (first..first + HEAPS).map(|number| number % HEAPS) {
                if let Some(mut held) = self.heaps[number].try_hold() {
                    return held.take(class, number);
                }
            }
            thread::yield_now();
        }
    }

    /// Takes a block back.
    ///
    /// # Safety
    /// It came from [`take`](Self::take), and nobody uses it any more.
    #[inline]
    pub unsafe fn give_back(&self, block: NonNull<u8>) {
        // SAFETY: the slab has this block, so it is alive, and nobody writes its heap's number.
        let heap = &self.heaps[usize::from(unsafe { slab_of(block).as_ref() }.heap)];
        match heap.try_hold() {
            Some(mut held) => {
                // SAFETY: the caller's promise.
                unsafe { held.accept(block.cast()) };
                // Perhaps nobody takes from this heap any more.
                held.accept_late();
            }
            None => heap.accept_later(block.cast()),
        }
    }
}

impl Heap {
    const fn new() -> Self {
        let inside = Inside {
            with_room: [const { Ring::new() }; CLASSES],
            chunks: Ring::new(),
            returned: ptr::null_mut(),
        };
        Self {
            busy: AtomicBool::new(false),
            late: AtomicPtr::new(ptr::null_mut()),
            inside: UnsafeCell::new(inside),
        }
    }

    /// Takes the heap, unless somebody has it.
    #[inline]
    fn try_hold(&self) -> Option<Held<'_>> {
        // Acquire: what the one before has done inside is seen.
        (!self.busy.swap(true, Ordering::Acquire)).then(|| Held { heap: self })
    }

    /// Leaves a block for whoever holds the heap next.
    #[cold]
    fn accept_later(&self, block: NonNull<Free>) {
        // Release: pairs with the Acquire of who takes the list. The block is ours until it is on it.
        let _ = self.late.fetch_update(Ordering::Release, Ordering::Relaxed, |next| {
            // SAFETY: a block that nobody uses has room for a link.
            unsafe { block.write(Free { next }) };
            Some(block.as_ptr())
        });
    }
}

impl Deref for Held<'_> {
    type Target = Inside;

    #[inline]
    fn deref(&self) -> &Inside {
        // SAFETY: invariant *Held*.
        unsafe { &*self.heap.inside.get() }
    }
}

impl DerefMut for Held<'_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Inside {
        // SAFETY: invariant *Held*.
        unsafe { &mut *self.heap.inside.get() }
    }
}

impl Drop for Held<'_> {
    #[inline]
    fn drop(&mut self) {
        // Release: what was done inside is seen by the next one.
        self.heap.busy.store(false, Ordering::Release);
    }
}

impl Held<'_> {
    /// Returns a block of a class from this heap, which is `number`; null when there is no memory.
    #[inline]
    fn take(&mut self, class: usize, number: usize) -> *mut u8 {
        self.accept_late();
        let Some(at) = self.with_room[class].first().or_else(|| self.add_slab(class, number)) else {
            return ptr::null_mut();
        };
        // SAFETY: invariant *Held*: it is alive, and ours alone.
        let slab = unsafe { at.as_ref() };
        slab.used.set(slab.used.get() + 1);
        let block = if let Some(free) = NonNull::new(slab.free.get()) {
            // SAFETY: invariant *Slab*: a free block has a link.
            slab.free.set(unsafe { free.read() }.next);
            free.as_ptr().cast::<u8>()
        } else {
            let fresh = slab.fresh.get();
            slab.fresh.set(fresh.wrapping_add(usize::from(slab.bytes)));
            fresh
        };
        if slab.free.get().is_null() && slab.fresh.get() == slab.end {
            slab.is_listed.set(false);
            // SAFETY: it was there: it had room.
            unsafe { self.with_room[class].remove(at) };
        }
        block
    }

    /// Makes a slab of a class, the first of its ring.
    #[cold]
    fn add_slab(&mut self, class: usize, heap: usize) -> Option<NonNull<Slab>> {
        let at = self.chunks.first().or_else(|| self.add_chunk())?;
        // SAFETY: invariant *Held*: it is alive, and ours alone.
        let free = &unsafe { at.as_ref() }.free;
        let number = free.get().trailing_zeros() as usize;
        free.set(free.get() & (free.get() - 1));
        if free.get() == 0 {
            // SAFETY: it was there: it had a free slab.
            unsafe { self.chunks.remove(at) };
        }
        let bytes = bytes_of(class);
        let start = if number == 0 { KNOWN } else { number * SLAB };
        let base = at.as_ptr().cast::<u8>();
        let fresh = base.wrapping_add(start);
        let end = fresh.wrapping_add(((number + 1) * SLAB - start) / bytes * bytes);
        let slab = slab_at(at, number);
        let known = Slab {
            free: Cell::new(ptr::null_mut()),
            fresh: Cell::new(fresh),
            end,
            links: Links::none(),
            used: Cell::new(0),
            bytes: bytes as u16,
            class: class as u8,
            heap: heap as u8,
            is_listed: Cell::new(true),
        };
        // SAFETY: the place is the chunk's, aligned, and nobody else's: the slab was free.
        unsafe { slab.write(known) };
        let slab = NonNull::new(slab)?;
        // SAFETY: it lives as long as its chunk, which stays until all its slabs are free, and is in no ring.
        unsafe { self.with_room[class].add_first(slab) };
        Some(slab)
    }

    #[cold]
    fn add_chunk(&mut self) -> Option<NonNull<Chunk>> {
        let chunk = pages::map()?.cast::<Chunk>();
        // SAFETY: it is new, and a chunk is aligned to more than anything.
        unsafe { chunk.write(Chunk { free: Cell::new(ALL_FREE), links: Links::none() }) };
        // SAFETY: it lives until it is unmapped, which is when it has left the ring.
        unsafe { self.chunks.add(chunk) };
        Some(chunk)
    }

    /// Takes back some of what came late.
    #[inline]
    fn accept_late(&mut self) {
        if !self.heap.late.load(Ordering::Relaxed).is_null() || !self.returned.is_null() {
            self.accept_some();
        }
    }

    #[cold]
    fn accept_some(&mut self) {
        for _ in 0..LATE_AT_ONCE {
            if self.returned.is_null() {
                // Acquire: pairs with the Release of those who pushed.
                self.returned = self.heap.late.swap(ptr::null_mut(), Ordering::Acquire);
            }
            let Some(block) = NonNull::new(self.returned) else { return };
            // SAFETY: whoever pushed it wrote its link.
            self.returned = unsafe { block.read() }.next;
            // SAFETY: it came from this heap, and nobody uses it any more.
            unsafe { self.accept(block) };
        }
    }

    /// Takes a block back.
    ///
    /// # Safety
    /// It came from this heap, and nobody uses it any more.
    #[inline]
    unsafe fn accept(&mut self, block: NonNull<Free>) {
        let at = slab_of(block.cast());
        // SAFETY: invariant *Held*: it is alive, and ours alone.
        let slab = unsafe { at.as_ref() };
        // SAFETY: a block has room for a link, and nobody uses it any more.
        unsafe { block.write(Free { next: slab.free.replace(block.as_ptr()) }) };
        slab.used.set(slab.used.get() - 1);
        let class = usize::from(slab.class);
        if !slab.is_listed.replace(true) {
            // SAFETY: it was full, so in no ring; it lives as long as its chunk.
            unsafe { self.with_room[class].add(at) };
        }
        // The only one of its class with room stays: the next request would make it anew.
        if slab.used.get() == 0 && self.with_room[class].has_several() {
            // SAFETY: it has room, so it is there.
            unsafe { self.with_room[class].remove(at) };
            self.free_slab(at);
        }
    }

    /// Makes a slab, which is in no ring and has no block, one for any class.
    #[cold]
    fn free_slab(&mut self, slab: NonNull<Slab>) {
        let at = chunk_of(slab);
        let first = slab_at(at, 0);
        let number = (slab.addr().get() - first.addr()) / size_of::<Slab>();
        // SAFETY: invariant *Held*: it is alive, and ours alone.
        let free = &unsafe { at.as_ref() }.free;
        let before = free.replace(free.get() | 1 << number);
        let is_unused = free.get() == ALL_FREE;
        if before == 0 {
            // SAFETY: it was in no ring, and lives until it is unmapped.
            unsafe { self.chunks.add(at) };
        }
        if is_unused && self.chunks.has_several() {
            // SAFETY: it has free slabs, so it is there.
            unsafe { self.chunks.remove(at) };
            // SAFETY: it came from there; no slab of it is in use, and no ring has it.
            unsafe { pages::unmap(at.cast()) };
        }
    }
}

#[cfg(test)]
impl Heaps {
    /// The number of chunks that have a free slab.
    pub fn chunks_with_room(&self) -> usize {
        let held = self.heaps.iter().map(|heap| heap.try_hold().expect("nobody has it"));
        held.map(|held| held.chunks.len()).sum()
    }

    pub fn heap_of(&self, block: NonNull<u8>) -> u8 {
        // SAFETY: the slab has this block.
        unsafe { slab_of(block).as_ref() }.heap
    }

    /// Keeps the heap busy from which a block came.
    pub fn hold_heap_of(&self, block: NonNull<u8>) -> impl Drop {
        self.heaps[usize::from(self.heap_of(block))].try_hold().expect("nobody has it")
    }
}
