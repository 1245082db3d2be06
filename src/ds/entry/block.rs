//! Where blocks of entries come from: mimalloc (feature `mimalloc`, on by default), or the program's own allocator.
//!
//! Entries are what a keyspace is made of: millions of small blocks, made by one thread and freed by any. While a snapshot
//! goes through a table, it is the thread that writes it who frees what was replaced meanwhile. Allocators of C libraries
//! keep such blocks in the arena of the thread that made them, unsorted, until that thread asks for something larger and
//! pays for them all: with glibc a command of 700 ns took 10 to 30 ms. mimalloc takes back what others have freed page by
//! page. It also needs no word of its own in a block, and eight bytes less are eight bytes of cache.
//!
//! A child of a fork goes on using it, though threads of its parent may have been in the middle of it: version 2 has
//! no locks where entries come from, and what such a thread had taken is lost to the child, and nothing else.
//!
//! It is called by name, not as the program's allocator: a library does not choose that.
//!
//! # Invariant
//! *Block*: what is given back or resized came from here, with this size, and is given back once.
use std::{
    alloc::{Layout, handle_alloc_error},
    ptr::NonNull,
};

/// What a block is aligned to, and so are its words.
const ALIGN: usize = align_of::<u64>();

/// The layout of a block of `size` bytes.
#[inline]
fn layout(size: usize) -> Layout {
    // The parts are slices that exist, and a few words: their sum is far below what a layout can hold.
    Layout::from_size_align(size, ALIGN).expect("an entry fits the address space")
}

#[cold]
fn none(size: usize) -> ! {
    handle_alloc_error(layout(size))
}

#[cfg(feature = "mimalloc")]
mod from {
    use libmimalloc_sys::{mi_free, mi_malloc, mi_realloc};

    #[inline]
    pub fn request(size: usize) -> *mut u8 {
        // SAFETY: asking has no conditions; what comes is aligned to 8 from 8 bytes on, which the smallest entry has.
        unsafe { mi_malloc(size) }.cast()
    }

    /// # Safety
    /// Invariant *Block*.
    #[inline]
    pub unsafe fn give_back(block: *mut u8, _: usize) {
        // SAFETY: it came from `mi_malloc`.
        unsafe { mi_free(block.cast()) };
    }

    /// # Safety
    /// Invariant *Block*.
    #[inline]
    pub unsafe fn resize(block: *mut u8, _: usize, size: usize) -> *mut u8 {
        // SAFETY: it came from `mi_malloc`.
        unsafe { mi_realloc(block.cast(), size) }.cast()
    }
}

#[cfg(not(feature = "mimalloc"))]
mod from {
    use super::layout;
    use std::alloc::{alloc, dealloc, realloc};

    #[inline]
    pub fn request(size: usize) -> *mut u8 {
        debug_assert_ne!(size, 0);
        // SAFETY: the size is at least that of a header.
        unsafe { alloc(layout(size)) }
    }

    /// # Safety
    /// Invariant *Block*.
    #[inline]
    pub unsafe fn give_back(block: *mut u8, size: usize) {
        // SAFETY: it came from `alloc` with this layout.
        unsafe { dealloc(block, layout(size)) };
    }

    /// # Safety
    /// Invariant *Block*.
    #[inline]
    pub unsafe fn resize(block: *mut u8, old: usize, size: usize) -> *mut u8 {
        // SAFETY: it came from `alloc` with this layout; the new size is at least that of a header.
        unsafe { realloc(block, layout(old), size) }
    }
}

/// Returns a new block of `size` bytes, which is at least a header's, aligned to 8. Aborts when there is no memory.
#[inline]
pub fn request(size: usize) -> NonNull<u8> {
    NonNull::new(from::request(size)).unwrap_or_else(|| none(size))
}

/// Frees a block.
///
/// # Safety
/// Invariant *Block*.
#[inline]
pub unsafe fn give_back(block: NonNull<u8>, size: usize) {
    // SAFETY: the caller's promise.
    unsafe { from::give_back(block.as_ptr(), size) };
}

/// Makes a block longer or shorter, wherever it lies then; what fits of it stays. Aborts when there is no memory.
///
/// # Safety
/// Invariant *Block*; `size` is at least a header's.
#[inline]
pub unsafe fn resize(block: NonNull<u8>, old: usize, size: usize) -> NonNull<u8> {
    // SAFETY: the caller's promise.
    NonNull::new(unsafe { from::resize(block.as_ptr(), old, size) }).unwrap_or_else(|| none(size))
}
