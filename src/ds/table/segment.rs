//! One segment of a [`Table`](super::Table): tags and slots in one counted block.
//!
//! ```text
//!  16 bytes          16 bytes   16 × size of T
//! ┌──────────────┬──────────┬──────────────────┬──────────┬──────────────────┬─
//! │count len used│ 16 tags  │ 16 slots         │ 16 tags  │ 16 slots         │ …
//! └──────────────┴──────────┴──────────────────┴──────────┴──────────────────┴─
//!                 ╰────────── group 0 ────────╯ ╰────────── group 1 ────────╯
//! ```
//!
//! Tags stand beside their slots: mostly in the next cache line, nearly always in the same page of memory, so
//! a lookup in a table larger than the caches waits for one address translation and not for two.
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
    group::{EMPTY, GONE, Group, LOWEST, WIDTH},
    place::Place,
};
use crate::ds::{shared::prefetch, slabs};
use std::{
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
// A full one whose entries are words has slabs of its own.
const _: () = assert!(slabs::LARGEST == size_of::<Head>() + super::GROUPS as usize * Segment::<u64>::STRIDE);

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
    const ALIGNED: () = assert!(align_of::<T>() <= align_of::<Head>() && align_of::<Head>() <= slabs::ALIGN);

    /// Makes an empty segment of `groups` groups, a power of two.
    pub fn new(groups: u32, depth: u8) -> Self {
        let () = Self::ALIGNED;
        debug_assert!(groups.is_power_of_two());
        let head = slabs::request(Self::size(groups)).cast::<Head>();
        // SAFETY: the block is ours, long enough and aligned.
        unsafe { head.write(Head { count: AtomicUsize::new(1), len: 0, used: 0 }) };
        let segment = Self { head, mask: groups - 1, depth, entries: PhantomData };
        segment.wipe();
        segment
    }

    /// The bytes from one group to the next.
    const STRIDE: usize = WIDTH * (1 + size_of::<T>());

    /// Marks all slots as empty; entries are forgotten.
    fn wipe(&self) {
        for at in 0..self.groups() {
            // SAFETY: the tags of a group lie inside the block, which nobody else sees.
            unsafe { self.group_start(at).write_bytes(EMPTY, WIDTH) };
        }
    }

    /// The bytes of a segment: a multiple of 16, so that it is aligned to as much.
    fn size(groups: u32) -> usize {
        let groups = (groups as usize).checked_mul(Self::STRIDE);
        groups
            .and_then(|bytes| bytes.checked_add(size_of::<Head>()))
            .expect("a segment fits the address space")
    }

    #[cfg(test)]
    pub fn is_at(&self, other: &Self) -> bool {
        self.head == other.head
    }
    pub fn bytes(&self) -> usize {
        Self::size(self.groups())
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
    #[inline]
    pub fn has_room(&self) -> bool {
        self.head().used < limit(self.groups())
    }
    /// Tells whether this is the only holder, so that the segment may be written to.
    #[inline]
    pub fn is_unique(&self) -> bool {
        // Acquire: pairs with the Release of the last other holder's drop, so that its reads happen before our writes.
        self.head().count.load(Ordering::Acquire) == 1
    }

    /// Where the tags of a group begin; the group is one of the segment's.
    #[inline(always)]
    fn group_start(&self, at: u32) -> *mut u8 {
        debug_assert!(at <= self.mask);
        let offset = size_of::<Head>() + at as usize * Self::STRIDE;
        // SAFETY: the groups follow the head.
        unsafe { self.head.as_ptr().cast::<u8>().add(offset) }
    }

    /// Where the tag of `slot` lies; `slot` is within the segment.
    #[inline(always)]
    fn tag(&self, slot: u32) -> *mut u8 {
        let start = self.group_start(slot / WIDTH as u32);
        // SAFETY: the sixteen tags come first in a group.
        unsafe { start.add(slot as usize % WIDTH) }
    }

    /// Where the entry of `slot` lies; `slot` is within the segment.
    #[inline(always)]
    fn entry(&self, slot: u32) -> *mut T {
        self.entry_at(slot / WIDTH as u32, slot % WIDTH as u32)
    }

    /// Where the entry of slot `bit` of a group lies.
    #[inline(always)]
    fn entry_at(&self, at: u32, bit: u32) -> *mut T {
        debug_assert!(bit < WIDTH as u32);
        let start = self.group_start(at);
        // SAFETY: the sixteen slots come after the tags, aligned, because these are as long as the head is aligned.
        unsafe { start.add(WIDTH + bit as usize * size_of::<T>()).cast() }
    }

    #[inline(always)]
    fn group(&self, at: u32) -> Group {
        // SAFETY: sixteen tags of the block; head and stride are multiples of 16, to which the block is aligned.
        unsafe { Group::load(self.group_start(at)) }
    }

    /// Finds the slot of the entry that `eq` accepts.
    #[inline]
    pub fn find(&self, place: Place, eq: impl FnMut(&T) -> bool) -> Option<u32> {
        let (at, bit) = self.search(place, eq)?;
        Some(at * WIDTH as u32 + bit)
    }

    /// Finds the entry that `eq` accepts.
    #[inline]
    pub fn find_entry(&self, place: Place, eq: impl FnMut(&T) -> bool) -> Option<&T> {
        let (at, bit) = self.search(place, eq)?;
        // SAFETY: invariant: `search` returns the place of an entry.
        Some(unsafe { &*self.entry_at(at, bit) })
    }

    /// Finds group and number of the entry that `eq` accepts.
    #[inline(always)]
    fn search(&self, place: Place, mut eq: impl FnMut(&T) -> bool) -> Option<(u32, u32)> {
        let tag = place.tag(self.depth);
        let mut at = place.group(self.mask);
        self.prefetch(place);
        // Invariant: an eighth of the slots are `EMPTY`, so this ends.
        loop {
            let group = self.group(at);
            let mut hits = group.matches(tag);
            while hits != 0 {
                let bit = hits.trailing_zeros();
                // SAFETY: invariant: a tag that is a place's belongs to an initialised entry.
                if eq(unsafe { &*self.entry_at(at, bit) }) {
                    return Some((at, bit));
                }
                hits &= hits - 1;
            }
            if group.empty() != 0 {
                return None;
            }
            at = (at + 1) & self.mask;
        }
    }

    /// Asks the processor to bring the first lines of the home group of `place`.
    #[inline(always)]
    pub fn prefetch(&self, place: Place) {
        self.prefetch_group(place.group(self.mask));
    }

    #[inline(always)]
    fn prefetch_group(&self, at: u32) {
        let start = self.group_start(at);
        prefetch(start);
        prefetch(start.wrapping_add(64));
        prefetch(start.wrapping_add(128));
    }

    /// Asks the processor to bring the head, which whoever writes looks at.
    #[inline(always)]
    pub fn prefetch_head(&self) {
        prefetch(self.head.as_ptr().cast());
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

    /// A copy of the handle that counts nothing: the seats of a row in the directory.
    ///
    /// # Safety
    /// Of all handles that share a count, one at most is dropped, and none is used after that.
    pub unsafe fn same_count(&self) -> ManuallyDrop<Self> {
        ManuallyDrop::new(Self { ..*self })
    }

    /// The entry of `slot`.
    ///
    /// # Safety
    /// `slot` came from `find` or `put`, and nothing was taken out since.
    #[inline]
    pub unsafe fn taken_at(&self, slot: u32) -> &T {
        debug_assert!(self.get(slot).is_some());
        // SAFETY: the caller's promise: initialised.
        unsafe { &*self.entry(slot) }
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

    /// The tag of every slot, with the slot.
    pub fn tags(&self) -> impl Iterator<Item = (u8, u32)> + '_ {
        (0..=self.mask).flat_map(|at| {
            // SAFETY: sixteen initialised tags; writers hold the handle exclusively.
            let tags = unsafe { &*self.group_start(at).cast::<[u8; WIDTH]>() };
            tags.iter().copied().zip(at * WIDTH as u32..)
        })
    }

    /// Calls `f` with the slots in use, ascending. Like `taken`, but faster.
    #[inline(always)]
    fn each(&self, mut f: impl FnMut(u32, u32)) {
        for at in 0..=self.mask {
            self.each_of(at, |bit| f(at, bit));
        }
    }

    /// Calls `f` with the numbers of the slots in use of a group, ascending.
    #[inline(always)]
    fn each_of(&self, at: u32, mut f: impl FnMut(u32)) {
        let mut left = self.group(at).taken();
        while left != 0 {
            f(left.trailing_zeros());
            left &= left - 1;
        }
    }

    /// Calls `f` with the entries whose tags are `first..=last`, in no order.
    #[inline]
    pub fn each_tagged<'a>(&'a self, first: u8, last: u8, mut f: impl FnMut(&'a T)) {
        debug_assert!(first >= LOWEST);
        for at in 0..=self.mask {
            let mut left = self.group(at).within(first, last);
            while left != 0 {
                // SAFETY: invariant: a tag that is a place's belongs to an initialised entry.
                f(unsafe { &*self.entry_at(at, left.trailing_zeros()) });
                left &= left - 1;
            }
        }
    }

    /// Tells whether an entry has a tag of `first` or above.
    pub fn any_tagged(&self, first: u8) -> bool {
        (0..=self.mask).any(|at| self.group(at).within(first, u8::MAX) != 0)
    }

    /// The places of the entries, in the order of `iter`. Each is shown to `ahead` some time before `place` looks at it.
    pub fn places(&self, place: impl Fn(&T) -> Place, ahead: impl Fn(&T)) -> Vec<Place> {
        const GROUPS_AHEAD: u32 = 2;
        (0..self.groups().min(4)).for_each(|at| self.prefetch_group(at));
        let mut places = Vec::with_capacity(self.len());
        for at in 0..self.groups() + GROUPS_AHEAD {
            if at + 4 < self.groups() {
                self.prefetch_group(at + 4);
            }
            if at < self.groups() {
                // SAFETY: invariant: a taken slot is initialised.
                self.each_of(at, |bit| ahead(unsafe { &*self.entry_at(at, bit) }));
            }
            if let Some(at) = at.checked_sub(GROUPS_AHEAD) {
                // SAFETY: as above.
                self.each_of(at, |bit| places.push(place(unsafe { &*self.entry_at(at, bit) })));
            }
        }
        places
    }

    /// Stores an entry that is known to be absent, and returns its slot.
    ///
    /// # Safety
    /// The segment is unique and `has_room`.
    #[inline]
    pub unsafe fn put(&mut self, place: Place, value: T) -> u32 {
        debug_assert!(self.has_room());
        // SAFETY: the caller's promise.
        let (slot, before) = unsafe { self.lay(place, value) };
        let head = self.head_mut();
        head.len += 1;
        head.used += u32::from(before == EMPTY);
        slot
    }

    /// Stores an entry without counting it; returns the slot, and its tag before.
    ///
    /// # Safety
    /// The segment is unique and `has_room`.
    #[inline(always)]
    unsafe fn lay(&mut self, place: Place, value: T) -> (u32, u8) {
        let mut at = place.group(self.mask);
        let bit = loop {
            let free = self.group(at).free();
            if free != 0 {
                break free.trailing_zeros();
            }
            at = (at + 1) & self.mask;
        };
        let slot = at * WIDTH as u32 + bit;
        // SAFETY: the slot is free and nobody else sees the block.
        unsafe { self.entry_at(at, bit).write(value) };
        // SAFETY: as above.
        (slot, unsafe { self.tag(slot).replace(place.tag(self.depth)) })
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
    /// This segment and those of `to` are unique; those have room for what they get and no `GONE` slot.
    pub unsafe fn pour(&mut self, places: &[Place], to: &mut [Self], side: impl Fn(Place) -> usize) {
        debug_assert_eq!(places.len(), self.len());
        let mut places = places.iter();
        self.each(|at, bit| {
            let Some(&place) = places.next() else { return };
            // SAFETY: initialised; the tags are wiped below, and nothing between can panic.
            let value = unsafe { self.entry_at(at, bit).read() };
            // SAFETY: the caller's promise; the entries are counted below.
            unsafe { to[side(place)].lay(place, value) };
        });
        self.wipe();
        let head = self.head_mut();
        (head.len, head.used) = (0, 0);
        to.iter_mut().for_each(Self::recount);
    }

    /// Counts the entries of a segment that has no `GONE` slot.
    fn recount(&mut self) {
        let len = (0..=self.mask).map(|at| self.group(at).taken().count_ones()).sum();
        let head = self.head_mut();
        (head.len, head.used) = (len, len);
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

    /// Copies the segment to a block of its own, slot by slot. Each entry is shown to `ahead` some time before it is cloned.
    pub fn copy(&self, ahead: impl Fn(&T)) -> Self {
        const GROUPS_AHEAD: u32 = 2;
        let mut copy = Self::new(self.groups(), self.depth);
        // SAFETY: invariant: a taken slot is initialised.
        let show = |at| self.each_of(at, |bit| ahead(unsafe { &*self.entry_at(at, bit) }));
        (0..self.groups().min(GROUPS_AHEAD)).for_each(show);
        for (tag, slot) in self.tags() {
            let next = slot / WIDTH as u32 + GROUPS_AHEAD;
            if slot.is_multiple_of(WIDTH as u32) && next < self.groups() {
                show(next);
            }
            if tag >= LOWEST {
                // SAFETY: invariant: a taken slot is initialised.
                let value = unsafe { &*self.entry(slot) }.clone();
                // SAFETY: the same slot of a block of the same size, that is ours.
                unsafe { copy.entry(slot).write(value) };
            }
            // SAFETY: the tag goes last: a clone that panics leaves only initialised entries to drop.
            unsafe { copy.tag(slot).write(tag) };
        }
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
        // SAFETY: the last holder frees the block, which `new` requested with this size.
        unsafe { slabs::give_back(self.head.cast(), Self::size(self.groups())) };
    }
}
