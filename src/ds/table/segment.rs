//! One segment of a [`Table`](super::Table): tags and slots in one counted block.
//!
//! ```text
//!  16 bytes          16 × groups        align T     16 × groups × size of T
//! ┌──────────────┬─────────────────────┬─────────┬──────────────────────────┐
//! │count len used│ tags: 16 of group 0,│ padding │ slots: 16 of group 0, …  │
//! │              │ 16 of group 1, …    │         │                          │
//! └──────────────┴─────────────────────┴─────────┴──────────────────────────┘
//! ```
//!
//! The handle carries the number of groups and the depth beside the pointer, so that a lookup goes straight
//! from the directory to the tags and does not touch the head.
//!
//! An entry lies in its home group, or, when that was full, in the next one that was not. A search stops at
//! a group that has an `EMPTY` slot. A slot that is left becomes `EMPTY` only when its group has one already
//! (then nobody ever went past the group); otherwise `GONE`, which a later entry may reuse.
//!
//! # Invariants
//! - `count` is the number of owning handles of the block; the last one frees it (see [`Shared`], which this
//!   is but for the size, known at run time only).
//! - A slot holds an initialised `T` exactly when its tag is ≥ `LOWEST`; `len` slots do.
//! - `used` slots are not `EMPTY`, and `used <= limit(groups)`.
//! - Blocks are written to only through an exclusive handle while `count == 1`.
//!
//! [`Shared`]: crate::ds::shared::Shared
use super::{
    group::{self, EMPTY, GONE, Group, KINDS, LOWEST, WIDTH},
    place::Place,
};
use std::{
    alloc::{Layout, alloc, dealloc, handle_alloc_error},
    marker::PhantomData,
    mem::{ManuallyDrop, needs_drop},
    ptr::NonNull,
    sync::atomic::{AtomicUsize, Ordering, fence},
};

#[repr(C, align(16))]
struct Head {
    count: AtomicUsize,
    len: u32,
    used: u32,
}

/// An owning handle of a segment. `clone` counts one more holder.
pub(super) struct Segment<T> {
    head: NonNull<Head>,
    mask: u32,
    depth: u8,
    entries: PhantomData<T>,
}

const _: () = assert!(size_of::<Segment<u8>>() <= 16);

// SAFETY: as for `Arc`: entries are reached from several threads (`T: Sync`) and may be dropped by another thread
// than the one that made them (`T: Send`).
unsafe impl<T: Send + Sync> Send for Segment<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Segment<T> {}

/// The slots of a segment that may be in use before it must grow: 7/8.
pub(super) const fn limit(groups: u32) -> u32 {
    groups * 14
}

/// The groups that hold `len` entries with a quarter of the limit to spare.
pub(super) fn groups_for(len: usize) -> u32 {
    // 10.5 entries a group are three quarters of the limit.
    let groups = (len * 2).div_ceil(21).max(1).next_power_of_two();
    assert!(groups <= 1 << 27, "a segment of 2^31 slots");
    groups as u32
}

impl<T> Segment<T> {
    const ALIGNED: () = assert!(align_of::<T>() <= align_of::<Head>());

    /// Makes an empty segment of `groups` groups, a power of two.
    pub fn new(groups: u32, depth: u8) -> Self {
        let () = Self::ALIGNED;
        debug_assert!(groups.is_power_of_two());
        let layout = Self::layout(groups);
        // SAFETY: the size is at least that of the head.
        let raw = unsafe { alloc(layout) };
        let Some(head) = NonNull::new(raw.cast::<Head>()) else { handle_alloc_error(layout) };
        // SAFETY: the block is ours, long enough and aligned.
        unsafe { head.write(Head { count: AtomicUsize::new(1), len: 0, used: 0 }) };
        let segment = Self { head, mask: groups - 1, depth, entries: PhantomData };
        // SAFETY: the tags lie inside the block.
        unsafe { segment.tag(0).write_bytes(EMPTY, groups as usize * WIDTH) };
        segment
    }

    fn slots_offset(groups: u32) -> usize {
        (size_of::<Head>() + groups as usize * WIDTH).next_multiple_of(align_of::<T>())
    }

    fn layout(groups: u32) -> Layout {
        let slots = (groups as usize * WIDTH).checked_mul(size_of::<T>());
        let size = slots.and_then(|slots| slots.checked_add(Self::slots_offset(groups)));
        let layout = size.and_then(|size| Layout::from_size_align(size, align_of::<Head>()).ok());
        layout.expect("a segment larger than the address space")
    }

    pub fn bytes(&self) -> usize {
        Self::layout(self.groups()).size()
    }
    pub fn groups(&self) -> u32 {
        self.mask + 1
    }
    pub fn slots(&self) -> u32 {
        self.groups() * WIDTH as u32
    }
    pub fn depth(&self) -> u8 {
        self.depth
    }
    fn head(&self) -> &Head {
        // SAFETY: invariant: the block lives as long as a handle.
        unsafe { self.head.as_ref() }
    }
    fn head_mut(&mut self) -> &mut Head {
        debug_assert!(self.is_unique());
        // SAFETY: as above; the handle is borrowed exclusively and, by the callers' contract, the only one.
        unsafe { self.head.as_mut() }
    }
    pub fn len(&self) -> usize {
        self.head().len as usize
    }
    pub fn has_room(&self) -> bool {
        self.head().used < limit(self.groups())
    }
    /// Tells whether this is the only holder, so that the segment may be written to.
    pub fn is_unique(&self) -> bool {
        // Acquire: pairs with the Release of the last other holder's drop, so that its reads happen before our writes.
        self.head().count.load(Ordering::Acquire) == 1
    }

    /// Where the tag of `slot` lies; `slot` is within the segment.
    #[inline(always)]
    fn tag(&self, slot: u32) -> *mut u8 {
        debug_assert!(slot < self.slots());
        // SAFETY: tags follow the head, one per slot.
        unsafe { self.head.as_ptr().cast::<u8>().add(size_of::<Head>() + slot as usize) }
    }

    /// Where the entry of `slot` lies; `slot` is within the segment.
    #[inline(always)]
    fn entry(&self, slot: u32) -> *mut T {
        debug_assert!(slot < self.slots());
        // SAFETY: the slots begin inside the block.
        let first = unsafe { self.head.as_ptr().cast::<u8>().add(Self::slots_offset(self.groups())) };
        // SAFETY: one per tag.
        unsafe { first.cast::<T>().add(slot as usize) }
    }

    #[inline(always)]
    fn group(&self, group: u32) -> Group {
        let tags = self.tag(group * WIDTH as u32);
        // SAFETY: sixteen tags of the block, which is aligned to 16 like the head before them.
        unsafe { Group::load(tags) }
    }

    /// Finds the slot of the entry that `eq` accepts.
    #[inline]
    pub fn find(&self, place: Place, mut eq: impl FnMut(&T) -> bool) -> Option<u32> {
        let tag = place.tag(self.depth);
        let mut at = place.group(self.mask);
        for _ in 0..=self.mask {
            let group = self.group(at);
            let mut hits = group.matches(tag);
            while hits != 0 {
                let slot = at * WIDTH as u32 + hits.trailing_zeros();
                // SAFETY: invariant: a tag that is a place's belongs to an initialised entry.
                if eq(unsafe { &*self.entry(slot) }) {
                    return Some(slot);
                }
                hits &= hits - 1;
            }
            if group.empty() != 0 {
                return None;
            }
            at = (at + 1) & self.mask;
        }
        None
    }

    /// Asks the processor to bring the tags and the first slots of the home group of `place`.
    #[inline(always)]
    pub fn prefetch(&self, place: Place) {
        let slot = place.group(self.mask) * WIDTH as u32;
        group::prefetch(self.tag(slot));
        group::prefetch(self.entry(slot).cast());
    }

    /// The entry of `slot`, if there is one.
    pub fn get(&self, slot: u32) -> Option<&T> {
        // SAFETY: all tags are initialised.
        if slot >= self.slots() || unsafe { *self.tag(slot) } < LOWEST {
            return None;
        }
        // SAFETY: invariant: the tag says that the entry is initialised.
        Some(unsafe { &*self.entry(slot) })
    }

    /// The entry of a slot that `find` returned.
    ///
    /// # Safety
    /// `slot` came from `find` on this segment, and nothing was written to it since.
    #[inline(always)]
    pub unsafe fn get_found(&self, slot: u32) -> &T {
        // SAFETY: the caller's promise: initialised.
        unsafe { &*self.entry(slot) }
    }

    /// A copy of the handle that counts nothing: the seats of a row in the directory.
    ///
    /// # Safety
    /// Of all handles that share a count, one at most is dropped, and none is used after that.
    pub unsafe fn same_count(&self) -> ManuallyDrop<Self> {
        ManuallyDrop::new(Self { ..*self })
    }

    /// The entry of `slot` for writing.
    ///
    /// # Safety
    /// The segment is unique and `slot` came from `find` or `put`.
    pub unsafe fn get_mut(&mut self, slot: u32) -> &mut T {
        debug_assert!(self.is_unique() && self.get(slot).is_some());
        // SAFETY: the caller's promise: initialised and reached by nobody else.
        unsafe { &mut *self.entry(slot) }
    }

    /// The slots in use, ascending.
    pub fn taken(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.groups()).flat_map(move |at| {
            let mut left = self.group(at).taken();
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros())?;
                left &= left - 1;
                Some(at * WIDTH as u32 + bit)
            })
        })
    }

    pub fn iter(&self) -> impl Iterator<Item = &T> {
        // SAFETY: invariant: a taken slot is initialised.
        self.taken().map(|slot| unsafe { &*self.entry(slot) })
    }

    /// The tag of every slot.
    pub fn tags(&self) -> &[u8] {
        // SAFETY: one initialised tag per slot; writers hold the handle exclusively.
        unsafe { std::slice::from_raw_parts(self.tag(0), self.slots() as usize) }
    }

    /// Stores an entry that is known to be absent, and returns its slot.
    ///
    /// # Safety
    /// The segment is unique and `has_room`.
    pub unsafe fn put(&mut self, place: Place, value: T) -> u32 {
        debug_assert!(self.has_room());
        let mut at = place.group(self.mask);
        let slot = loop {
            let free = self.group(at).free();
            if free != 0 {
                break at * WIDTH as u32 + free.trailing_zeros();
            }
            at = (at + 1) & self.mask;
        };
        let tag = self.tag(slot);
        // SAFETY: the slot is free and nobody else sees the block.
        unsafe { self.entry(slot).write(value) };
        // SAFETY: as above.
        let before = unsafe { tag.replace(place.tag(self.depth)) };
        let head = self.head_mut();
        head.len += 1;
        head.used += u32::from(before == EMPTY);
        slot
    }

    /// Takes the entry of `slot` out.
    ///
    /// # Safety
    /// The segment is unique and `slot` came from `find`.
    pub unsafe fn take(&mut self, slot: u32) -> T {
        debug_assert!(self.get(slot).is_some());
        let passed = self.group(slot / WIDTH as u32).empty() == 0;
        let tag = self.tag(slot);
        // SAFETY: the tag of a slot; nobody else sees the block.
        unsafe { tag.write(if passed { GONE } else { EMPTY }) };
        let head = self.head_mut();
        head.len -= 1;
        head.used -= u32::from(!passed);
        // SAFETY: the entry was initialised, and its tag no longer says so.
        unsafe { self.entry(slot).read() }
    }

    /// Moves all entries to the segments that `side` names; `places` are those of `iter`, in its order.
    ///
    /// # Safety
    /// This segment and those of `to` are unique; those have room for what they get.
    pub unsafe fn pour(&mut self, places: &[Place], to: &mut [Self], side: impl Fn(Place) -> usize) {
        debug_assert_eq!(places.len(), self.len());
        for (slot, &place) in self.taken().zip(places) {
            // SAFETY: initialised; the tags are wiped below, and nothing between can panic.
            let value = unsafe { self.entry(slot).read() };
            // SAFETY: the caller's promise.
            unsafe { to[side(place)].put(place, value) };
        }
        let slots = self.slots() as usize;
        // SAFETY: all tags of the block, which is unique.
        unsafe { self.tag(0).write_bytes(EMPTY, slots) };
        let head = self.head_mut();
        (head.len, head.used) = (0, 0);
    }
}

impl<T: Clone> Segment<T> {
    /// Like `pour`, but leaves this segment, which may be shared, as it is.
    ///
    /// # Safety
    /// The segments of `to` are unique and have room for what they get.
    pub unsafe fn pour_clones(&self, places: &[Place], to: &mut [Self], side: impl Fn(Place) -> usize) {
        for (entry, &place) in self.iter().zip(places) {
            // SAFETY: the caller's promise.
            unsafe { to[side(place)].put(place, entry.clone()) };
        }
    }

    /// Copies the segment to a block of its own, slot by slot.
    pub fn copy(&self) -> Self {
        let mut copy = Self::new(self.groups(), self.depth);
        for slot in self.taken() {
            // SAFETY: invariant: a taken slot is initialised.
            let value = unsafe { &*self.entry(slot) }.clone();
            // SAFETY: the same slot of a block of the same size, that is ours.
            unsafe { copy.entry(slot).write(value) };
            // SAFETY: the tag goes last: a clone that panics leaves only initialised entries to drop.
            unsafe { copy.tag(slot).write(self.tags()[slot as usize]) };
        }
        // SAFETY: as many tags as the copy has; now come the `GONE` ones.
        unsafe { copy.tag(0).copy_from_nonoverlapping(self.tag(0), self.slots() as usize) };
        let (len, used) = (self.head().len, self.head().used);
        let head = copy.head_mut();
        (head.len, head.used) = (len, used);
        copy
    }
}

impl<T> Clone for Segment<T> {
    fn clone(&self) -> Self {
        // Relaxed: the new handle is made from one that is alive, so the block cannot go meanwhile.
        let before = self.head().count.fetch_add(1, Ordering::Relaxed);
        debug_assert!(before < usize::MAX / 2);
        Self { ..*self }
    }
}

impl<T> Drop for Segment<T> {
    fn drop(&mut self) {
        // Release: our reads and writes happen before the free. Acquire (fence): everybody else's do, too.
        if self.head().count.fetch_sub(1, Ordering::Release) != 1 {
            return;
        }
        fence(Ordering::Acquire);
        if needs_drop::<T>() {
            for slot in self.taken() {
                // SAFETY: invariant: a taken slot is initialised; nobody will look at it again.
                unsafe { self.entry(slot).drop_in_place() };
            }
        }
        // SAFETY: the last holder frees the block, which `new` allocated with this layout.
        unsafe { dealloc(self.head.as_ptr().cast(), Self::layout(self.groups())) };
    }
}

const _: () = assert!(KINDS + LOWEST as u32 == 256);
