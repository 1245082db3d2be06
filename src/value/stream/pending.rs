//! What was delivered and not acknowledged yet: one record, in the order of IDs, for each entry.
//!
//! A record is kept once, by the group. The consumer that has it keeps the ID alone, which leads to the record; and the
//! record names its consumer by the number that the group gave it. Both are trees of shared blocks.
use super::StreamId;
use crate::ds::skiplist::{Range, SkipList};
use std::ops::Range as Ranks;

/// A delivered entry that waits for its acknowledgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    pub id: StreamId,
    /// When it was delivered last, in Unix milliseconds.
    pub delivered_at_ms: i64,
    /// How often it was delivered.
    pub deliveries: u64,
    /// The number of its consumer in the group.
    pub consumer: u32,
}

const _: () = assert!(size_of::<Pending>() == 40);

/// What has an ID.
pub trait Identified: Copy {
    fn id(&self) -> StreamId;
}

impl Identified for Pending {
    fn id(&self) -> StreamId {
        self.id
    }
}

impl Identified for StreamId {
    fn id(&self) -> StreamId {
        *self
    }
}

/// Things in the order of their IDs, each ID once.
#[derive(Clone)]
pub struct ById<T: Identified> {
    list: SkipList<T>,
    /// Not below the ID of any of them: most are added behind it.
    last: StreamId,
}

impl<T: Identified> ById<T> {
    /// Makes an empty tree. Allocates nothing.
    pub const fn new() -> Self {
        Self { list: SkipList::new(), last: StreamId::MIN }
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Returns the bytes of all blocks. O(1).
    pub fn mem_bytes(&self) -> usize {
        self.list.mem_bytes()
    }

    /// Finds the one of an ID.
    pub fn get(&self, id: StreamId) -> Option<T> {
        self.list.get(|item: T| item.id().cmp(&id))
    }

    /// Adds one, or puts it in the place of the one with the same ID.
    pub fn put(&mut self, item: T) {
        let id = item.id();
        let order = |other: T| other.id().cmp(&id);
        if self.list.is_empty() || id > self.last {
            self.last = id;
            self.list.push_back(item);
        } else if !self.list.update(order, item, order) {
            self.list.insert(item, order);
        }
    }

    /// Removes the one of an ID and returns it.
    pub fn remove(&mut self, id: StreamId) -> Option<T> {
        self.list.remove(|item: T| item.id().cmp(&id))
    }

    /// Returns the ranks of those from `start` to `end`, both included.
    pub fn ranks(&self, start: StreamId, end: StreamId) -> Ranks<usize> {
        let from = self.list.rank(|item: T| item.id().cmp(&start));
        let to = match end.next() {
            Some(end) => self.list.rank(|item: T| item.id().cmp(&end)),
            None => self.len(),
        };
        from..to.max(from)
    }

    /// Returns those of some ranks. Runs in both directions.
    pub fn range(&self, ranks: Ranks<usize>) -> Range<'_, T> {
        self.list.range(ranks)
    }

    /// Returns all. Runs in both directions.
    pub fn iter(&self) -> Range<'_, T> {
        self.list.iter()
    }

    /// Returns those with an ID of at least `start`.
    pub fn from(&self, start: StreamId) -> Range<'_, T> {
        self.range(self.ranks(start, StreamId::MAX))
    }

    /// Lets one block go. False: there was none left.
    pub fn pop_block(&mut self) -> bool {
        self.list.pop_block()
    }
}
