//! A stack of items in a chain of blocks: what a slot of the wheel holds.
//!
//! ```text
//!   List ──▶ ┌──────┬─────┬──────────┬─────────────┐     ┌──────┬─────┬──────────┬─────────────┐
//!            │ next │ len │ capacity │ items …     │ ──▶ │ next │ len │ capacity │ items …     │ ──▶ ·
//!            │  8   │  4  │    4     │ 4·W each    │     └──────┴─────┴──────────┴─────────────┘
//!            └──────┴─────┴──────────┴─────────────┘      full, as are all behind the first
//! ```
//!
//! A push fills the first block or chains a new one in front of it, so that nothing is ever copied, and a
//! pop that empties a block gives it back at once. Blocks hold four items more than the one behind them, up
//! to a kilobyte: the waste of a list of n items is O(√n), and a slot of one item costs one small block.
//!
//! # Complexity
//! Push and pop: O(1), with at most one call of the allocator. Memory: 4·W bytes an item, and O(√n).
//!
//! # Invariants
//! - *Chain*: `head` and every `next` point to a block of this list alone, or to none. A block came from
//!   the allocator with the layout that its `capacity` tells.
//! - *Filled*: the first `len` items of a block are initialised; `1 <= len <= capacity`.
use std::{
    alloc::{Layout, alloc, dealloc, handle_alloc_error},
    ptr::NonNull,
};

const FIRST_CAPACITY: u32 = 2;
const CAPACITY_STEP: u32 = 4;
const BLOCK_BYTES_MAX: usize = 1008;

#[derive(Clone, Copy)]
#[repr(C)]
struct Head {
    next: Option<NonNull<Head>>,
    len: u32,
    capacity: u32,
}

const _: () = assert!(size_of::<Head>() == 16);

/// A stack of items of `W` words.
pub(super) struct List<const W: usize> {
    head: Option<NonNull<Head>>,
}

// SAFETY: invariant *Chain*: the list owns its blocks, and there is nothing but words in them.
unsafe impl<const W: usize> Send for List<W> {}
// SAFETY: nothing changes, nor is anything read, through a shared list but whether it is empty.
unsafe impl<const W: usize> Sync for List<W> {}

impl<const W: usize> List<W> {
    pub(super) const EMPTY: Self = Self { head: None };

    const CAPACITY_MAX: u32 = ((BLOCK_BYTES_MAX - size_of::<Head>()) / size_of::<[u32; W]>()) as u32;

    pub(super) const fn is_empty(&self) -> bool {
        self.head.is_none()
    }

    fn layout(capacity: u32) -> Layout {
        let bytes = size_of::<Head>() + capacity as usize * size_of::<[u32; W]>();
        Layout::from_size_align(bytes, align_of::<Head>()).expect("a block is a kilobyte at most")
    }

    fn item(block: NonNull<Head>, index: u32) -> *mut [u32; W] {
        block.as_ptr().wrapping_add(1).cast::<[u32; W]>().wrapping_add(index as usize)
    }

    fn read(block: NonNull<Head>) -> Head {
        // SAFETY: invariant *Chain*: it is a block of ours, and starts with its head.
        unsafe { block.read() }
    }

    fn write(block: NonNull<Head>, head: Head) {
        // SAFETY: invariant *Chain*: it is a block of ours, which we hold mutably.
        unsafe { block.write(head) }
    }

    /// Adds an item; adds to `bytes` what had to be allocated.
    #[inline]
    pub(super) fn push(&mut self, item: [u32; W], bytes: &mut usize) {
        let (block, head) = match self.head.map(|block| (block, Self::read(block))) {
            Some((block, head)) if head.len < head.capacity => (block, head),
            full => Self::chain(full, bytes),
        };
        // SAFETY: invariant *Filled*: `len < capacity`, so the place is within the block.
        unsafe { Self::item(block, head.len).write(item) };
        Self::write(block, Head { len: head.len + 1, ..head });
        self.head = Some(block);
    }

    /// Makes a block in front of the one that is full. It is empty until the caller's push.
    #[cold]
    fn chain(full: Option<(NonNull<Head>, Head)>, bytes: &mut usize) -> (NonNull<Head>, Head) {
        let capacity =
            full.map_or(FIRST_CAPACITY, |(_, head)| (head.capacity + CAPACITY_STEP).min(Self::CAPACITY_MAX));
        let layout = Self::layout(capacity);
        // SAFETY: the layout has room for the head at least.
        let block = unsafe { alloc(layout) };
        let Some(block) = NonNull::new(block) else { handle_alloc_error(layout) };
        *bytes += layout.size();
        (block.cast(), Head { next: full.map(|(block, _)| block), len: 0, capacity })
    }

    /// Takes the item that came last; subtracts from `bytes` what could be freed.
    #[inline]
    pub(super) fn pop(&mut self, bytes: &mut usize) -> Option<[u32; W]> {
        let block = self.head?;
        let head = Self::read(block);
        let len = head.len - 1;
        // SAFETY: invariant *Filled*: `1 <= len`, and the items below it are initialised.
        let item = unsafe { Self::item(block, len).read() };
        if len == 0 {
            *bytes -= self.free_first(block, head);
        } else {
            Self::write(block, Head { len, ..head });
        }
        Some(item)
    }

    /// Frees the first block, which is `block` and starts with `head`; returns its size.
    fn free_first(&mut self, block: NonNull<Head>, head: Head) -> usize {
        self.head = head.next;
        let layout = Self::layout(head.capacity);
        // SAFETY: invariant *Chain*: this is the layout it was requested with, and nothing points to it now.
        unsafe { dealloc(block.as_ptr().cast(), layout) };
        layout.size()
    }
}

impl<const W: usize> Drop for List<W> {
    fn drop(&mut self) {
        // A loop, for a chain may be too long to recurse along.
        while let Some(block) = self.head {
            let head = Self::read(block);
            self.free_first(block, head);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_gives_back_what_it_was_given_and_its_memory_as_it_goes() {
        let bound = |n: u32| n as usize * 13 + 128 + 8 * n.min(400) as usize;
        for n in [0u32, 1, 2, 3, 8, 9, 1000, 100_000] {
            let (mut list, mut bytes) = (List::<3>::EMPTY, 0);
            for i in 0..n {
                list.push([i, i ^ 7, !i], &mut bytes);
            }
            assert!(bytes >= n as usize * 12 && bytes <= bound(n));
            for i in (0..n).rev() {
                assert_eq!(list.pop(&mut bytes), Some([i, i ^ 7, !i]));
                assert!(bytes <= bound(i));
            }
            assert_eq!((list.pop(&mut bytes), list.is_empty(), bytes), (None, true, 0));
        }
    }

    #[test]
    fn a_long_chain_is_dropped_without_recursion() {
        let (mut list, mut bytes) = (List::<4>::EMPTY, 0);
        (0..500_000).for_each(|i| list.push([i; 4], &mut bytes));
        std::thread::Builder::new().stack_size(64 << 10).spawn(move || drop(list)).unwrap().join().unwrap();
    }
}
