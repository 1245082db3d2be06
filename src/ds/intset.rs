//! A set of integers: sorted, in one small block, each as narrow as the widest needs to be.
//!
//! Sets of ids are common and mostly small. Kept as sorted machine integers they cost two, four or eight
//! bytes a member and no pointer at all, and a search is a few compares in one or two cache lines.
//!
//! ```text
//!   IntSet ──▶ ┌─────┬───────┬────┬────┬────┬───┐
//!     8        │ len │ width │ -5 │  3 │ 70 │ … │ to a multiple of 8
//!              │  4  │   4   │  2 │  2 │  2 │   │
//!              └─────┴───────┴────┴────┴────┴───┘
//!                                  insert(100_000): all become four bytes wide
//! ```
//!
//! An integer that needs more bytes than the others lies outside their range, so it goes to one of the ends,
//! and the others are widened on the way to the new block. They are never narrowed again: a set that has seen
//! a large id is likely to see another. An empty set has no block.
//!
//! # Complexity
//! Search: O(log n). Insert and remove: O(n), a move of `n·width / 2` bytes on average, so that this is for
//! sets of up to some thousand members; the allocator is called when the size rounded to 8 bytes changes.
//! `at`, `len`, `width`: O(1).
//!
//! # Invariants
//! - *Block*: `block` came from [`slabs`] with the size that [`size`] tells for its `len` and
//!   `width`, and is owned by this set alone; `len >= 1`; its first `len` items are initialised.
//! - *Width*: `width` is 2, 4 or 8, and never decreases while the set is not empty.
//! - *Sorted*: the items ascend strictly.
use super::slabs;
use std::{
    fmt,
    ops::Range,
    ptr::{self, NonNull},
    slice,
};

#[cfg(test)]
mod tests;

#[derive(Clone, Copy)]
#[repr(C, align(8))]
struct Head {
    len: u32,
    width: u32,
}

const _: () = assert!(size_of::<Head>() == 8 && size_of::<Option<IntSet>>() <= 16);
const _: () = assert!(size_of::<IntSet>() == 8 && size(Head { len: 16, width: 2 }) == 40);

/// A sorted set of integers at the narrowest width that holds them all; eight bytes itself.
#[derive(Default)]
pub struct IntSet {
    block: Option<NonNull<Head>>,
}

// SAFETY: invariant *Block*: the set owns its block, and there is nothing but integers in it.
unsafe impl Send for IntSet {}
// SAFETY: nothing changes through a shared set.
unsafe impl Sync for IntSet {}

/// The members at their width.
#[derive(Clone, Copy)]
enum Items<'a> {
    Narrow(&'a [i16]),
    Middle(&'a [i32]),
    Wide(&'a [i64]),
}

/// The bytes of a block: in steps, so that not every member moves it.
const fn size(head: Head) -> usize {
    (size_of::<Head>() + head.len as usize * head.width as usize).next_multiple_of(8)
}

/// The bytes that a value needs.
const fn width_of(value: i64) -> u32 {
    if value as i16 as i64 == value {
        2
    } else if value as i32 as i64 == value {
        4
    } else {
        8
    }
}

impl IntSet {
    /// Makes an empty set, which allocates nothing.
    pub const fn new() -> Self {
        Self { block: None }
    }

    fn head(&self) -> Head {
        match self.block {
            // SAFETY: invariant *Block*: a block starts with its head.
            Some(block) => unsafe { block.read() },
            None => Head { len: 0, width: 2 },
        }
    }

    /// The address of the item at `index`.
    fn item(block: NonNull<Head>, head: Head, index: usize) -> *mut u8 {
        block.as_ptr().wrapping_add(1).cast::<u8>().wrapping_add(index * head.width as usize)
    }

    fn items(&self) -> Items<'_> {
        let Some(block) = self.block else { return Items::Narrow(&[]) };
        let head = self.head();
        let (at, len) = (Self::item(block, head, 0), head.len as usize);
        match head.width {
            // SAFETY: invariants *Block* and *Width*: so many items of this width are there; the first lies
            // behind a head of 8 bytes in a block aligned to 8.
            2 => Items::Narrow(unsafe { slice::from_raw_parts(at.cast(), len) }),
            // SAFETY: as above.
            4 => Items::Middle(unsafe { slice::from_raw_parts(at.cast(), len) }),
            // SAFETY: as above.
            _ => Items::Wide(unsafe { slice::from_raw_parts(at.cast(), len) }),
        }
    }

    /// Returns the number of members.
    pub fn len(&self) -> usize {
        self.head().len as usize
    }

    /// Tells whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.block.is_none()
    }

    /// Returns the bytes that each member takes: 2, 4 or 8.
    pub fn width(&self) -> usize {
        self.head().width as usize
    }

    /// Returns the bytes requested from the allocator, without the `IntSet` itself.
    pub fn mem_bytes(&self) -> usize {
        self.block.map_or(0, |_| size(self.head()))
    }

    /// The index of a member, or the one that it would have.
    fn search(&self, value: i64) -> Result<usize, usize> {
        match self.items() {
            Items::Narrow(items) => i16::try_from(value).map(|v| items.binary_search(&v)),
            Items::Middle(items) => i32::try_from(value).map(|v| items.binary_search(&v)),
            Items::Wide(items) => Ok(items.binary_search(&value)),
        }
        // What does not fit the width lies beyond one of the ends.
        .unwrap_or(Err(if value < 0 { 0 } else { self.len() }))
    }

    /// Tells whether `value` is a member. O(log n).
    pub fn contains(&self, value: i64) -> bool {
        self.search(value).is_ok()
    }

    /// Returns the index of a member in ascending order. O(log n).
    pub fn position(&self, value: i64) -> Option<usize> {
        self.search(value).ok()
    }

    /// Returns the member at `index` in ascending order. O(1).
    ///
    /// # Panics
    /// When `index` is not below [`len`](Self::len).
    pub fn at(&self, index: usize) -> i64 {
        self.items().at(index)
    }

    /// Walks over the members in ascending order, or from the end in descending order.
    pub fn iter(&self) -> Iter<'_> {
        Iter { items: self.items(), rest: 0..self.len() }
    }

    /// Adds a member; tells whether it was none before.
    ///
    /// # Panics
    /// When there are 2^32 - 1 members already.
    pub fn insert(&mut self, value: i64) -> bool {
        let Err(index) = self.search(value) else { return false };
        let old = self.head();
        let len = old.len.checked_add(1).expect("a set of integers has less than 2^32 members");
        let new = Head { len, width: old.width.max(width_of(value)) };
        let block = match self.block {
            Some(block) if new.width == old.width => {
                let block = resize(block, old, new);
                let from = Self::item(block, new, index);
                let bytes = (old.len as usize - index) * new.width as usize;
                // SAFETY: invariant *Block*: `old.len` items are there, and now there is room for one more.
                unsafe { ptr::copy(from, from.wrapping_add(new.width as usize), bytes) };
                block
            }
            _ => self.widened(new, usize::from(index == 0)),
        };
        // SAFETY: the block has the size of `new`, which has room for its head.
        unsafe { block.write(new) };
        write(Self::item(block, new, index), new.width, value);
        self.block = Some(block);
        true
    }

    /// Moves the members into a wider block, `gap` places from its start, and frees the one they were in. The
    /// caller writes the head and the item that is missing.
    fn widened(&mut self, new: Head, gap: usize) -> NonNull<Head> {
        let block = slabs::request(size(new)).cast::<Head>();
        for (index, value) in self.iter().enumerate() {
            write(Self::item(block, new, index + gap), new.width, value);
        }
        self.free();
        block
    }

    /// Removes a member; tells whether it was one.
    pub fn remove(&mut self, value: i64) -> bool {
        let (Some(block), Ok(index)) = (self.block, self.search(value)) else { return false };
        let old = self.head();
        if old.len == 1 {
            self.free();
            return true;
        }
        let new = Head { len: old.len - 1, ..old };
        let to = Self::item(block, old, index);
        let bytes = (new.len as usize - index) * old.width as usize;
        // SAFETY: invariant *Block*: `bytes` of initialised items follow the one at `index`.
        unsafe { ptr::copy(to.wrapping_add(old.width as usize), to, bytes) };
        // SAFETY: invariant *Block*: a block starts with its head.
        unsafe { block.write(new) };
        self.block = Some(resize(block, old, new));
        true
    }

    fn free(&mut self) {
        let size = size(self.head());
        if let Some(block) = self.block.take() {
            // SAFETY: invariant *Block*: this is the size of the request, and nothing points to it now.
            unsafe { slabs::give_back(block.cast(), size) };
        }
    }
}

/// Gives a block the size for another number of items, if that is another one.
fn resize(block: NonNull<Head>, old: Head, new: Head) -> NonNull<Head> {
    let (before, after) = (size(old), size(new));
    if before == after {
        return block;
    }
    // SAFETY: invariant *Block*: `before` is the size of the request; the new one is not zero.
    unsafe { slabs::resize(block.cast(), before, after) }.cast()
}

/// Writes an item of `width` bytes, which are enough for `value`.
fn write(at: *mut u8, width: u32, value: i64) {
    match width {
        // SAFETY: callers pass the place of an item within a block that has it; items are aligned.
        2 => unsafe { at.cast::<i16>().write(value as i16) },
        // SAFETY: as above.
        4 => unsafe { at.cast::<i32>().write(value as i32) },
        // SAFETY: as above.
        _ => unsafe { at.cast::<i64>().write(value) },
    }
}

impl Items<'_> {
    fn at(&self, index: usize) -> i64 {
        match self {
            Items::Narrow(items) => items[index].into(),
            Items::Middle(items) => items[index].into(),
            Items::Wide(items) => items[index],
        }
    }
}

impl Drop for IntSet {
    fn drop(&mut self) {
        self.free();
    }
}

impl Clone for IntSet {
    fn clone(&self) -> Self {
        let Some(from) = self.block else { return Self::new() };
        let head = self.head();
        let block = slabs::request(size(head)).cast::<Head>();
        let bytes = size_of::<Head>() + head.len as usize * head.width as usize;
        // SAFETY: both blocks have this size, and so many bytes of it are initialised.
        unsafe { ptr::copy_nonoverlapping(from.as_ptr().cast::<u8>(), block.as_ptr().cast(), bytes) };
        Self { block: Some(block) }
    }
}

impl PartialEq for IntSet {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for IntSet {}

impl fmt::Debug for IntSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self).finish()
    }
}

impl Extend<i64> for IntSet {
    fn extend<I: IntoIterator<Item = i64>>(&mut self, values: I) {
        values.into_iter().for_each(|value| _ = self.insert(value));
    }
}

impl FromIterator<i64> for IntSet {
    fn from_iter<I: IntoIterator<Item = i64>>(values: I) -> Self {
        let mut set = Self::new();
        set.extend(values);
        set
    }
}

impl<'a> IntoIterator for &'a IntSet {
    type Item = i64;
    type IntoIter = Iter<'a>;
    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// The members of an [`IntSet`] in ascending order.
#[derive(Clone)]
pub struct Iter<'a> {
    items: Items<'a>,
    rest: Range<usize>,
}

impl Iterator for Iter<'_> {
    type Item = i64;

    fn next(&mut self) -> Option<i64> {
        self.rest.next().map(|index| self.items.at(index))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rest.size_hint()
    }

    fn nth(&mut self, n: usize) -> Option<i64> {
        self.rest.nth(n).map(|index| self.items.at(index))
    }
}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<i64> {
        self.rest.next_back().map(|index| self.items.at(index))
    }
}

impl ExactSizeIterator for Iter<'_> {}
