//! The heap block behind a packed sequence: a header of three words, then the bytes. All the `unsafe` of the
//! structure is here, behind slices that are checked.
//!
//! # Invariants
//! - `head` is `None`, or points to a block of [`slabs`] of `HEAD + capacity` bytes that this one alone owns.
//! - All `capacity` bytes after the header are initialised (fresh room is zeroed), so that they may be lent out
//!   as a slice; `used <= capacity`.
use crate::ds::slabs;
use std::ptr::NonNull;

#[derive(Clone, Copy)]
#[repr(C)]
struct Head {
    count: u32,
    used: u32,
    capacity: u32,
}

/// Bytes of the header before the first entry.
pub(super) const HEAD: usize = size_of::<Head>();

/// One pointer; null while there is nothing to hold.
pub(super) struct Block {
    head: Option<NonNull<Head>>,
}

// SAFETY: the block owns its allocation alone, and the allocation holds plain bytes.
unsafe impl Send for Block {}
// SAFETY: a shared block is only read.
unsafe impl Sync for Block {}

/// The bytes of a block.
fn size(capacity: u32) -> usize {
    HEAD + capacity as usize
}

impl Block {
    pub(super) const fn new() -> Self {
        Self { head: None }
    }

    #[inline]
    fn head(&self) -> Head {
        match self.head {
            // SAFETY: invariant: the pointer is to a live header.
            Some(head) => unsafe { head.read() },
            None => Head { count: 0, used: 0, capacity: 0 },
        }
    }

    #[inline]
    pub(super) fn count(&self) -> usize {
        self.head().count as usize
    }

    #[inline]
    pub(super) fn used(&self) -> usize {
        self.head().used as usize
    }

    #[inline]
    pub(super) fn capacity(&self) -> usize {
        self.head().capacity as usize
    }

    /// The bytes in use.
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        let Some(head) = self.head else { return &[] };
        let first = head.as_ptr().cast::<u8>().wrapping_add(HEAD);
        // SAFETY: invariant: `used <= capacity` initialised bytes follow the header; nobody writes to them
        // while `self` is borrowed.
        unsafe { std::slice::from_raw_parts(first, self.used()) }
    }

    /// All bytes there is room for, in use or not.
    #[inline]
    pub(super) fn room(&mut self) -> &mut [u8] {
        let Some(head) = self.head else { return &mut [] };
        let first = head.as_ptr().cast::<u8>().wrapping_add(HEAD);
        // SAFETY: invariant: `capacity` initialised bytes follow the header, and they are borrowed by us alone.
        unsafe { std::slice::from_raw_parts_mut(first, self.capacity()) }
    }

    /// Says how many entries there are and how many bytes they use.
    #[inline]
    pub(super) fn set(&mut self, count: usize, used: usize) {
        let capacity = self.head().capacity;
        assert!(used <= capacity as usize && count <= used, "entries lie within the block");
        let Some(head) = self.head else { return };
        let new = Head { count: count as u32, used: used as u32, capacity };
        // SAFETY: invariant: the pointer is to a live header, borrowed by us alone. The casts lose nothing:
        // both are at most `capacity`, a u32.
        unsafe { head.write(new) };
    }

    /// Moves to a block of `capacity` bytes; what is in use must fit. 0 frees the block.
    pub(super) fn resize(&mut self, capacity: usize) {
        let old = self.head();
        assert!(capacity >= old.used as usize, "entries lie within the block");
        let capacity = u32::try_from(capacity).expect("a packed sequence stays below 4 GiB");
        if capacity == 0 {
            self.free();
        } else if capacity != old.capacity {
            let head = match self.head {
                None => Self::allocate(capacity),
                Some(head) => Self::reallocate(head, old.capacity, capacity),
            };
            // SAFETY: `head` is the live block that was just made or moved.
            unsafe { head.write(Head { capacity, ..old }) };
            self.head = Some(head);
        }
    }

    fn allocate(capacity: u32) -> NonNull<Head> {
        let new = slabs::request(size(capacity));
        zero(new, 0, capacity);
        new.cast()
    }

    fn reallocate(head: NonNull<Head>, old: u32, capacity: u32) -> NonNull<Head> {
        // SAFETY: invariant: the block came from there with the size of its capacity.
        let new = unsafe { slabs::resize(head.cast(), size(old), size(capacity)) };
        zero(new, old, capacity);
        new.cast()
    }

    fn free(&mut self) {
        let capacity = self.head().capacity;
        if let Some(head) = self.head.take() {
            // SAFETY: invariant: the block came from there with the size of its capacity, and was ours alone; `take` has
            // forgotten it.
            unsafe { slabs::give_back(head.cast(), size(capacity)) };
        }
    }
}

/// Zeroes the room of a block of `capacity` bytes from byte `from` on.
fn zero(block: NonNull<u8>, from: u32, capacity: u32) {
    let fresh = block.as_ptr().wrapping_add(size(from));
    // SAFETY: callers pass a block of this capacity that is theirs.
    unsafe { fresh.write_bytes(0, capacity.saturating_sub(from) as usize) };
}

impl Drop for Block {
    fn drop(&mut self) {
        self.free();
    }
}
