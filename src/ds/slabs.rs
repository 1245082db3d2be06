//! Small blocks of memory: made by one thread, freed by any, and nobody pays later for what others did.
//!
//! A keyspace is millions of small entries, in tables of segments; a large value is blocks of some kilobytes. Whoever replaces one
//! frees what another thread has made, and while a snapshot goes through a table, it is the thread that writes it who frees
//! what was replaced meanwhile. General allocators keep what
//! others free apart, and its owner takes it all back when it runs short: after a snapshot of five million keys a SET of
//! 700 ns took 10 to 30 ms with glibc (`malloc_consolidate`), 4 to 18 ms with mimalloc 2 (its list of pages that others have
//! freed from). Here every block goes back at once to where it came from, in a fixed number of steps:
//!
//! ```text
//!  heaps  (64; a thread has a favourite, and takes the next one when that is busy)
//!  ┌──────────────┐
//!  │ busy, late   │     per class: slabs with room          chunk of 2 MiB, aligned to its size
//!  │ class   8    │──▶ slab ⇄ slab ⇄ slab                   ┌──────┬─────────────┬────────┬───┬─────────┐
//!  │ class  16    │                                         │ free │ what is     │ slab 0 │ … │ slab 31 │
//!  │ …            │                                         │ slabs│ known of 32 │ 56 KiB │   │ 64 KiB  │
//!  │ class 4624   │──▶ slab                                 └──────┴──────▲──────┴────────┴───┴──▲──────┘
//!  │ free slabs   │──▶ chunk ⇄ chunk                                      └── block & !(2 MiB-1) ┘
//!  └──────────────┘
//!  slab   ┌─────┬─────┬──────┬─────┬────────────┐   blocks of one size. Free ones are linked through their
//!         │ used│free │ used │free │ never used │   first word; those never used lie at the end, untouched.
//!         └─────┴──┬──┴──────┴──▲──┴────────────┘
//!                  └────────────┘
//! ```
//!
//! Sizes go in steps of 8 bytes to 256, then of an eighth of a power of two, to 4 KiB, and there is one for the segments of
//! tables; what is larger is the program's allocator's. A slab without blocks is free for any class; a chunk without slabs
//! is unmapped, but for the last one with room that a heap has.
//!
//! # Threads and forks
//! A heap is guarded by a word that nobody ever waits for: who wants a block takes it from a heap that is not busy; who gives
//! one back while its heap is busy pushes it on a list, `late`, of which later calls there take back a few at a time. So
//! a child of a fork, in which a thread that had taken a heap does not exist any more, does without that heap, and does
//! not hang.
//!
//! # Complexity
//! Everything O(1). Mapping and unmapping a chunk are calls of the kernel: a heap that grows or shrinks does one for each
//! chunk. Of a new chunk the kernel brings each page when it is first touched: small pages, as nobody waits long for one of
//! them; but for [who fills much](as_filler) the chunk is one large page, of which the processor remembers one address
//! instead of hundreds.
//!
//! # Memory
//! No header in a block. Each heap that is used has a slab, touched as far as it was used, for each class that is used, and
//! keeps its last chunk.
//!
//! # Invariant
//! *Block*: what is given back or resized came from here, with this size, and is given back once.
use std::{
    alloc::{Layout, alloc, dealloc, handle_alloc_error, realloc},
    marker::PhantomData,
    ptr::{self, NonNull},
};

mod classes;
mod heap;
mod list;
mod pages;
#[cfg(test)]
mod tests;
pub use classes::LARGEST;
use classes::class_of;
use heap::Heaps;
pub use pages::Pages;

/// The heaps of the process.
static HEAPS: Heaps = Heaps::new();

/// What a block is aligned to whose size is a multiple of it; others are to [`WORD`].
pub const ALIGN: usize = 16;

/// What every block is aligned to.
pub const WORD: usize = 8;

/// The layout of a block of `size` bytes.
#[inline]
fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, ALIGN).expect("a block fits the address space")
}

#[cold]
fn none(size: usize) -> ! {
    handle_alloc_error(layout(size))
}

/// A thread that fills a part of something large; see [`as_filler`]. Of two the later one is dropped first.
#[must_use]
#[derive(Debug)]
pub struct Filler {
    favourite: usize,
    pages: Pages,
    /// It is about one thread.
    _stays: PhantomData<*const ()>,
}

/// Until what it returns is dropped, this thread takes its blocks from heap `number` first, as others with that number
/// did before: threads that come and go would leave a little in each heap. New chunks of it are of `pages`. Where the
/// kernel has large ones, it fills them sooner, and the processor finds what is there sooner. Each is cleared in one
/// piece, which takes up to half a millisecond and takes all of its memory at once, so nobody should wait for this thread.
pub fn as_filler(number: usize, pages: Pages) -> Filler {
    Filler { favourite: heap::prefer(number), pages: pages::want(pages), _stays: PhantomData }
}

impl Drop for Filler {
    fn drop(&mut self) {
        heap::prefer_again(self.favourite);
        pages::want(self.pages);
    }
}

/// Tells whether blocks of this size are ours. None is when a checker of memory is to see each of them
/// (`--cfg tenon_plain_blocks`).
#[inline]
fn is_small(size: usize) -> bool {
    size <= LARGEST && !cfg!(any(miri, tenon_plain_blocks))
}

/// Returns a new block of `size` bytes, which is not 0, aligned to 8, and to [`ALIGN`] when the size is a multiple of that.
/// Aborts when there is no memory.
#[inline]
pub fn request(size: usize) -> NonNull<u8> {
    debug_assert_ne!(size, 0);
    let block = if is_small(size) {
        HEAPS.take(class_of(size))
    } else {
        // SAFETY: the size is not 0.
        unsafe { alloc(layout(size)) }
    };
    NonNull::new(block).unwrap_or_else(|| none(size))
}

/// Frees a block.
///
/// # Safety
/// Invariant *Block*.
#[inline]
pub unsafe fn give_back(block: NonNull<u8>, size: usize) {
    if is_small(size) {
        // SAFETY: the caller's promise: it came from `take`.
        unsafe { HEAPS.give_back(block) }
    } else {
        // SAFETY: the caller's promise: it came from `alloc` with this layout.
        unsafe { dealloc(block.as_ptr(), layout(size)) }
    }
}

/// Makes a block longer or shorter, wherever it lies then; what fits of it stays. Aborts when there is no memory.
///
/// # Safety
/// Invariant *Block*; `size` is not 0.
pub unsafe fn resize(block: NonNull<u8>, old: usize, size: usize) -> NonNull<u8> {
    match (is_small(old), is_small(size)) {
        (true, true) if class_of(old) == class_of(size) => block,
        (false, false) => {
            // SAFETY: the caller's promise: it came from `alloc` with this layout, and the new size is not 0.
            let moved = unsafe { realloc(block.as_ptr(), layout(old), layout(size).size()) };
            NonNull::new(moved).unwrap_or_else(|| none(size))
        }
        _ => {
            let moved = request(size);
            // SAFETY: both have as many bytes, and the new one overlaps with nothing.
            unsafe { ptr::copy_nonoverlapping(block.as_ptr(), moved.as_ptr(), old.min(size)) };
            // SAFETY: the caller's promise.
            unsafe { give_back(block, old) };
            moved
        }
    }
}
