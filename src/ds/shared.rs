//! A counted reference to a block, copied on write while somebody else holds it.
//!
//! Every large value of TenonDB is a tree or a directory of blocks of bounded size, and every block is
//! held through a [`Shared`]. Cloning the value clones the references; writing to it copies just the
//! blocks that it writes to, and just as long as the clone lives:
//!
//! ```text
//!   value      clone                    value      clone
//!     │          │       value writes     │          │
//!     ▼          ▼       to block B       ▼          ▼
//!   [A,B,C]   [A,B,C]   ───────────▶   [A,B',C]   [A,B,C]
//!    │ └─┬──────┘ │                     │ └▶ B' (count 1)
//!    ▼   ▼        ▼                     ▼
//!    A   B (2)    …                     A (count 2)      B (count 1)
//! ```
//!
//! It is `std::sync::Arc` without the weak count, so that "nobody else holds it" is one load and one
//! compare; `Arc::make_mut` has to lock the weak count first.
//!
//! # Invariants
//! - `count` is the number of `Shared` that point to the block; the last one to go frees it.
//! - A `&mut T` is handed out only while `count == 1` and the one reference is borrowed mutably, so no
//!   second reference can come into being meanwhile.
use super::slabs;
use std::{
    ops::Deref,
    ptr::NonNull,
    sync::atomic::{AtomicUsize, Ordering, fence},
};

/// Asks the processor to bring the cache line of `at`, which need not be valid.
#[inline(always)]
pub(super) fn prefetch(at: *const u8) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint; it reads nothing and faults on nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

struct Block<T> {
    count: AtomicUsize,
    value: T,
}

/// A counted, copy-on-write reference to a `T`.
pub struct Shared<T> {
    block: NonNull<Block<T>>,
}

// SAFETY: as for `Arc`: the block is reached from several threads (`T: Sync`) and may be dropped by another
// thread than the one that made it (`T: Send`).
unsafe impl<T: Send + Sync> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Shared<T> {}

impl<T> Shared<T> {
    /// Puts `value` into a block of its own.
    pub fn new(value: T) -> Self {
        const { assert!(align_of::<Block<T>>() <= slabs::WORD) };
        let block = slabs::request(size_of::<Block<T>>()).cast::<Block<T>>();
        // SAFETY: it is ours, as long as this, and aligned to a word.
        unsafe { block.write(Block { count: AtomicUsize::new(1), value }) };
        Self { block }
    }

    fn block(&self) -> &Block<T> {
        // SAFETY: invariant: the block lives as long as any reference to it.
        unsafe { self.block.as_ref() }
    }

    /// Tells whether this is the only reference to the block.
    pub fn is_unique(&self) -> bool {
        // Acquire: pairs with the Release of the last other holder's drop, so that its reads of the block
        // happen before our writes.
        self.block().count.load(Ordering::Acquire) == 1
    }

    /// Tells whether two references are to the same block.
    pub fn same(a: &Self, b: &Self) -> bool {
        a.block == b.block
    }

    /// Asks the processor to bring the whole block, before a search in it waits for one line after the other.
    #[inline]
    pub fn prefetch(&self) {
        let start = self.block.as_ptr().cast::<u8>();
        (0..size_of::<Block<T>>()).step_by(64).for_each(|line| prefetch(start.wrapping_add(line)));
    }

    /// Returns the value for writing when nobody else holds it.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        if !self.is_unique() {
            return None;
        }
        // SAFETY: invariant: we are the only reference, and it is borrowed mutably.
        let block = unsafe { self.block.as_mut() };
        Some(&mut block.value)
    }

    /// The bytes of the block itself: the count and the `T`, not what the `T` points to.
    pub const fn block_bytes() -> usize {
        size_of::<Block<T>>()
    }
}

impl<T: Clone> Shared<T> {
    /// Returns the value for writing; copies it into a block of its own first when somebody else holds it.
    pub fn make_mut(&mut self) -> &mut T {
        if !self.is_unique() {
            *self = Self::new(T::clone(self));
        }
        // SAFETY: invariant: we are the only reference (just checked or just made), and it is borrowed mutably.
        let block = unsafe { self.block.as_mut() };
        &mut block.value
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        // Relaxed: the new reference is made from one that is alive, so the block cannot go meanwhile.
        let before = self.block().count.fetch_add(1, Ordering::Relaxed);
        // A count that wraps would free a block in use. 2^63 leaked references cannot be made in a lifetime.
        debug_assert!(before < usize::MAX / 2);
        Self { block: self.block }
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        // Release: our reads and writes happen before the free. Acquire (fence): everybody else's do, too.
        if self.block().count.fetch_sub(1, Ordering::Release) != 1 {
            return;
        }
        fence(Ordering::Acquire);
        // SAFETY: invariant: the last reference drops the value, and nobody looks at it again.
        unsafe { self.block.drop_in_place() };
        // SAFETY: it came from there with this size.
        unsafe { slabs::give_back(self.block.cast(), size_of::<Block<T>>()) };
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.block().value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_to_a_shared_block_leaves_the_other_holder_alone() {
        let mut a = Shared::new(vec![1, 2, 3]);
        assert!(a.is_unique());
        let b = a.clone();
        assert!(!a.is_unique() && a.get_mut().is_none() && Shared::same(&a, &b));
        a.make_mut().push(4);
        assert_eq!((&**a, &**b), (&[1, 2, 3, 4][..], &[1, 2, 3][..]));
        assert!(a.is_unique() && b.is_unique() && !Shared::same(&a, &b));
    }

    #[test]
    fn the_last_holder_frees_on_any_thread() {
        let a = Shared::new(std::sync::Arc::new(()));
        let seen = std::sync::Arc::clone(&a);
        let others: Vec<_> = (0..4).map(|_| a.clone()).collect();
        let threads: Vec<_> = others.into_iter().map(|o| std::thread::spawn(move || drop(o))).collect();
        threads.into_iter().for_each(|t| t.join().unwrap());
        assert_eq!(std::sync::Arc::strong_count(&seen), 2);
        drop(a);
        assert_eq!(std::sync::Arc::strong_count(&seen), 1);
    }
}
