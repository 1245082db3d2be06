//! Many small byte strings in one buffer: the form of small hashes, sets and sorted sets, and of the chunks of a
//! list (the role of Redis's listpack).
//!
//! A structure of ten entries does not need pointers: scanning 500 consecutive bytes costs less than following
//! two of them, and the entries cost two bytes each instead of an allocation. So a [`Packed`] is one pointer to
//! one block, and an entry is its bytes between two copies of their length, which makes it walkable both ways:
//!
//! ```text
//!   Packed          block
//!   ┌─────┐        ┌───────┬──────┬──────────┬────┬──────┬────┬────┬────────┬────┬─ ─ ─ ─ ─ ─┐
//!   │  ●──┼───────▶│ count │ used │ capacity │ 4  │ name │ 4  │ 6  │ Ada L. │ 6  │   unused
//!   └─────┘        │  u32  │ u32  │   u32    │    │      │    │    │        │    │            │
//!    null when     └───────┴──────┴──────────┴────┴──────┴────┴────┴────────┴────┴─ ─ ─ ─ ─ ─┘
//!    empty                                   ▲                ▲                  ▲
//!                                            At(0)            At(6)              end: At(14)
//! ```
//!
//! A length is a varint of one byte below 128, two below 16,384, at most five ([`cursor`]). An entry of 16 bytes
//! takes 18. There is no encoding of integers: everything is bytes, hence a read borrows and converts nothing.
//!
//! | operation | cost |
//! |---|---|
//! | first, last, next, prev, read, len, bytes | O(1) |
//! | push at the back | amortised O(entry) |
//! | insert, replace by another length, remove | O(bytes behind) moved by one `memmove` |
//! | at(index), find | O(entries), sequential |
//! | clone | one allocation, one copy, no slack |
//!
//! # Invariants
//! - The bytes in use are `count` whole entries and nothing else; an [`At`] is the offset of the first byte of
//!   one of them. One that was taken before a change *in front of* it is stale.
//! - No entries means no block. The sum stays below 4 GiB: who adds to a large sequence asks [`Packed::fits`].
//! - Offsets are checked by slices: a stale or foreign [`At`] reads rubbish or panics, but never out of bounds.
//!
//! Sources: Redis's `listpack.md` (the idea of the length at the back); its terminator, integer forms and 7-byte
//! header bound to a 4-byte total were left out.
mod block;
pub mod cursor;
#[cfg(test)]
mod tests;

use block::{Block, HEAD};
use cursor::{Iter, Run};
use std::fmt;

/// Where an entry starts, in bytes from the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At(u32);

impl At {
    #[inline]
    fn new(offset: usize) -> Self {
        debug_assert!(offset <= u32::MAX as usize);
        Self(offset as u32)
    }

    /// Returns the offset in bytes from the first entry.
    #[inline]
    pub const fn offset(self) -> usize {
        self.0 as usize
    }
}

/// A sequence of byte strings in one buffer.
pub struct Packed {
    block: Block,
}

/// Most bytes that the entries of one sequence take together.
const LIMIT: usize = u32::MAX as usize - 64;

/// Up to here room is made in steps of 16 bytes, so that a small value has no slack; above by a quarter.
const EXACT: usize = 512;

impl Packed {
    /// Makes an empty sequence. Allocates nothing.
    pub const fn new() -> Self {
        Self { block: Block::new() }
    }

    /// Makes an empty sequence with room for `bytes` bytes of entries, each of which takes two more than its own
    /// below 128.
    pub fn with_capacity(bytes: usize) -> Self {
        let mut new = Self::new();
        new.block.resize(bytes.min(LIMIT));
        new
    }

    /// Returns the number of entries.
    #[inline]
    pub fn len(&self) -> usize {
        self.block.count()
    }

    /// Tells whether there are no entries.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the bytes that the entries take, their lengths included.
    #[inline]
    pub fn bytes(&self) -> usize {
        self.block.used()
    }

    /// Returns the bytes that an entry of `len` bytes takes.
    #[inline]
    pub const fn entry_bytes(len: usize) -> usize {
        cursor::size(len)
    }

    /// Tells whether entries that take `extra` more bytes keep the sequence below the 4 GiB of its format.
    #[inline]
    pub fn fits(&self, extra: usize) -> bool {
        extra <= LIMIT && self.bytes() <= LIMIT - extra
    }

    /// Returns the bytes requested from the allocator.
    #[inline]
    pub fn mem_bytes(&self) -> usize {
        match self.block.capacity() {
            0 => 0,
            capacity => HEAD + capacity,
        }
    }

    // ---- walking ----

    /// Returns the first entry.
    #[inline]
    pub fn first(&self) -> Option<At> {
        (!self.is_empty()).then_some(At(0))
    }

    /// Returns the last entry.
    #[inline]
    pub fn last(&self) -> Option<At> {
        self.prev(self.end())
    }

    /// Returns the position behind the last entry: a place to insert at, not one to read.
    #[inline]
    pub fn end(&self) -> At {
        At::new(self.bytes())
    }

    /// Returns the entry after the one at `at`.
    #[inline]
    pub fn next(&self, at: At) -> Option<At> {
        let bytes = self.block.bytes();
        let next = cursor::after(bytes, at.offset());
        (next < bytes.len()).then(|| At::new(next))
    }

    /// Returns the entry before the one at `at`, which may be the [`end`](Self::end).
    #[inline]
    pub fn prev(&self, at: At) -> Option<At> {
        (at.0 > 0).then(|| At::new(cursor::before(self.block.bytes(), at.offset())))
    }

    /// Returns the entry of an index, from the nearer end. O(entries).
    pub fn at(&self, index: usize) -> Option<At> {
        let (bytes, len) = (self.block.bytes(), self.len());
        if index >= len {
            return None;
        }
        let at = if index <= len / 2 {
            (0..index).fold(0, |at, _| cursor::after(bytes, at))
        } else {
            (index..len).fold(bytes.len(), |end, _| cursor::before(bytes, end))
        };
        Some(At::new(at))
    }

    /// Returns the bytes of the entry at `at`.
    #[inline]
    pub fn read(&self, at: At) -> &[u8] {
        let bytes = self.block.bytes();
        let (len, width) = cursor::head(bytes, at.offset());
        let start = at.offset() + width;
        &bytes[start..start + len]
    }

    /// Returns the bytes of the entry at `at` for writing in place. Its length stays.
    #[inline]
    pub fn read_mut(&mut self, at: At) -> &mut [u8] {
        let (len, width) = cursor::head(self.block.bytes(), at.offset());
        let start = at.offset() + width;
        &mut self.block.room()[start..start + len]
    }

    /// Returns the bytes of the entry of an index. O(entries).
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        self.at(index).map(|at| self.read(at))
    }

    /// Finds `wanted` among the entry at `start` and every `stride`-th after it (1: all of them; 2: the fields of
    /// alternating fields and values). O(entries).
    pub fn find(&self, wanted: &[u8], start: At, stride: usize) -> Option<At> {
        let bytes = self.block.bytes();
        let mut at = start.offset();
        while at < bytes.len() {
            let (len, width) = cursor::head(bytes, at);
            if len == wanted.len() && bytes[at + width..at + width + len] == *wanted {
                return Some(At::new(at));
            }
            at += len + 2 * width;
            for _ in 1..stride {
                if at >= bytes.len() {
                    return None;
                }
                at = cursor::after(bytes, at);
            }
        }
        None
    }

    /// Iterates over all entries.
    #[inline]
    pub fn iter(&self) -> Iter<'_> {
        Iter { run: Run { bytes: self.block.bytes() }, left: self.len() }
    }

    /// Iterates over the entry at `at` and all after it.
    #[inline]
    pub fn iter_from(&self, at: At) -> Run<'_> {
        Run { bytes: &self.block.bytes()[at.offset()..] }
    }

    /// Iterates over all entries before `at`; reversed, it starts with the one in front of it.
    #[inline]
    pub fn iter_until(&self, at: At) -> Run<'_> {
        Run { bytes: &self.block.bytes()[..at.offset()] }
    }

    // ---- changing ----

    /// Appends an entry. Amortised O(entry).
    ///
    /// # Panics
    /// As every method that adds, when the entries would take more than the 4 GiB of the format ([`Self::fits`]).
    #[inline]
    pub fn push_back(&mut self, entry: &[u8]) {
        self.insert_before(self.end(), &[entry]);
    }

    /// Puts an entry in front of all others.
    #[inline]
    pub fn push_front(&mut self, entry: &[u8]) {
        self.insert_before(At(0), &[entry]);
    }

    /// Appends several entries in their order.
    #[inline]
    pub fn extend_back(&mut self, entries: &[&[u8]]) {
        self.insert_before(self.end(), entries);
    }

    /// Inserts entries in their order in front of the one at `at`, or behind all when `at` is the
    /// [`end`](Self::end); returns the position of the first. The bytes behind move once.
    pub fn insert_before(&mut self, at: At, entries: &[&[u8]]) -> At {
        let extra = entries.iter().fold(0usize, |sum, entry| sum.saturating_add(cursor::size(entry.len())));
        let count = self.len() + entries.len();
        let mut room = self.splice(at.offset(), 0, extra, count);
        for entry in entries {
            let written = cursor::write(room, entry);
            room = &mut room[written..];
        }
        at
    }

    /// Inserts entries in their order behind the one at `at`; returns the position of the first.
    pub fn insert_after(&mut self, at: At, entries: &[&[u8]]) -> At {
        let next = At::new(cursor::after(self.block.bytes(), at.offset()));
        self.insert_before(next, entries)
    }

    /// Puts `entry` in the place of the one at `at`, and returns its position, which is the same.
    pub fn replace(&mut self, at: At, entry: &[u8]) -> At {
        let (len, width) = cursor::head(self.block.bytes(), at.offset());
        let start = at.offset() + width;
        if len == entry.len() {
            self.block.room()[start..start + len].copy_from_slice(entry);
        } else {
            let count = self.len();
            let room = self.splice(at.offset(), cursor::size(len), cursor::size(entry.len()), count);
            cursor::write(room, entry);
            self.give_back();
        }
        at
    }

    /// Removes up to `entries` entries from `at` on; returns the one that follows them now. O(bytes behind).
    pub fn remove(&mut self, at: At, entries: usize) -> Option<At> {
        let bytes = self.block.bytes();
        let (mut end, mut gone) = (at.offset(), 0);
        while gone < entries && end < bytes.len() {
            end = cursor::after(bytes, end);
            gone += 1;
        }
        if gone > 0 {
            let count = self.len() - gone;
            self.splice(at.offset(), end - at.offset(), 0, count);
            self.give_back();
        }
        (at.offset() < self.bytes()).then_some(at)
    }

    /// Removes the first `entries` entries.
    pub fn truncate_front(&mut self, entries: usize) {
        self.remove(At(0), entries);
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        self.block = Block::new();
    }

    /// Takes the entry at `at` and all after it away, and returns them. O(entries of the shorter part).
    pub fn split_off(&mut self, at: At) -> Self {
        let (bytes, middle) = (self.block.bytes(), at.offset());
        let behind = if middle <= bytes.len() / 2 {
            self.len() - self.iter_until(at).count()
        } else {
            self.iter_from(at).count()
        };
        let tail = Self::of(&bytes[middle..], behind);
        let count = self.len() - behind;
        self.splice(middle, self.bytes() - middle, 0, count);
        self.give_back();
        tail
    }

    /// Appends all entries of `other`. O(bytes of `other`).
    pub fn append(&mut self, other: &Self) {
        let count = self.len() + other.len();
        self.splice(self.bytes(), 0, other.bytes(), count).copy_from_slice(other.block.bytes());
    }

    /// Gives back the room that no entry uses.
    pub fn shrink(&mut self) {
        self.block.resize(self.block.used());
    }

    /// Copies `count` entries that lie in `bytes`, without slack.
    fn of(bytes: &[u8], count: usize) -> Self {
        let mut new = Self::new();
        if !bytes.is_empty() {
            new.block.resize(bytes.len());
            new.block.room().copy_from_slice(bytes);
            new.block.set(count, bytes.len());
        }
        new
    }

    /// Turns `old` bytes at `at` into `new` bytes, moves what is behind them, and says that there are `count`
    /// entries. Returns the new bytes, to be written.
    fn splice(&mut self, at: usize, old: usize, new: usize, count: usize) -> &mut [u8] {
        let used = self.bytes();
        assert!(self.fits(new), "a packed sequence stays below 4 GiB");
        let after = used - old + new;
        if after > self.block.capacity() {
            let step = if after <= EXACT { after.next_multiple_of(16) - 4 } else { after + after / 4 };
            self.block.resize(step.clamp(after, LIMIT));
        }
        let room = self.block.room();
        if at + old < used && old != new {
            room.copy_within(at + old..used, at + new);
        }
        self.block.set(count, after);
        &mut self.block.room()[at..at + new]
    }

    /// Moves to a smaller block when less than half of this one is in use.
    fn give_back(&mut self) {
        let (used, capacity) = (self.block.used(), self.block.capacity());
        if used == 0 {
            self.clear();
        } else if capacity >= 64 && used < capacity / 2 {
            self.block.resize(used + used / 8);
        }
    }
}

impl Default for Packed {
    fn default() -> Self {
        Self::new()
    }
}

impl Clone for Packed {
    fn clone(&self) -> Self {
        Self::of(self.block.bytes(), self.len())
    }
}

impl PartialEq for Packed {
    fn eq(&self, other: &Self) -> bool {
        self.block.bytes() == other.block.bytes()
    }
}

impl Eq for Packed {}

impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|entry| entry.escape_ascii().to_string())).finish()
    }
}

impl<'a> IntoIterator for &'a Packed {
    type Item = &'a [u8];
    type IntoIter = Iter<'a>;
    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl<'a> Extend<&'a [u8]> for Packed {
    fn extend<I: IntoIterator<Item = &'a [u8]>>(&mut self, entries: I) {
        entries.into_iter().for_each(|entry| self.push_back(entry));
    }
}

impl<'a> FromIterator<&'a [u8]> for Packed {
    fn from_iter<I: IntoIterator<Item = &'a [u8]>>(entries: I) -> Self {
        let mut new = Self::new();
        new.extend(entries);
        new
    }
}
