//! A blocked skip list with spans: items in an order that the caller knows, found by their order or by their rank.
//!
//! It is the ordered part of a large sorted set. A classic skip list needs an allocation per item (some 40 bytes for
//! the tower alone) and at a million items about twenty dependent cache misses per operation. Here up to 63 items
//! lie side by side in a block, in order, and the index of [`spans`](super::spans) stands above the blocks: three
//! levels for a million items, of which the upper two stay in the cache. An operation reads one block, a range of
//! 100 two or three:
//!
//! ```text
//!                 ┌ span │ first ┐
//!                 │  51  │ 7.0 ● ├──▶ ┌ len 51 │ 7.0 ● │ 7.0 ● │ 8.5 ● │ 9.0 ● │ … ┐
//!                 │  60  │ 31. ● ├──▶ ┌ len 60 │ 31. ● │ 32. ● │ 32. ● │ 40. ● │ … ┐
//!                 └──────┴───────┘
//! ```
//!
//! The list does not know what an item is; it is any small `Copy` value. A sorted set keeps twelve bytes, the score
//! and a four-byte reference to the member, so that a block with its count and its length is exactly 768 bytes, a
//! size class of the usual allocators; only equal scores make it follow the reference. What is sought is described
//! by a function that tells how an item stands to it: `Less` before it, `Equal` the one, `Greater` behind it. For
//! the bound of a range the function never answers `Equal`.
//!
//! | operation | cost |
//! |---|---|
//! | insert, remove, update, rank, at | O(log n); popping at an end amortised O(1) |
//! | range of k items | O(log n + k), in both directions |
//! | remove a range | O(k), whole blocks at once |
//! | clone | O(1); a write afterwards copies its path |
//!
//! # Invariants
//! - Items are strictly ascending by the order of the caller's functions, which is the same at every call.
//! - The others are those of [`spans`](super::spans).
#[cfg(test)]
mod tests;

use super::{
    shared::Shared,
    spans::{ByRank, Leaf, Leaves, Part, Seek, Spans},
};
use std::{cmp::Ordering, ops::Range as Ranks};

/// Most items of a block: 63 of twelve bytes, the length and the count make 768.
pub const BLOCK_ITEMS: usize = 63;

/// A neighbour with fewer free places than this is left alone: each one moved would be moved again soon.
const ROOM_MIN: usize = 6;

/// Up to here two neighbours are joined, so that the next insertions do not split them again.
const JOIN_MAX: usize = BLOCK_ITEMS * 3 / 4;

#[derive(Clone, Copy)]
struct Block<K: Copy> {
    len: u32,
    // Behind `len` lies a copy of some item: cheaper than a discriminant, simpler than uninitialised memory.
    items: [K; BLOCK_ITEMS],
}

impl<K: Copy> Block<K> {
    #[inline]
    fn items(&self) -> &[K] {
        &self.items[..self.len as usize]
    }
}

impl<K: Copy> Leaf for Block<K> {
    type Key = K;
    type Item<'a> = K;
    type Limit = ();

    fn single(item: K) -> Self {
        Self { len: 1, items: [item; BLOCK_ITEMS] }
    }

    #[inline]
    fn len(&self) -> usize {
        self.len as usize
    }

    #[inline]
    fn first_key(&self) -> K {
        self.items[0]
    }

    #[inline]
    fn heap_bytes(&self) -> usize {
        0
    }

    fn is_lonely(_: K, (): ()) -> bool {
        false
    }

    #[inline]
    fn insert(&mut self, position: usize, item: K, (): ()) -> bool {
        let len = self.len();
        if len == BLOCK_ITEMS || position > len {
            return false;
        }
        self.items.copy_within(position..len, position + 1);
        self.items[position] = item;
        self.len += 1;
        true
    }

    #[inline]
    fn cut(&mut self, position: usize, count: usize) {
        self.items.copy_within(position + count..self.len as usize, position);
        self.len -= count as u32;
    }

    fn split_off(&mut self, position: usize) -> Self {
        let mut right = *self;
        right.cut(0, position);
        self.len = position as u32;
        right
    }

    fn even_out(left: &mut Self, right: &mut Self, (): ()) -> bool {
        let half = (left.len() + right.len()) / 2;
        let (l, r) = (left.len(), right.len());
        if l < half {
            let moved = half - l;
            left.items[l..half].copy_from_slice(&right.items[..moved]);
            left.len = half as u32;
            right.cut(0, moved);
        } else {
            let moved = l - half;
            right.items.copy_within(..r, moved);
            right.items[..moved].copy_from_slice(&left.items[half..l]);
            right.len += moved as u32;
            left.len = half as u32;
        }
        left.len() < BLOCK_ITEMS && right.len() < BLOCK_ITEMS
    }

    fn may_have_room(len: usize) -> bool {
        len + ROOM_MIN <= BLOCK_ITEMS
    }

    fn may_join(&self, neighbour_len: usize, (): ()) -> bool {
        self.len() + neighbour_len <= JOIN_MAX
    }

    fn joins(left: &Self, right: &Self, (): ()) -> bool {
        left.may_join(right.len(), ())
    }

    fn append(&mut self, right: &Self) {
        let len = self.len();
        self.items[len..len + right.len()].copy_from_slice(right.items());
        self.len += right.len;
    }
}

/// The way to the item that a function describes.
struct ByOrder<F>(F);

impl<F: Copy> Clone for ByOrder<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F: Copy> Copy for ByOrder<F> {}

impl<K: Copy, F: Fn(K) -> Ordering + Copy> Seek<Block<K>> for ByOrder<F> {
    #[inline]
    fn part(&mut self, spans: &Spans<Block<K>>) -> Part {
        if spans.head().and_then(|head| head.items().last()).is_some_and(|&k| (self.0)(k) != Ordering::Less) {
            return Part::Head;
        }
        if spans.tail().is_some_and(|tail| (self.0)(tail.first_key()) != Ordering::Greater) {
            return Part::Tail;
        }
        match spans.tree_key() {
            // Before everything: a descending run fills blocks at the end, not in the tree.
            Some(first) if spans.head().is_none() && (self.0)(first) == Ordering::Greater => Part::Head,
            Some(_) => Part::Tree,
            None => Part::Tail,
        }
    }

    #[inline]
    fn link(&self, keys: &[K], _: &[u64]) -> usize {
        keys[1..].partition_point(|&key| (self.0)(key) != Ordering::Greater)
    }

    #[inline]
    fn pass(&mut self, _: &[u64]) {}

    #[inline]
    fn position(&self, leaf: &Block<K>) -> usize {
        leaf.items().partition_point(|&item| (self.0)(item) == Ordering::Less)
    }
}

/// What became of an item that was to be changed in its place.
enum Change {
    Missing,
    Done,
    Removed,
}

/// Items in ascending order, in shared blocks. The order is given with every call and must be the same each time.
#[derive(Clone)]
pub struct SkipList<K: Copy> {
    spans: Spans<Block<K>>,
}

impl<K: Copy> SkipList<K> {
    /// Makes an empty list. Allocates nothing.
    pub const fn new() -> Self {
        Self { spans: Spans::new() }
    }

    /// Returns the number of items.
    #[inline]
    pub const fn len(&self) -> usize {
        self.spans.len()
    }

    /// Tells whether there are no items.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Returns the bytes of all blocks, shared ones in full. O(1).
    pub const fn mem_bytes(&self) -> usize {
        self.spans.mem_bytes()
    }

    /// Inserts an item; `order` tells how others stand to it, and none may be equal.
    pub fn insert(&mut self, item: K, order: impl Fn(K) -> Ordering) {
        self.spans.insert(ByOrder(&order), item, ());
    }

    /// Appends an item that is behind all others. Amortised O(1).
    pub fn push_back(&mut self, item: K) {
        self.spans.push_back(item, ());
    }

    /// Removes the item that `order` finds equal, and returns it.
    pub fn remove(&mut self, order: impl Fn(K) -> Ordering) -> Option<K> {
        self.spans.edit(ByOrder(&order), (), |slot, position| remove_at(slot, position, &order))?
    }

    /// Replaces the item that `order` finds equal by another, where its place is (`item_order` tells how others stand
    /// to it). Returns false when there was none.
    ///
    /// # Complexity
    /// O(log n), and no item moves when the new one belongs where the old one was.
    pub fn update(
        &mut self,
        order: impl Fn(K) -> Ordering,
        item: K,
        item_order: impl Fn(K) -> Ordering,
    ) -> bool {
        let change = self.spans.edit(ByOrder(&order), (), |slot, position| {
            let found = slot.as_ref().and_then(|leaf| leaf.items().get(position).copied());
            let (Some(leaf), Some(old)) = (&mut *slot, found) else { return Change::Missing };
            if order(old) != Ordering::Equal {
                return Change::Missing;
            }
            if stays(leaf.items(), position, &item_order) {
                leaf.make_mut().items[position] = item;
                return Change::Done;
            }
            remove_at(slot, position, &order);
            Change::Removed
        });
        match change {
            None | Some(Change::Missing) => return false,
            Some(Change::Removed) => self.insert(item, item_order),
            Some(Change::Done) => {}
        }
        true
    }

    /// Returns the item that `order` finds equal.
    pub fn get(&self, order: impl Fn(K) -> Ordering) -> Option<K> {
        let place = self.spans.find(ByOrder(&order))?;
        place.leaf.items().get(place.position).copied().filter(|&item| order(item) == Ordering::Equal)
    }

    /// Returns the number of items that `order` finds less: the rank of the item it describes, or the count below a
    /// bound.
    #[inline]
    pub fn rank(&self, order: impl Fn(K) -> Ordering) -> usize {
        self.spans.rank(ByOrder(&order))
    }

    /// Returns the item of a rank.
    pub fn at(&self, rank: usize) -> Option<K> {
        if rank >= self.len() {
            return None;
        }
        let place = self.spans.find(ByRank(rank))?;
        place.leaf.items().get(place.position).copied()
    }

    /// Returns the items of some ranks, those above the length left out. Runs in both directions.
    pub fn range(&self, ranks: Ranks<usize>) -> Range<'_, K> {
        let end = ranks.end.min(self.len());
        let start = ranks.start.min(end);
        Range {
            left: end - start,
            front: &[],
            back: &[],
            forward: self.spans.leaves_from(start),
            backward: self.spans.leaves_from(end),
        }
    }

    /// Returns all items. Runs in both directions.
    pub fn iter(&self) -> Range<'_, K> {
        self.range(0..self.len())
    }

    /// Removes the first item. Amortised O(1).
    pub fn pop_first(&mut self) -> Option<K> {
        let first = self.spans.first_leaf()?.items[0];
        self.spans.edit(ByRank(0), (), |slot, position| cut_at(slot, position));
        Some(first)
    }

    /// Removes the last item. Amortised O(1).
    pub fn pop_last(&mut self) -> Option<K> {
        let last = *self.spans.last_leaf()?.items().last()?;
        let rank = self.len() - 1;
        self.spans.edit(ByRank(rank), (), |slot, position| cut_at(slot, position));
        Some(last)
    }

    /// Removes the items of some ranks, showing each to `gone`.
    pub fn remove_range(&mut self, ranks: Ranks<usize>, mut gone: impl FnMut(K)) {
        self.spans.remove_range(ranks.start, ranks.end, (), |leaf, positions| {
            leaf.items()[positions].iter().for_each(|&item| gone(item));
        });
    }

    /// Lets one block of items go, for a set that is freed step by step. Returns false when there was none left.
    pub fn pop_block(&mut self) -> bool {
        self.spans.pop_block()
    }
}

fn remove_at<K: Copy>(
    slot: &mut Option<Shared<Block<K>>>,
    position: usize,
    order: impl Fn(K) -> Ordering,
) -> Option<K> {
    let item = *slot.as_ref()?.items().get(position)?;
    if order(item) != Ordering::Equal {
        return None;
    }
    cut_at(slot, position);
    Some(item)
}

fn cut_at<K: Copy>(slot: &mut Option<Shared<Block<K>>>, position: usize) {
    match slot {
        Some(leaf) if leaf.len() > 1 => leaf.make_mut().cut(position, 1),
        _ => *slot = None,
    }
}

/// Tells whether an item would be between the neighbours of `position`. At the edge of a block there is no telling.
fn stays<K: Copy>(items: &[K], position: usize, order: impl Fn(K) -> Ordering) -> bool {
    let before = position.checked_sub(1).and_then(|i| items.get(i));
    let after = items.get(position + 1);
    matches!((before, after), (Some(&b), Some(&a)) if order(b) == Ordering::Less && order(a) == Ordering::Greater)
}

impl<K: Copy> Default for SkipList<K> {
    fn default() -> Self {
        Self::new()
    }
}

/// Items of a range of ranks, in order.
pub struct Range<'a, K: Copy> {
    left: usize,
    front: &'a [K],
    back: &'a [K],
    forward: Leaves<'a, Block<K>>,
    backward: Leaves<'a, Block<K>>,
}

impl<K: Copy> Clone for Range<'_, K> {
    fn clone(&self) -> Self {
        Self { forward: self.forward.clone(), backward: self.backward.clone(), ..*self }
    }
}

impl<K: Copy> Range<'_, K> {
    /// Returns the item that comes `distance` after the next one from the front, when it is in the same block: for
    /// fetching what it refers to ahead of its turn.
    #[inline]
    pub fn ahead(&self, distance: usize) -> Option<K> {
        self.front.get(distance).copied()
    }

    /// Returns the item that comes `distance` after the next one from the back, when it is in the same block.
    #[inline]
    pub fn ahead_back(&self, distance: usize) -> Option<K> {
        let at = self.back.len().checked_sub(distance + 1)?;
        self.back.get(at).copied()
    }
}

impl<K: Copy> Iterator for Range<'_, K> {
    type Item = K;

    #[inline]
    fn next(&mut self) -> Option<K> {
        if self.left == 0 {
            return None;
        }
        if self.front.is_empty() {
            let (leaf, position) = self.forward.forward()?;
            self.front = &leaf.items()[position..];
        }
        let (&first, rest) = self.front.split_first()?;
        self.front = rest;
        self.left -= 1;
        Some(first)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<K: Copy> DoubleEndedIterator for Range<'_, K> {
    #[inline]
    fn next_back(&mut self) -> Option<K> {
        if self.left == 0 {
            return None;
        }
        if self.back.is_empty() {
            let (leaf, count) = self.backward.backward()?;
            self.back = &leaf.items()[..count];
        }
        let (&last, rest) = self.back.split_last()?;
        self.back = rest;
        self.left -= 1;
        Some(last)
    }
}

impl<K: Copy> ExactSizeIterator for Range<'_, K> {}
impl<K: Copy> std::iter::FusedIterator for Range<'_, K> {}
