//! A counted tree over blocks of items: what makes "the item at rank 700,000" and "the rank of this item" cheap
//! in large sorted sets and in large lists alike.
//!
//! A skip list with spans finds a rank by adding up how many items each of its links jumps over. Its towers are
//! one allocation and several cache misses per item. Here the same idea is taken block by block and without
//! chance: the items lie in blocks (the *bottom*: up to 63 items of a sorted set, up to 8 KiB of a list), and
//! above them blocks of up to 32 links, each with its span, the number of items behind it, and with the first
//! item behind it. What a block of items looks like is its own affair ([`Leaf`]); this file knows only how many
//! items it holds, whether one more fits, and how two of them even out.
//!
//! ```text
//!  Spans   head ●          top ●                                                   tail ●
//!               │              ▼                                                        │
//!               │       ┌ span │ first │ link ┐                                         │
//!               │       │  118 │   e   │  ●───┼───┐                                     │
//!               │       │   97 │   r   │  ●───┼───┼───────────────┐                     │
//!               │       └──────┴───────┴──────┘   ▼               ▼                     │
//!               │                          ┌ 60 │ e │ ●┐   ┌ 40 │ r │ ●┐                │
//!               │                          └ 58 │ k │ ●┘   └ 57 │ u │ ●┘                │
//!               ▼                               ┌───┴──┐        ┌───┴──┐                ▼
//!            [a b c]                        [e f …] [k l …]  [r s …] [u v …]          [x y z]
//!
//!   rank of u = 3 (head) + 118 + 40 + 0
//! ```
//!
//! **Both ends are held outside the tree.** A list is pushed and popped at its ends, a leaderboard or a queue too;
//! there the tree is touched once per block (when the tail is full it becomes the tree's last block), not once per
//! item, and no span has to be kept up to date.
//!
//! **Blocks are kept full.** A full block first gives items to a neighbour under the same link block, and is split
//! only when both are full, which holds the fill above 0.78 under random inserts (0.69 without); a run in ascending
//! or descending order leaves full blocks behind. A removal joins a block with a neighbour when the two would leave
//! a quarter of one free.
//!
//! **Blocks are shared.** Every block is behind a [`Shared`]: a clone of the whole copies three references, and a
//! write then copies the blocks on its path, four of some 900 bytes for a million members, once for as long as the
//! clone lives.
//!
//! | operation | cost |
//! |---|---|
//! | find by rank or key, rank of a key | O(log n) |
//! | insert, remove | O(log n) + O(block); at the ends amortised O(1) + O(block) |
//! | the next block while iterating | O(1), and O(log n) every 32 |
//! | remove a range of k items | O(log n) per block |
//! | clone | O(1) |
//! | memory used | O(1), kept as a tally |
//!
//! # Invariants
//! - A link's span is the number of items behind it; the spans of the top and the two ends sum to `len`.
//! - A link's key is the key of the first item behind it (always one that is there, so that it can be compared).
//! - No block in the tree or at an end is empty; all blocks of items hang at the same depth.
//! - Two neighbours under one block hold together more than a block's worth less a quarter, or were not touched by
//!   a removal since.
//!
//! Sources: Pugh, "A Skip List Cookbook" (1990) for the spans; Munro, Papadakis, Sedgewick, "Deterministic skip
//! lists" (1992); Bayer and McCreight (1972) for blocks and redistribution before splitting.
mod ends;
mod upper;
mod walk;

use super::shared::Shared;
pub use upper::FANOUT;
use upper::{Child, Upper};
pub use walk::Leaves;

/// A block of items at the bottom.
pub trait Leaf: Clone {
    /// What is known of an item above its block.
    type Key: Copy;
    /// An item on its way in.
    type Item<'a>: Copy;
    /// How much a block may hold, where that is not a constant.
    type Limit: Copy;

    /// Makes a block of one item.
    fn single(item: Self::Item<'_>) -> Self;
    /// Returns the number of items.
    fn len(&self) -> usize;
    /// Tells whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Returns the key of the first item of a block that is not empty.
    fn first_key(&self) -> Self::Key;
    /// Returns the bytes that the block owns outside itself.
    fn heap_bytes(&self) -> usize;
    /// Tells whether the item may not share a block with others.
    fn is_lonely(item: Self::Item<'_>, limit: Self::Limit) -> bool;
    /// Inserts an item, or changes nothing and returns false when it does not fit.
    fn insert(&mut self, position: usize, item: Self::Item<'_>, limit: Self::Limit) -> bool;
    /// Removes `count` items from `position`.
    fn cut(&mut self, position: usize, count: usize);
    /// Moves the items from `position` to a block of their own.
    fn split_off(&mut self, position: usize) -> Self;
    /// Moves items between two neighbours, one of which is full, so that both have room; or returns false.
    fn even_out(left: &mut Self, right: &mut Self, limit: Self::Limit) -> bool;
    /// Tells whether a neighbour of that many items is worth a look for [`Self::even_out`].
    fn may_have_room(len: usize) -> bool;
    /// Tells whether a neighbour of that many items is worth a look for [`Self::joins`].
    fn may_join(&self, neighbour_len: usize, limit: Self::Limit) -> bool;
    /// Tells whether two neighbours fit into one block with room to spare.
    fn joins(left: &Self, right: &Self, limit: Self::Limit) -> bool;
    /// Appends the items of the right neighbour.
    fn append(&mut self, right: &Self);
    /// Gives back what the block holds in reserve: it leaves an end, and is not written to as a rule.
    fn settle(&mut self) {}
}

/// A way down to an item.
pub trait Seek<L: Leaf>: Copy {
    /// Picks the part that the item is in, or belongs into; forgets the items before it.
    fn part(&mut self, spans: &Spans<L>) -> Part;
    /// Picks the link to follow. Neither slice is empty.
    fn link(&self, keys: &[L::Key], counts: &[u64]) -> usize;
    /// Forgets the items behind the links before the one that was picked.
    fn pass(&mut self, counts: &[u64]);
    /// Returns the position in its block, at most the block's length.
    fn position(&self, leaf: &L) -> usize;
}

/// Where an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The first block.
    Head,
    /// The tree between the ends.
    Tree,
    /// The last block.
    Tail,
}

/// The way to a rank.
#[derive(Clone, Copy, Debug)]
pub struct ByRank(pub usize);

impl<L: Leaf> Seek<L> for ByRank {
    #[inline]
    fn part(&mut self, spans: &Spans<L>) -> Part {
        let head = spans.head.as_ref().map_or(0, |l| l.len());
        if self.0 < head {
            return Part::Head;
        }
        self.0 -= head;
        if self.0 < spans.tree_len {
            return Part::Tree;
        }
        self.0 -= spans.tree_len;
        Part::Tail
    }

    #[inline]
    fn link(&self, _: &[L::Key], counts: &[u64]) -> usize {
        let mut left = self.0 as u64;
        for (i, &count) in counts.iter().enumerate() {
            if left < count {
                return i;
            }
            left -= count;
        }
        counts.len() - 1
    }

    #[inline]
    fn pass(&mut self, counts: &[u64]) {
        self.0 -= counts.iter().sum::<u64>() as usize;
    }

    #[inline]
    fn position(&self, leaf: &L) -> usize {
        self.0.min(leaf.len())
    }
}

/// What the blocks add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    uppers: usize,
    leaves: usize,
    heap_bytes: usize,
}

/// A change on its way: the limit of a block, the tally to keep, and by how much the number of items changed.
struct Work<'a, L: Leaf> {
    limit: L::Limit,
    tally: &'a mut Tally,
    change: isize,
}

/// A sequence of items in blocks under an index of spans.
pub struct Spans<L: Leaf> {
    head: Option<Shared<L>>,
    top: Option<Shared<Upper<L>>>,
    tail: Option<Shared<L>>,
    len: usize,
    tree_len: usize,
    tally: Tally,
}

impl<L: Leaf> Spans<L> {
    /// Makes an empty sequence. Allocates nothing.
    pub const fn new() -> Self {
        let tally = Tally { uppers: 0, leaves: 0, heap_bytes: 0 };
        Self { head: None, top: None, tail: None, len: 0, tree_len: 0, tally }
    }

    /// Returns the number of items.
    #[inline]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Tells whether there are no items.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the bytes of all blocks, shared ones in full. O(1).
    pub const fn mem_bytes(&self) -> usize {
        self.tally.uppers * Shared::<Upper<L>>::block_bytes()
            + self.tally.leaves * Shared::<L>::block_bytes()
            + self.tally.heap_bytes
    }

    /// Returns the number of blocks of items.
    pub const fn leaf_count(&self) -> usize {
        self.tally.leaves
    }

    /// Returns the first block, unless it is in the tree.
    #[inline]
    pub fn head(&self) -> Option<&L> {
        self.head.as_deref()
    }

    /// Returns the last block, unless it is in the tree.
    #[inline]
    pub fn tail(&self) -> Option<&L> {
        self.tail.as_deref()
    }

    /// Returns the key of the first item in the tree between the ends.
    #[inline]
    pub fn tree_key(&self) -> Option<L::Key> {
        self.top.as_ref().map(|top| top.first_key())
    }

    /// Calls `change` with the block that the item is in and its position there; puts the index right afterwards.
    ///
    /// `change` may take the block out as a whole. Returns nothing when there is no such block.
    pub fn edit<R>(
        &mut self,
        mut seek: impl Seek<L>,
        limit: L::Limit,
        change: impl FnOnce(&mut Option<Shared<L>>, usize) -> R,
    ) -> Option<R> {
        let part = seek.part(self);
        let mut work = Work { limit, tally: &mut self.tally, change: 0 };
        let result = match part {
            Part::Tree => {
                let top = self.top.as_mut()?;
                let result = top.make_mut().edit(&mut seek, &mut work, change);
                self.tree_len = self.tree_len.wrapping_add_signed(work.change);
                self.len = self.len.wrapping_add_signed(work.change);
                if work.change < 0 {
                    self.lower_top();
                }
                return Some(result);
            }
            Part::Head => work.edit_slot(&mut self.head, &seek, change),
            Part::Tail => work.edit_slot(&mut self.tail, &seek, change),
        };
        self.len = self.len.wrapping_add_signed(work.change);
        result
    }

    /// Inserts an item where `seek` leads.
    pub fn insert(&mut self, seek: impl Seek<L>, item: L::Item<'_>, limit: L::Limit) {
        loop {
            let fitted = self.edit(seek, limit, |slot, position| match slot {
                Some(leaf) => leaf.make_mut().insert(position, item, limit),
                None => false,
            });
            if fitted == Some(true) || self.make_room(seek, item, limit) {
                return;
            }
        }
    }

    /// Makes room in the block that an item is to go to, or puts the item into a new block and returns true.
    #[cold]
    fn make_room<S: Seek<L>>(&mut self, mut seek: S, item: L::Item<'_>, limit: L::Limit) -> bool {
        match seek.part(self) {
            Part::Head => return self.make_room_in_head(seek, item, limit),
            Part::Tail => return self.make_room_in_tail(seek, item, limit),
            Part::Tree => {}
        }
        let Some(mut top) = self.top.take() else { return false };
        if !top.has_room() {
            let right = top.make_mut().split_off(FANOUT / 2);
            let mut above = Upper::new(Child::Upper(top));
            above.insert(1, Child::Upper(Shared::new(right)));
            top = Shared::new(above);
            self.tally.uppers += 2;
        }
        let mut work = Work { limit, tally: &mut self.tally, change: 0 };
        let inserted = top.make_mut().make_room(&mut seek, item, &mut work);
        self.tree_len = self.tree_len.wrapping_add_signed(work.change);
        self.len = self.len.wrapping_add_signed(work.change);
        self.top = Some(top);
        inserted
    }

    /// Removes the items of ranks `from..to`, showing each block that is touched with the positions that go.
    ///
    /// # Complexity
    /// O(log n) per block, whole blocks without a look at their items.
    pub fn remove_range(
        &mut self,
        from: usize,
        to: usize,
        limit: L::Limit,
        mut gone: impl FnMut(&L, std::ops::Range<usize>),
    ) {
        let mut left = to.min(self.len).saturating_sub(from);
        while left > 0 {
            let cut = self.edit(ByRank(from), limit, |slot, position| {
                let Some(leaf) = slot else { return 0 };
                let count = left.min(leaf.len() - position);
                gone(leaf, position..position + count);
                if count == leaf.len() {
                    *slot = None;
                } else {
                    leaf.make_mut().cut(position, count);
                }
                count
            });
            match cut {
                Some(count) if count > 0 => left -= count,
                _ => return,
            }
        }
    }

    /// Lets one block go, for a value that is freed step by step. Returns false when there was none left.
    pub fn pop_block(&mut self) -> bool {
        self.fill_head();
        let Some(leaf) = self.head.take() else { return false };
        self.len -= leaf.len();
        self.tally.leaves -= 1;
        self.tally.heap_bytes -= leaf.heap_bytes();
        true
    }
}

impl<L: Leaf> Work<'_, L> {
    /// Changes one block outside the tree.
    fn edit_slot<R>(
        &mut self,
        slot: &mut Option<Shared<L>>,
        seek: &impl Seek<L>,
        change: impl FnOnce(&mut Option<Shared<L>>, usize) -> R,
    ) -> Option<R> {
        let position = seek.position(slot.as_deref()?);
        Some(self.change_slot(slot, position, change))
    }

    /// Changes one block, notes what that did to the numbers, and lets an empty one go.
    fn change_slot<R>(
        &mut self,
        slot: &mut Option<Shared<L>>,
        position: usize,
        change: impl FnOnce(&mut Option<Shared<L>>, usize) -> R,
    ) -> R {
        let measure = |slot: &Option<Shared<L>>| slot.as_ref().map_or((0, 0), |l| (l.len(), l.heap_bytes()));
        let (len, bytes) = measure(slot);
        let result = change(slot, position);
        if slot.as_ref().is_none_or(|leaf| leaf.is_empty()) {
            *slot = None;
            self.tally.leaves -= 1;
        }
        let (len_now, bytes_now) = measure(slot);
        self.change += len_now as isize - len as isize;
        self.tally.heap_bytes = self.tally.heap_bytes + bytes_now - bytes;
        result
    }
}

impl<L: Leaf> Default for Spans<L> {
    fn default() -> Self {
        Self::new()
    }
}

impl<L: Leaf> Clone for Spans<L> {
    /// Shares every block. O(1).
    fn clone(&self) -> Self {
        Self { head: self.head.clone(), top: self.top.clone(), tail: self.tail.clone(), ..*self }
    }
}

#[cfg(test)]
impl<L: Leaf> Spans<L> {
    /// Checks the invariants.
    pub fn check(&self) {
        let mut tally = Tally::default();
        let mut ends = 0;
        let mut each = |leaf: &L| {
            assert!(!leaf.is_empty());
            tally.leaves += 1;
            tally.heap_bytes += leaf.heap_bytes();
        };
        for leaf in [&self.head, &self.tail].into_iter().flatten() {
            each(leaf);
            ends += leaf.len();
        }
        if let Some(top) = &self.top {
            let (count, uppers, _) = top.check(&mut each);
            assert_eq!(count as usize, self.tree_len);
            tally.uppers = uppers;
        } else {
            assert_eq!(self.tree_len, 0);
        }
        assert_eq!(ends + self.tree_len, self.len);
        assert_eq!(tally, self.tally);
    }
}
