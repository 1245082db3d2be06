//! The two ends, which are held outside the tree: pushing, and moving blocks between an end and the tree.
use super::{
    Leaf, Seek, Spans, Tally,
    upper::{Child, Upper},
};
use crate::ds::shared::Shared;

impl<L: Leaf> Spans<L> {
    /// Appends an item.
    ///
    /// # Complexity
    /// Amortised O(1): the tree is touched once per block.
    pub fn push_back(&mut self, item: L::Item<'_>, limit: L::Limit) {
        if let Some(tail) = &mut self.tail {
            // Measured before a shared block is copied, since the copy has no slack.
            let bytes = tail.heap_bytes();
            let tail = tail.make_mut();
            let inserted = tail.insert(tail.len(), item, limit);
            self.tally.heap_bytes = self.tally.heap_bytes + tail.heap_bytes() - bytes;
            if inserted {
                self.len += 1;
                return;
            }
        }
        self.grow_tail(item);
    }

    /// Prepends an item.
    ///
    /// # Complexity
    /// Amortised O(1), as at the back.
    pub fn push_front(&mut self, item: L::Item<'_>, limit: L::Limit) {
        if let Some(head) = &mut self.head {
            // Measured before a shared block is copied, since the copy has no slack.
            let bytes = head.heap_bytes();
            let head = head.make_mut();
            let inserted = head.insert(0, item, limit);
            self.tally.heap_bytes = self.tally.heap_bytes + head.heap_bytes() - bytes;
            if inserted {
                self.len += 1;
                return;
            }
        }
        self.grow_head(item);
    }

    /// Moves the last block into the tree and begins a new one with `item`.
    fn grow_tail(&mut self, item: L::Item<'_>) {
        if let Some(full) = self.tail.take() {
            self.append(full);
        }
        self.tail = Some(self.tally.leaf(L::single(item)));
        self.len += 1;
    }

    fn grow_head(&mut self, item: L::Item<'_>) {
        if let Some(full) = self.head.take() {
            self.prepend(full);
        }
        self.head = Some(self.tally.leaf(L::single(item)));
        self.len += 1;
    }

    /// Makes sure that the first item is in the head.
    pub(super) fn fill_head(&mut self) {
        if self.head.is_some() {
            return;
        }
        let Some(top) = &mut self.top else {
            self.head = self.tail.take();
            return;
        };
        let leaf = top.make_mut().pop_front(&mut self.tally);
        self.tree_len -= leaf.len();
        self.head = Some(leaf);
        self.lower_top();
    }

    /// Makes sure that the last item is in the tail.
    fn fill_tail(&mut self) {
        if self.tail.is_some() {
            return;
        }
        let Some(top) = &mut self.top else {
            self.tail = self.head.take();
            return;
        };
        let leaf = top.make_mut().pop_back(&mut self.tally);
        self.tree_len -= leaf.len();
        self.tail = Some(leaf);
        self.lower_top();
    }

    /// Returns the first block of a sequence that is not empty.
    pub fn first_leaf(&mut self) -> Option<&L> {
        self.fill_head();
        self.head.as_deref()
    }

    /// Returns the last block of a sequence that is not empty.
    pub fn last_leaf(&mut self) -> Option<&L> {
        self.fill_tail();
        self.tail.as_deref()
    }

    /// Takes a top away that has no use any more.
    pub(super) fn lower_top(&mut self) {
        while let Some(top) = &mut self.top {
            if top.is_empty() {
                self.top = None;
            } else if let Some(only) = top.only_upper() {
                self.top = Some(only);
            } else {
                return;
            }
            self.tally.uppers -= 1;
        }
    }

    /// Hangs a block behind the last one of the tree.
    fn append(&mut self, leaf: Shared<L>) {
        let leaf = self.enter_tree(leaf);
        let Some(top) = &mut self.top else {
            self.top = Some(Shared::new(Upper::new(Child::Leaf(leaf))));
            self.tally.uppers += 1;
            return;
        };
        if let Some(right) = top.make_mut().append(leaf, &mut self.tally) {
            let mut above = Upper::new(Child::Upper(top.clone()));
            above.insert(1, Child::Upper(right));
            self.top = Some(Shared::new(above));
            self.tally.uppers += 1;
        }
    }

    /// Hangs a block before the first one of the tree.
    fn prepend(&mut self, leaf: Shared<L>) {
        let leaf = self.enter_tree(leaf);
        let Some(top) = &mut self.top else {
            self.top = Some(Shared::new(Upper::new(Child::Leaf(leaf))));
            self.tally.uppers += 1;
            return;
        };
        if let Some(left) = top.make_mut().prepend(leaf, &mut self.tally) {
            let mut above = Upper::new(Child::Upper(left));
            above.insert(1, Child::Upper(top.clone()));
            self.top = Some(Shared::new(above));
            self.tally.uppers += 1;
        }
    }

    fn enter_tree(&mut self, mut leaf: Shared<L>) -> Shared<L> {
        let bytes = leaf.heap_bytes();
        // A copy of a shared block would give nothing back, it would take.
        if let Some(leaf) = leaf.get_mut() {
            leaf.settle();
        }
        self.tally.heap_bytes = self.tally.heap_bytes + leaf.heap_bytes() - bytes;
        self.tree_len += leaf.len();
        leaf
    }

    /// Makes room in the head for an item, or puts it into a new block and returns true.
    pub(super) fn make_room_in_head(
        &mut self,
        seek: impl Seek<L>,
        item: L::Item<'_>,
        limit: L::Limit,
    ) -> bool {
        let Some(head) = &self.head else {
            self.grow_head(item);
            return true;
        };
        let (len, position) = (head.len(), seek.position(head));
        if position == 0 {
            self.grow_head(item);
            return true;
        }
        let lonely = L::is_lonely(item, limit);
        let right = if lonely { len - position } else { (len - position).max(len / 2) };
        if let Some(leaf) = Self::cut_off(&mut self.head, &mut self.tally, len - right) {
            self.prepend(leaf);
        }
        if lonely {
            let leaf = self.tally.leaf(L::single(item));
            self.prepend(leaf);
            self.len += 1;
        }
        lonely
    }

    /// Makes room in the tail for an item, or puts it into a new block and returns true.
    pub(super) fn make_room_in_tail(
        &mut self,
        seek: impl Seek<L>,
        item: L::Item<'_>,
        limit: L::Limit,
    ) -> bool {
        let Some(tail) = &self.tail else {
            self.grow_tail(item);
            return true;
        };
        let (len, position) = (tail.len(), seek.position(tail));
        if position == len {
            self.grow_tail(item);
            return true;
        }
        let lonely = L::is_lonely(item, limit);
        let left = if lonely { position } else { position.max(len.div_ceil(2)) };
        let right = Self::cut_off(&mut self.tail, &mut self.tally, left);
        if let Some(left) = std::mem::replace(&mut self.tail, right) {
            self.append(left);
        }
        if lonely {
            let leaf = self.tally.leaf(L::single(item));
            self.append(leaf);
            self.len += 1;
        }
        lonely
    }

    /// Splits the block of a slot; either part may be nothing.
    fn cut_off(slot: &mut Option<Shared<L>>, tally: &mut Tally, position: usize) -> Option<Shared<L>> {
        let leaf = slot.as_mut()?;
        if position == 0 {
            return slot.take();
        }
        if position >= leaf.len() {
            return None;
        }
        tally.heap_bytes -= leaf.heap_bytes();
        let right = leaf.make_mut().split_off(position);
        tally.heap_bytes += leaf.heap_bytes();
        Some(tally.leaf(right))
    }
}

impl Tally {
    /// Puts a block into its counted form, and counts it.
    pub(super) fn leaf<L: Leaf>(&mut self, leaf: L) -> Shared<L> {
        self.leaves += 1;
        self.heap_bytes += leaf.heap_bytes();
        Shared::new(leaf)
    }
}
