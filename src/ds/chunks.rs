//! A long list of byte strings: packed chunks of entries under an index of spans (the role of Redis's quicklist).
//!
//! One buffer per entry would cost three times an entry of sixteen bytes; one buffer for all would have to be moved
//! whole. So the entries lie in chunks of some kilobytes ([`Packed`]), and where Redis links its chunks into a
//! chain, which makes the middle of a list of a million a walk over thousands of nodes, here the index of
//! [`spans`](super::spans) stands above them:
//!
//! ```text
//!            head ●                    ┌ span │ link ┐                         tail ●
//!                 │                    │  455 │  ●───┼──┐                           │
//!                 │                    │  455 │  ●───┼──┼────────────┐              │
//!                 │                    │    1 │  ●───┼──┼────────────┼───────┐      │
//!                 ▼                    └──────┴──────┘  ▼            ▼       ▼      ▼
//!          ┌──────────────┐                      ┌────────────┐ ┌─────────┐ ┌───┐ ┌──────────┐
//!   push ▶ │ e0 e1 e2 …   │                      │ e3 … e457  │ │ e458 …  │ │ E │ │ … e99999 │ ◀ push
//!    pop ◀ └──────────────┘                      └────────────┘ └─────────┘ └───┘ └──────────┘ ▶ pop
//!                                                   ≤ 8 KiB, or ≤ n entries   └ longer than a chunk: on its own
//! ```
//!
//! A chunk that leaves an end gives back its slack, so that a list of a million entries of sixteen bytes takes 18
//! bytes for each, two of them its length at either side.
//!
//! | operation | cost (c: bytes of a chunk) |
//! |---|---|
//! | push, pop | amortised O(1) + one `memmove` of up to c at the front |
//! | get, set, insert, remove | O(log n) + O(c) |
//! | iterate from an index, in both directions | O(log n) + O(c), then O(1) per entry |
//! | remove a range | O(log n) per chunk |
//! | clone | O(1); a write afterwards copies its chunk and the links above |
//!
//! # Invariants
//! - A chunk of more than one entry is within the [`Limit`] it was last written under.
//! - The others are those of [`spans`](super::spans).
//!
//! What the entries mean, and when a list is short enough to be a single [`Packed`], is not known here.
//!
//! Source: Redis's `quicklist.c` for the limits and for keeping long entries apart.
#[cfg(test)]
mod tests;

use super::{
    packed::{Packed, cursor::Run},
    shared::Shared,
    spans::{ByRank, Leaf, Leaves, Spans},
};
use std::ops::Range as Ranks;

/// How much a chunk may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Most entries.
    pub entries: usize,
    /// Most bytes, the lengths of the entries included. A longer entry has a chunk of its own.
    pub bytes: usize,
}

impl Limit {
    /// Reads Redis's `list-max-listpack-size`: that many entries (and at most 8 KiB) when positive; 4, 8, 16, 32 or
    /// 64 KiB for −1 to −5, and 64 KiB below.
    pub const fn of_size(size: i32) -> Self {
        match size {
            0 => Self { entries: 1, bytes: 8 << 10 },
            1.. => Self { entries: size as usize, bytes: 8 << 10 },
            -1 => Self { entries: usize::MAX, bytes: 4 << 10 },
            -2 => Self { entries: usize::MAX, bytes: 8 << 10 },
            -3 => Self { entries: usize::MAX, bytes: 16 << 10 },
            -4 => Self { entries: usize::MAX, bytes: 32 << 10 },
            _ => Self { entries: usize::MAX, bytes: 64 << 10 },
        }
    }

    /// Tells whether so much is at most three quarters of a chunk.
    const fn has_three_quarters(self, entries: usize, bytes: usize) -> bool {
        entries <= self.entries - self.entries / 4 && bytes <= self.bytes / 4 * 3
    }
}

#[derive(Clone)]
struct Chunk(Packed);

impl Chunk {
    /// Removes the entries from `position` on, and moves them before those of `right`.
    fn lend_right(&mut self, right: &mut Self, position: usize) {
        let mut moved = self.split_off(position);
        moved.append(right);
        *right = moved;
    }

    /// Moves the first `count` entries of `right` behind those of this chunk.
    fn lend_left(&mut self, right: &mut Self, count: usize) {
        let rest = right.split_off(count);
        self.append(right);
        *right = rest;
    }
}

/// Counts the entries that can go from one chunk to the other, the nearest one first, while it stays the fuller one.
fn surplus<'a>(entries: impl Iterator<Item = &'a [u8]>, full: &Chunk, other: &Chunk, limit: Limit) -> usize {
    let (mut from, mut to) = (full.0.bytes(), other.0.bytes());
    let most = (full.len() / 2).min(limit.entries.saturating_sub(other.len()));
    let mut count = 0;
    for entry in entries.take(most) {
        let size = Packed::entry_bytes(entry.len());
        (from, to) = (from - size, to + size);
        if to > from || to > limit.bytes {
            break;
        }
        count += 1;
    }
    count
}

impl Leaf for Chunk {
    type Key = ();
    type Item<'a> = &'a [u8];
    type Limit = Limit;

    fn single(entry: &[u8]) -> Self {
        let mut packed = Packed::new();
        packed.push_back(entry);
        Self(packed)
    }

    #[inline]
    fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    fn first_key(&self) {}

    #[inline]
    fn heap_bytes(&self) -> usize {
        self.0.mem_bytes()
    }

    fn is_lonely(entry: &[u8], limit: Limit) -> bool {
        limit.entries <= 1 || Packed::entry_bytes(entry.len()) > limit.bytes
    }

    #[inline]
    fn insert(&mut self, position: usize, entry: &[u8], limit: Limit) -> bool {
        if self.len() >= limit.entries || self.0.bytes() + Packed::entry_bytes(entry.len()) > limit.bytes {
            return false;
        }
        let at = self.0.at(position).unwrap_or(self.0.end());
        self.0.insert_before(at, &[entry]);
        true
    }

    fn cut(&mut self, position: usize, count: usize) {
        if let Some(at) = self.0.at(position) {
            self.0.remove(at, count);
        }
    }

    fn split_off(&mut self, position: usize) -> Self {
        let at = self.0.at(position).unwrap_or(self.0.end());
        Self(self.0.split_off(at))
    }

    fn even_out(left: &mut Self, right: &mut Self, limit: Limit) -> bool {
        if left.0.bytes() >= right.0.bytes() {
            if !limit.has_three_quarters(right.len(), right.0.bytes()) {
                return false;
            }
            let count = surplus(left.0.iter().rev(), left, right, limit);
            if count > 0 {
                left.lend_right(right, left.len() - count);
            }
            return count > 0;
        }
        if !limit.has_three_quarters(left.len(), left.0.bytes()) {
            return false;
        }
        let count = surplus(right.0.iter(), right, left, limit);
        if count > 0 {
            left.lend_left(right, count);
        }
        count > 0
    }

    fn may_have_room(_: usize) -> bool {
        true
    }

    fn may_join(&self, neighbour_len: usize, limit: Limit) -> bool {
        self.0.bytes() <= limit.bytes / 2 && limit.has_three_quarters(self.len() + neighbour_len, 0)
    }

    fn joins(left: &Self, right: &Self, limit: Limit) -> bool {
        limit.has_three_quarters(left.len() + right.len(), left.0.bytes() + right.0.bytes())
    }

    fn append(&mut self, right: &Self) {
        self.0.append(&right.0);
    }

    fn settle(&mut self) {
        self.0.shrink();
    }
}

/// A sequence of byte strings, in shared chunks.
#[derive(Clone)]
pub struct Chunks {
    spans: Spans<Chunk>,
}

impl Chunks {
    /// Makes an empty list. Allocates nothing.
    pub const fn new() -> Self {
        Self { spans: Spans::new() }
    }

    /// Returns the number of entries.
    #[inline]
    pub const fn len(&self) -> usize {
        self.spans.len()
    }

    /// Tells whether there are no entries.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Returns the bytes of all chunks and of the index, shared ones in full. O(1).
    pub const fn mem_bytes(&self) -> usize {
        self.spans.mem_bytes()
    }

    /// Returns the number of chunks.
    pub const fn chunk_count(&self) -> usize {
        self.spans.leaf_count()
    }

    /// Returns the bytes of the entries with their lengths when all are in one chunk. O(1).
    pub fn single_chunk_bytes(&self) -> Option<usize> {
        let only = (self.chunk_count() == 1).then(|| self.spans.find(ByRank(0)))?;
        only.map(|place| place.leaf.0.bytes())
    }

    /// Appends an entry. Amortised O(1).
    pub fn push_back(&mut self, entry: &[u8], limit: Limit) {
        self.spans.push_back(entry, limit);
    }

    /// Prepends an entry. Amortised O(1) and a move within the first chunk.
    pub fn push_front(&mut self, entry: &[u8], limit: Limit) {
        self.spans.push_front(entry, limit);
    }

    /// Returns the first entry. O(1) unless the head has just run empty.
    pub fn first(&self) -> Option<&[u8]> {
        self.get(0)
    }

    /// Returns the last entry.
    pub fn last(&self) -> Option<&[u8]> {
        self.get(self.len().wrapping_sub(1))
    }

    /// Removes the first entry after showing it to `see`. Amortised O(1) and a move within the first chunk.
    pub fn pop_front<R>(&mut self, limit: Limit, see: impl FnOnce(&[u8]) -> R) -> Option<R> {
        self.spans.first_leaf()?;
        self.remove(0, limit, see)
    }

    /// Removes the last entry after showing it to `see`. Amortised O(1).
    pub fn pop_back<R>(&mut self, limit: Limit, see: impl FnOnce(&[u8]) -> R) -> Option<R> {
        self.spans.last_leaf()?;
        self.remove(self.len() - 1, limit, see)
    }

    /// Returns the entry of an index.
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        if index >= self.len() {
            return None;
        }
        let place = self.spans.find(ByRank(index))?;
        place.leaf.0.get(place.position)
    }

    /// Replaces the entry of an index. Returns false when there is none.
    pub fn set(&mut self, index: usize, entry: &[u8], limit: Limit) -> bool {
        if index >= self.len() {
            return false;
        }
        let replaced = self.spans.edit(ByRank(index), limit, |slot, position| {
            let Some(chunk) = slot else { return false };
            let Some(at) = chunk.0.at(position) else { return false };
            let rest = chunk.0.bytes() - Packed::entry_bytes(chunk.0.read(at).len());
            if chunk.len() == 1 || rest + Packed::entry_bytes(entry.len()) <= limit.bytes {
                chunk.make_mut().0.replace(at, entry);
                return true;
            }
            cut_at(slot, position);
            false
        });
        if replaced != Some(true) {
            self.spans.insert(ByRank(index), entry, limit);
        }
        true
    }

    /// Inserts an entry in front of the one of an index; behind all when the index is not below the length.
    pub fn insert(&mut self, index: usize, entry: &[u8], limit: Limit) {
        match index {
            0 => self.push_front(entry, limit),
            index if index >= self.len() => self.push_back(entry, limit),
            index => self.spans.insert(ByRank(index), entry, limit),
        }
    }

    /// Removes the entry of an index after showing it to `see`.
    pub fn remove<R>(&mut self, index: usize, limit: Limit, see: impl FnOnce(&[u8]) -> R) -> Option<R> {
        if index >= self.len() {
            return None;
        }
        self.spans.edit(ByRank(index), limit, |slot, position| {
            let result = slot.as_ref()?.0.get(position).map(see);
            cut_at(slot, position);
            result
        })?
    }

    /// Removes the entries of some indices; those above the length are left out.
    pub fn remove_range(&mut self, indices: Ranks<usize>, limit: Limit) {
        self.spans.remove_range(indices.start, indices.end, limit, |_, _| {});
    }

    /// Removes up to `count` entries for which `wanted` answers true, from the front, or from the back when
    /// `backward`. Returns how many went.
    ///
    /// # Complexity
    /// O(n), and O(log n + chunk) per removed run.
    pub fn remove_where(
        &mut self,
        count: usize,
        backward: bool,
        limit: Limit,
        mut wanted: impl FnMut(&[u8]) -> bool,
    ) -> usize {
        let mut found: Vec<usize> = if backward {
            let last = self.len().wrapping_sub(1);
            let hits = self.iter().rev().enumerate().filter(|(_, entry)| wanted(entry));
            hits.map(|(i, _)| last - i).take(count).collect()
        } else {
            let hits = self.iter().enumerate().filter(|(_, entry)| wanted(entry));
            hits.map(|(i, _)| i).take(count).collect()
        };
        if !backward {
            found.reverse();
        }
        // From the back, so that the indices in front stay right.
        for run in found.chunk_by(|a, b| *a == b + 1) {
            if let (Some(last), Some(first)) = (run.first(), run.last()) {
                self.remove_range(*first..last + 1, limit);
            }
        }
        found.len()
    }

    /// Returns the entries of some indices, those above the length left out. Runs in both directions.
    pub fn range(&self, indices: Ranks<usize>) -> Range<'_> {
        let end = indices.end.min(self.len());
        let start = indices.start.min(end);
        Range {
            left: end - start,
            front: None,
            back: None,
            forward: self.spans.leaves_from(start),
            backward: self.spans.leaves_from(end),
        }
    }

    /// Returns all entries. Runs in both directions.
    pub fn iter(&self) -> Range<'_> {
        self.range(0..self.len())
    }

    /// Lets one chunk go, for a list that is freed step by step. Returns false when there was none left.
    pub fn pop_block(&mut self) -> bool {
        self.spans.pop_block()
    }
}

fn cut_at(slot: &mut Option<Shared<Chunk>>, position: usize) {
    match slot {
        Some(chunk) if chunk.len() > 1 => chunk.make_mut().cut(position, 1),
        _ => *slot = None,
    }
}

impl Default for Chunks {
    fn default() -> Self {
        Self::new()
    }
}

/// Entries of a range of indices.
#[derive(Clone)]
pub struct Range<'a> {
    left: usize,
    front: Option<Run<'a>>,
    back: Option<Run<'a>>,
    forward: Leaves<'a, Chunk>,
    backward: Leaves<'a, Chunk>,
}

impl<'a> Iterator for Range<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        if let Some(entry) = self.front.as_mut().and_then(Iterator::next) {
            return Some(entry);
        }
        let (chunk, position) = self.forward.forward()?;
        self.front = chunk.0.at(position).map(|at| chunk.0.iter_from(at));
        self.front.as_mut()?.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl DoubleEndedIterator for Range<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        if let Some(entry) = self.back.as_mut().and_then(DoubleEndedIterator::next_back) {
            return Some(entry);
        }
        let (chunk, count) = self.backward.backward()?;
        let until = chunk.0.at(count).unwrap_or(chunk.0.end());
        self.back = Some(chunk.0.iter_until(until));
        self.back.as_mut()?.next_back()
    }
}

impl ExactSizeIterator for Range<'_> {}
impl std::iter::FusedIterator for Range<'_> {}
