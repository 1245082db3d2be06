//! A block of links: spans, first keys, and the blocks behind them.
use super::{Leaf, Seek, Tally, Work};
use crate::ds::shared::Shared;

/// Most links of a block.
pub const FANOUT: usize = 32;

/// Below this many links a block is joined with a neighbour where that leaves room to spare.
const SPARSE: usize = FANOUT / 4;

type Slots<T> = [Option<Shared<T>>; FANOUT];

/// What the links of a block lead to: all of them to blocks of items, or all to blocks of links.
enum Children<L: Leaf> {
    Leaves(Slots<L>),
    Uppers(Slots<Upper<L>>),
}

/// One block on its way into or out of the index.
pub(super) enum Child<L: Leaf> {
    Leaf(Shared<L>),
    Upper(Shared<Upper<L>>),
}

/// A block of links. Slots up to `len` are filled, those behind are empty.
pub(super) struct Upper<L: Leaf> {
    len: usize,
    counts: [u64; FANOUT],
    keys: [L::Key; FANOUT],
    children: Children<L>,
}

impl<L: Leaf> Child<L> {
    fn count(&self) -> u64 {
        match self {
            Self::Leaf(leaf) => leaf.len() as u64,
            Self::Upper(upper) => upper.counts[..upper.len].iter().sum(),
        }
    }

    fn key(&self) -> L::Key {
        match self {
            Self::Leaf(leaf) => leaf.first_key(),
            Self::Upper(upper) => upper.first_key(),
        }
    }
}

/// Returns what a slot below `len` holds.
#[inline]
fn held<T>(slot: &Option<Shared<T>>) -> &Shared<T> {
    slot.as_ref().expect("a slot below len is filled")
}

/// Returns what a slot below `len` holds, which is about to be searched.
#[inline]
fn fetched<T>(slot: &Option<Shared<T>>) -> &Shared<T> {
    let block = held(slot);
    block.prefetch();
    block
}

#[inline]
fn held_mut<T>(slot: &mut Option<Shared<T>>) -> &mut Shared<T> {
    slot.as_mut().expect("a slot below len is filled")
}

fn insert_at<T>(array: &mut [T], at: usize, value: T) {
    array[at..].rotate_right(1);
    array[at] = value;
}

fn split_slots<T>(slots: &mut Slots<T>, at: usize) -> Slots<T> {
    let mut right = [const { None }; FANOUT];
    for (from, to) in slots[at..].iter_mut().zip(&mut right) {
        *to = from.take();
    }
    right
}

fn append_slots<T>(slots: &mut Slots<T>, at: usize, right: &Slots<T>) {
    for (from, to) in right.iter().zip(&mut slots[at..]) {
        to.clone_from(from);
    }
}

impl<L: Leaf> Upper<L> {
    /// Makes a block of one link.
    pub(super) fn new(child: Child<L>) -> Self {
        let mut counts = [0; FANOUT];
        counts[0] = child.count();
        let keys = [child.key(); FANOUT];
        let children = match child {
            Child::Leaf(leaf) => {
                let mut slots = [const { None }; FANOUT];
                slots[0] = Some(leaf);
                Children::Leaves(slots)
            }
            Child::Upper(upper) => {
                let mut slots = [const { None }; FANOUT];
                slots[0] = Some(upper);
                Children::Uppers(slots)
            }
        };
        Self { len: 1, counts, keys, children }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Tells whether two more links fit: no insertion below needs more.
    pub(super) const fn has_room(&self) -> bool {
        self.len + 2 <= FANOUT
    }

    pub(super) const fn first_key(&self) -> L::Key {
        self.keys[0]
    }

    /// Returns the spans of the links.
    #[inline]
    pub(super) fn counts(&self) -> &[u64] {
        &self.counts[..self.len]
    }

    /// Picks the link to follow.
    #[inline]
    pub(super) fn pick(&self, seek: &impl Seek<L>) -> usize {
        seek.link(&self.keys[..self.len], &self.counts[..self.len])
    }

    /// Returns the block of links behind link `at`, unless these are the last ones above the items.
    #[inline]
    pub(super) fn upper(&self, at: usize) -> Option<&Self> {
        match &self.children {
            Children::Leaves(_) => None,
            Children::Uppers(slots) => Some(fetched(&slots[at])),
        }
    }

    /// Returns the block of items behind link `at`, if there is one directly behind it.
    #[inline]
    pub(super) fn leaf(&self, at: usize) -> Option<&L> {
        match &self.children {
            Children::Leaves(slots) if at < self.len => Some(fetched(&slots[at])),
            _ => None,
        }
    }

    /// Returns the only link's block of links.
    pub(super) fn only_upper(&self) -> Option<Shared<Self>> {
        match &self.children {
            Children::Uppers(slots) if self.len == 1 => slots[0].clone(),
            _ => None,
        }
    }

    /// Inserts a link. There must be room, and the child must be of the kind of the others.
    pub(super) fn insert(&mut self, at: usize, child: Child<L>) {
        let (count, key) = (child.count(), child.key());
        match (&mut self.children, child) {
            (Children::Leaves(slots), Child::Leaf(leaf)) => {
                insert_at(&mut slots[..=self.len], at, Some(leaf))
            }
            (Children::Uppers(slots), Child::Upper(upper)) => {
                insert_at(&mut slots[..=self.len], at, Some(upper))
            }
            _ => unreachable!("the links of a block lead to blocks of one kind"),
        }
        insert_at(&mut self.counts[..=self.len], at, count);
        insert_at(&mut self.keys[..=self.len], at, key);
        self.len += 1;
    }

    /// Removes a link, whatever is left behind it.
    fn remove(&mut self, at: usize) -> Option<Child<L>> {
        let (live, len) = (at..self.len, self.len);
        self.counts[live.clone()].rotate_left(1);
        self.keys[live.clone()].rotate_left(1);
        self.len -= 1;
        match &mut self.children {
            Children::Leaves(slots) => {
                slots[live].rotate_left(1);
                slots[len - 1].take().map(Child::Leaf)
            }
            Children::Uppers(slots) => {
                slots[live].rotate_left(1);
                slots[len - 1].take().map(Child::Upper)
            }
        }
    }

    /// Moves the links from `at` to a block of their own. Neither part may be empty.
    pub(super) fn split_off(&mut self, at: usize) -> Self {
        let moved = self.len - at;
        let mut right = Self {
            len: moved,
            counts: [0; FANOUT],
            keys: [self.keys[at]; FANOUT],
            children: match &mut self.children {
                Children::Leaves(slots) => Children::Leaves(split_slots(slots, at)),
                Children::Uppers(slots) => Children::Uppers(split_slots(slots, at)),
            },
        };
        right.counts[..moved].copy_from_slice(&self.counts[at..self.len]);
        right.keys[..moved].copy_from_slice(&self.keys[at..self.len]);
        self.len = at;
        right
    }

    /// Appends the links of the right neighbour. There must be room.
    fn absorb(&mut self, right: &Self) {
        let to = self.len..self.len + right.len;
        self.counts[to.clone()].copy_from_slice(right.counts());
        self.keys[to].copy_from_slice(&right.keys[..right.len]);
        match (&mut self.children, &right.children) {
            (Children::Leaves(slots), Children::Leaves(more)) => append_slots(slots, self.len, more),
            (Children::Uppers(slots), Children::Uppers(more)) => append_slots(slots, self.len, more),
            _ => unreachable!("blocks at one height have children of one kind"),
        }
        self.len += right.len;
    }

    /// Changes the block of items that `seek` leads to, and puts the links on the way right.
    pub(super) fn edit<R>(
        &mut self,
        seek: &mut impl Seek<L>,
        work: &mut Work<'_, L>,
        change: impl FnOnce(&mut Option<Shared<L>>, usize) -> R,
    ) -> R {
        let at = self.pick(seek);
        seek.pass(&self.counts[..at]);
        let (result, key) = match &mut self.children {
            Children::Leaves(slots) => {
                let position = seek.position(fetched(&slots[at]));
                let result = work.change_slot(&mut slots[at], position, change);
                (result, slots[at].as_ref().map(|leaf| leaf.first_key()))
            }
            Children::Uppers(slots) => {
                fetched(&slots[at]);
                let child = held_mut(&mut slots[at]).make_mut();
                let result = child.edit(seek, work, change);
                (result, (child.len > 0).then(|| child.keys[0]))
            }
        };
        self.counts[at] = self.counts[at].wrapping_add_signed(work.change as i64);
        match key {
            Some(key) => self.keys[at] = key,
            None => self.drop_emptied(at, work.tally),
        }
        if work.change < 0 && key.is_some() {
            self.join_sparse(at, work);
        }
        result
    }

    /// Removes a link whose block has run empty. (A block of items is off the tally already.)
    fn drop_emptied(&mut self, at: usize, tally: &mut Tally) {
        if let Some(Child::Upper(_)) = self.remove(at) {
            tally.uppers -= 1;
        }
    }

    /// Joins a block that has lost items with a neighbour, when the two leave a part of one free.
    fn join_sparse(&mut self, at: usize, work: &mut Work<'_, L>) {
        for left in [at.wrapping_sub(1), at] {
            if left < self.len && left + 1 < self.len && self.join(left, at, work) {
                return;
            }
        }
    }

    /// Joins the blocks behind two neighbouring links, one of which is `at`, or returns false.
    fn join(&mut self, left: usize, at: usize, work: &mut Work<'_, L>) -> bool {
        let other = if at == left { left + 1 } else { left };
        match &mut self.children {
            Children::Leaves(slots) => {
                if !held(&slots[at]).may_join(self.counts[other] as usize, work.limit) {
                    return false;
                }
                let [l, r] = [held(&slots[left]), held(&slots[left + 1])];
                if !L::joins(l, r, work.limit) {
                    return false;
                }
                let bytes = l.heap_bytes() + r.heap_bytes();
                let right = held(&slots[left + 1]).clone();
                let joined = held_mut(&mut slots[left]).make_mut();
                joined.append(&right);
                work.tally.leaves -= 1;
                work.tally.heap_bytes = work.tally.heap_bytes + joined.heap_bytes() - bytes;
            }
            Children::Uppers(slots) => {
                let [l, r] = [held(&slots[left]).len, held(&slots[left + 1]).len];
                if l.min(r) > SPARSE || l + r > FANOUT - SPARSE {
                    return false;
                }
                let right = held(&slots[left + 1]).clone();
                held_mut(&mut slots[left]).make_mut().absorb(&right);
                work.tally.uppers -= 1;
            }
        }
        self.counts[left] += self.counts[left + 1];
        self.remove(left + 1);
        true
    }

    /// Makes room for an item where `seek` leads, or puts it into a new block and returns true. There must be room
    /// for two links here ([`Self::has_room`]).
    pub(super) fn make_room<S: Seek<L>>(
        &mut self,
        seek: &mut S,
        item: L::Item<'_>,
        work: &mut Work<'_, L>,
    ) -> bool {
        let mut at = self.pick(seek);
        if let Children::Uppers(slots) = &mut self.children
            && !held(&slots[at]).has_room()
        {
            let right = held_mut(&mut slots[at]).make_mut().split_off(FANOUT / 2);
            work.tally.uppers += 1;
            self.counts[at] = held(&slots[at]).counts().iter().sum();
            self.insert(at + 1, Child::Upper(Shared::new(right)));
            at = self.pick(seek);
        }
        seek.pass(&self.counts[..at]);
        if let Children::Uppers(slots) = &mut self.children {
            let child = held_mut(&mut slots[at]).make_mut();
            let inserted = child.make_room(seek, item, work);
            self.keys[at] = child.keys[0];
            self.counts[at] = self.counts[at].wrapping_add_signed(work.change as i64);
            return inserted;
        }
        let position = self.leaf(at).map_or(0, |leaf| seek.position(leaf));
        self.widen(at, position, item, work)
    }

    /// Gives a full block of items room, or puts the item beside it and returns true.
    fn widen(&mut self, at: usize, position: usize, item: L::Item<'_>, work: &mut Work<'_, L>) -> bool {
        let len = self.counts[at] as usize;
        if !L::is_lonely(item, work.limit) {
            if self.insert_beside(at, position, item, work) {
                return true;
            }
            if (at > 0 && self.even_out(at - 1, at - 1, work)) || self.even_out(at, at + 1, work) {
                return false;
            }
            if len > 1 {
                self.split_leaf(at, len / 2, work);
                return false;
            }
        }
        if position > 0 && position < len {
            self.split_leaf(at, position, work);
        }
        let beside = if position == 0 { at } else { at + 1 };
        let leaf = work.tally.leaf(L::single(item));
        self.insert(beside, Child::Leaf(leaf));
        work.change += 1;
        true
    }

    /// Puts an item that belongs between two blocks into the neighbour, when it has room.
    fn insert_beside(
        &mut self,
        at: usize,
        position: usize,
        item: L::Item<'_>,
        work: &mut Work<'_, L>,
    ) -> bool {
        let len = self.counts[at] as usize;
        let beside = if position == 0 && at > 0 {
            at - 1
        } else if position == len && at + 1 < self.len {
            at + 1
        } else {
            return false;
        };
        let Children::Leaves(slots) = &mut self.children else { return false };
        if !L::may_have_room(self.counts[beside] as usize) {
            return false;
        }
        let bytes = held(&slots[beside]).heap_bytes();
        let leaf = held_mut(&mut slots[beside]).make_mut();
        let inserted = leaf.insert(if beside < at { leaf.len() } else { 0 }, item, work.limit);
        work.tally.heap_bytes = work.tally.heap_bytes + leaf.heap_bytes() - bytes;
        if inserted {
            self.keys[beside] = leaf.first_key();
            self.counts[beside] += 1;
            work.change += 1;
        }
        inserted
    }

    /// Evens out the blocks behind links `left` and `left + 1`, of which `lender` is the one that may have room.
    fn even_out(&mut self, left: usize, lender: usize, work: &mut Work<'_, L>) -> bool {
        if left + 1 >= self.len || !L::may_have_room(self.counts[lender] as usize) {
            return false;
        }
        let Children::Leaves(slots) = &mut self.children else { return false };
        let [l, r] = &mut slots[left..left + 2] else { return false };
        let bytes = held(l).heap_bytes() + held(r).heap_bytes();
        let [l, r] = [held_mut(l).make_mut(), held_mut(r).make_mut()];
        let evened = L::even_out(l, r, work.limit);
        work.tally.heap_bytes = work.tally.heap_bytes + l.heap_bytes() + r.heap_bytes() - bytes;
        self.counts[left] = l.len() as u64;
        self.counts[left + 1] = r.len() as u64;
        self.keys[left + 1] = r.first_key();
        evened
    }

    fn split_leaf(&mut self, at: usize, position: usize, work: &mut Work<'_, L>) {
        let Children::Leaves(slots) = &mut self.children else { return };
        let leaf = held_mut(&mut slots[at]);
        let bytes = leaf.heap_bytes();
        let right = leaf.make_mut().split_off(position);
        work.tally.heap_bytes = work.tally.heap_bytes + leaf.heap_bytes() - bytes;
        self.counts[at] = leaf.len() as u64;
        let right = work.tally.leaf(right);
        self.insert(at + 1, Child::Leaf(right));
    }

    /// Hangs a block of items behind the last one. Returns a new block of links when there was no room.
    pub(super) fn append(&mut self, leaf: Shared<L>, tally: &mut Tally) -> Option<Shared<Self>> {
        let (last, count) = (self.len - 1, leaf.len() as u64);
        let child = match &mut self.children {
            Children::Leaves(_) => Child::Leaf(leaf),
            Children::Uppers(slots) => match held_mut(&mut slots[last]).make_mut().append(leaf, tally) {
                None => {
                    self.counts[last] += count;
                    return None;
                }
                Some(right) => Child::Upper(right),
            },
        };
        if self.len < FANOUT {
            self.insert(self.len, child);
            return None;
        }
        tally.uppers += 1;
        Some(Shared::new(Self::new(child)))
    }

    /// Hangs a block of items before the first one. Returns a new block of links when there was no room.
    pub(super) fn prepend(&mut self, leaf: Shared<L>, tally: &mut Tally) -> Option<Shared<Self>> {
        let count = leaf.len() as u64;
        let child = match &mut self.children {
            Children::Leaves(_) => Child::Leaf(leaf),
            Children::Uppers(slots) => {
                let first = held_mut(&mut slots[0]).make_mut();
                match first.prepend(leaf, tally) {
                    None => {
                        self.counts[0] += count;
                        self.keys[0] = first.keys[0];
                        return None;
                    }
                    Some(left) => Child::Upper(left),
                }
            }
        };
        if self.len < FANOUT {
            self.insert(0, child);
            return None;
        }
        tally.uppers += 1;
        Some(Shared::new(Self::new(child)))
    }

    /// Takes the first block of items out. Blocks of links that run empty go.
    pub(super) fn pop_front(&mut self, tally: &mut Tally) -> Shared<L> {
        self.pop(0, tally)
    }

    /// Takes the last block of items out.
    pub(super) fn pop_back(&mut self, tally: &mut Tally) -> Shared<L> {
        self.pop(usize::MAX, tally)
    }

    fn pop(&mut self, end: usize, tally: &mut Tally) -> Shared<L> {
        let at = end.min(self.len - 1);
        if let Children::Uppers(slots) = &mut self.children {
            let child = held_mut(&mut slots[at]).make_mut();
            let leaf = child.pop(end, tally);
            if !child.is_empty() {
                self.keys[at] = child.keys[0];
                self.counts[at] -= leaf.len() as u64;
                return leaf;
            }
            self.drop_emptied(at, tally);
            return leaf;
        }
        match self.remove(at) {
            Some(Child::Leaf(leaf)) => leaf,
            _ => unreachable!("the links of a block lead to blocks of one kind"),
        }
    }
}

impl<L: Leaf> Clone for Upper<L> {
    fn clone(&self) -> Self {
        let children = match &self.children {
            Children::Leaves(slots) => Children::Leaves(slots.clone()),
            Children::Uppers(slots) => Children::Uppers(slots.clone()),
        };
        Self { len: self.len, counts: self.counts, keys: self.keys, children }
    }
}

#[cfg(test)]
impl<L: Leaf> Upper<L> {
    /// Checks the invariants; returns the number of items, of blocks of links, and the height.
    pub(super) fn check(&self, each: &mut dyn FnMut(&L)) -> (u64, usize, usize) {
        assert!(self.len > 0 && self.len <= FANOUT);
        let (mut uppers, mut height) = (1, 0);
        for at in 0..self.len {
            let count = match &self.children {
                Children::Leaves(slots) => {
                    let leaf = held(&slots[at]);
                    assert!(!leaf.is_empty());
                    each(leaf);
                    leaf.len() as u64
                }
                Children::Uppers(slots) => {
                    let (count, below, h) = held(&slots[at]).check(each);
                    assert!(at == 0 || height == h, "all blocks of items hang at the same depth");
                    (uppers, height) = (uppers + below, h);
                    count
                }
            };
            assert_eq!(self.counts[at], count, "a link's span is the number of items behind it");
        }
        match &self.children {
            Children::Leaves(slots) => assert!(slots[self.len..].iter().all(Option::is_none)),
            Children::Uppers(slots) => assert!(slots[self.len..].iter().all(Option::is_none)),
        }
        (self.counts().iter().sum(), uppers, height + 1)
    }
}
