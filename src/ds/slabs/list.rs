//! Rings of things that lie where they lie: they carry their own links.
use std::{
    cell::Cell,
    ptr::{self, NonNull},
};

/// The neighbours in a ring.
pub struct Links<T> {
    before: Cell<*mut T>,
    after: Cell<*mut T>,
}

impl<T> Links<T> {
    pub const fn none() -> Self {
        Self { before: Cell::new(ptr::null_mut()), after: Cell::new(ptr::null_mut()) }
    }
}

/// What can be in a ring, in one at a time.
pub trait Linked: Sized {
    fn links(&self) -> &Links<Self>;
}

/// A ring of nodes, each of which is alive while it is in there, and reached only by who has the ring.
pub struct Ring<T> {
    first: Option<NonNull<T>>,
}

/// # Safety
/// `node` is alive, or null.
unsafe fn links<'n, T: Linked + 'n>(node: *mut T) -> Option<&'n Links<T>> {
    // SAFETY: the caller's promise.
    unsafe { node.as_ref() }.map(T::links)
}

impl<T: Linked> Ring<T> {
    pub const fn new() -> Self {
        Self { first: None }
    }

    /// The first node.
    #[inline]
    pub fn first(&self) -> Option<NonNull<T>> {
        self.first
    }

    /// Tells whether there are two nodes or more.
    pub fn has_several(&self) -> bool {
        // SAFETY: the invariant of a ring.
        self.first.is_some_and(|first| unsafe { first.as_ref() }.links().after.get() != first.as_ptr())
    }

    /// Adds a node behind all others.
    ///
    /// # Safety
    /// It is alive until it is removed, in no ring, and reached only by who has this one.
    pub unsafe fn add(&mut self, node: NonNull<T>) {
        let first = *self.first.get_or_insert(node);
        // SAFETY: the caller's promise.
        let own = unsafe { node.as_ref() }.links();
        // SAFETY: the invariant of a ring, or it is `node`.
        let ahead = unsafe { first.as_ref() }.links();
        let last = if first == node { node.as_ptr() } else { ahead.before.get() };
        own.before.set(last);
        own.after.set(first.as_ptr());
        ahead.before.set(node.as_ptr());
        // SAFETY: the invariant of a ring.
        if let Some(last) = unsafe { links(last) } {
            last.after.set(node.as_ptr());
        }
    }

    /// Adds a node before all others.
    ///
    /// # Safety
    /// As for [`add`](Self::add).
    pub unsafe fn add_first(&mut self, node: NonNull<T>) {
        // SAFETY: the caller's promise.
        unsafe { self.add(node) };
        self.first = Some(node);
    }

    /// Removes a node.
    ///
    /// # Safety
    /// It is in this ring.
    pub unsafe fn remove(&mut self, node: NonNull<T>) {
        // SAFETY: the caller's promise.
        let own = unsafe { node.as_ref() }.links();
        let (before, after) = (own.before.replace(ptr::null_mut()), own.after.replace(ptr::null_mut()));
        if after == node.as_ptr() {
            self.first = None;
            return;
        }
        // SAFETY: neighbours are in the ring, too.
        if let Some(ahead) = unsafe { links(before) } {
            ahead.after.set(after);
        }
        // SAFETY: as above.
        if let Some(behind) = unsafe { links(after) } {
            behind.before.set(before);
        }
        if self.first == Some(node) {
            self.first = NonNull::new(after);
        }
    }
}

#[cfg(test)]
impl<T: Linked> Ring<T> {
    pub fn len(&self) -> usize {
        let Some(first) = self.first else { return 0 };
        let after = |node: NonNull<T>| {
            // SAFETY: the invariant of a ring.
            NonNull::new(unsafe { node.as_ref() }.links().after.get())
        };
        let rest = std::iter::successors(after(first), |node| after(*node));
        1 + rest.take_while(|node| *node != first).count()
    }
}
