//! Who shares an entry: the count in its header. Invariant *Shared* of the module above.
use super::{
    Entry, New, Payload, allocate,
    header::{Header, OTHER, OTHERS_MAX},
};
use std::{
    marker::PhantomData,
    sync::atomic::{Ordering, fence},
};

impl<T> Entry<T> {
    /// Tells whether others have the entry, too, so that it must not be written to.
    #[inline]
    pub(super) fn is_shared(&self) -> bool {
        // Acquire: pairs with the Release of the last other's drop, so that its reads happen before our writes.
        Header::of_word(self.word().load(Ordering::Acquire)).others() != 0
    }

    /// Says that this one does not share the entry any more. True: it was the last, and frees it.
    #[inline]
    pub(super) fn leave(&mut self) -> bool {
        // Nobody else has it, and from here alone it could be cloned.
        if !self.is_shared() {
            return true;
        }
        // Release: our reads happen before the free. Acquire (fence): everybody else's do, too.
        let before = self.word().fetch_sub(OTHER, Ordering::Release);
        let was_last = Header::of_word(before).others() == 0;
        if was_last {
            fence(Ordering::Acquire);
        }
        was_last
    }
}

impl<T: Clone> Entry<T> {
    /// Makes the entry one that nobody shares.
    #[inline]
    pub(super) fn own(&mut self) {
        if self.is_shared() {
            *self = self.duplicate();
        }
    }

    /// Copies all of it, the tick too: a copy that takes its original's place is filed as that was.
    #[cold]
    fn duplicate(&self) -> Self {
        let payload = match self.payload() {
            Payload::Int(value) => New::Int(value),
            Payload::Bytes(text) => New::Bytes(text),
            // Before anything is allocated, so that a panic leaves nothing behind.
            Payload::Object(object) => New::Object(object.clone()),
        };
        let block = allocate::<T>(
            self.header(),
            self.key(),
            self.expire_at_ms().unwrap_or(0),
            self.filed().unwrap_or(0),
        );
        let copy = Self { block, _owns: PhantomData };
        copy.write_payload(self.header(), payload);
        copy
    }
}

impl<T: Clone> Clone for Entry<T> {
    /// Shares the entry. O(1), but where very many share it already.
    #[inline]
    fn clone(&self) -> Self {
        // Relaxed: the new one is made from one that is alive, so the block cannot go meanwhile.
        let more = |word| (Header::of_word(word).others() < OTHERS_MAX).then(|| word + OTHER);
        match self.word().fetch_update(Ordering::Relaxed, Ordering::Relaxed, more) {
            Ok(_) => Self { block: self.block, _owns: PhantomData },
            Err(_) => self.duplicate(),
        }
    }
}

impl<T> Drop for Entry<T> {
    #[inline]
    fn drop(&mut self) {
        if self.leave() {
            // The object is dropped after the block has gone, so that a panic of its own leaks nothing of ours.
            drop(self.release());
        }
    }
}
