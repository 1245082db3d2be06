//! The large form of a sorted set: an ordered index and a member index over the same records.
//!
//! ```text
//!     index: Table<Ref>               records: Arena                       order: SkipList<Item>
//!   ┌──────────────────┐        ┌───────────┬──────────────┐        ┌───────────────────┬─ ─
//!   │ hash of "alice" ●┼───────▶│ score 8 B │ alice        │◀───────┼● Ref, score 10.0  │
//!   │ hash of "bob"   ●┼───────▶│ score 8 B │ bob          │◀───────┼● Ref, score 11.5  │
//!   └──────────────────┘        └───────────┴──────────────┘        └───────────────────┴─ ─
//! ```
//!
//! A member is stored once. By member: hash, one slot of four bytes, the record, which has the score. By order: twelve
//! bytes, the score again, so that most comparisons follow no reference.
//!
//! All three are made of counted blocks: a clone copies the directories of the index and the arena, and whoever only
//! needs the order ([`Ordered`](super::Ordered)) leaves the index out.
use crate::{
    base::hash,
    ds::{
        arena::{Arena, Ref},
        skiplist::{self, SkipList},
        table::Table,
    },
};
use std::{cmp::Ordering, iter::FusedIterator, ops::Range as Ranks};

/// One member in the order. Packed: with four bytes of padding a block would hold a quarter less.
#[derive(Clone, Copy)]
#[repr(C, packed(4))]
struct Item {
    score: f64,
    record: Ref,
}

const _: () = assert!(size_of::<Item>() == 12);

/// What is known of a member that was found.
#[derive(Clone, Copy)]
pub(super) struct Found {
    record: Ref,
    pub(super) score: f64,
}

/// The ordered part, which answers everything but "is this a member".
#[derive(Clone)]
pub(super) struct Large {
    order: SkipList<Item>,
    records: Arena,
}

/// The order and the member index.
#[derive(Clone)]
pub(super) struct Indexed {
    pub(super) ordered: Large,
    index: Table<Ref>,
}

/// How many members ahead a walk fetches the records, which lie anywhere.
const AHEAD: usize = 8;

const SCORE_BYTES: usize = size_of::<f64>();

/// Splits a record into its score and its member.
#[inline]
fn split(record: &[u8]) -> (f64, &[u8]) {
    match record.split_first_chunk::<SCORE_BYTES>() {
        Some((score, member)) => (f64::from_le_bytes(*score), member),
        None => (0.0, &[]),
    }
}

impl Large {
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    #[inline]
    fn member(&self, record: Ref) -> &[u8] {
        split(self.records.get(record)).1
    }

    pub(super) fn range(&self, ranks: Ranks<usize>) -> Run<'_> {
        Run { items: self.order.range(ranks), records: &self.records }
    }

    /// Counts the members before the first one whose score `is_before` answers false for.
    pub(super) fn rank_by_score(&self, is_before: impl Fn(f64) -> bool) -> usize {
        self.order.rank(|item| if is_before(item.score) { Ordering::Less } else { Ordering::Greater })
    }

    /// Counts the members before the first one that `is_before` answers false for.
    pub(super) fn rank_by_member(&self, is_before: impl Fn(&[u8]) -> bool) -> usize {
        self.order
            .rank(|item| if is_before(self.member(item.record)) { Ordering::Less } else { Ordering::Greater })
    }
}

/// Tells how items stand to a member with a score.
#[inline]
fn order<'a>(records: &'a Arena, score: f64, member: &'a [u8]) -> impl Fn(Item) -> Ordering + Copy + 'a {
    move |item| {
        let other = item.score;
        if other < score {
            Ordering::Less
        } else if other > score {
            Ordering::Greater
        } else {
            split(records.get(item.record)).1.cmp(member)
        }
    }
}

impl Indexed {
    pub(super) const fn new() -> Self {
        Self { ordered: Large { order: SkipList::new(), records: Arena::new() }, index: Table::new() }
    }

    pub(super) fn mem_bytes(&self) -> usize {
        self.ordered.order.mem_bytes() + self.ordered.records.mem_bytes() + self.index.mem_bytes()
    }

    #[inline]
    pub(super) fn find(&self, member: &[u8]) -> Option<Found> {
        self.find_hashed(hash::bytes(member), member)
    }

    #[inline]
    fn find_hashed(&self, hash: u64, member: &[u8]) -> Option<Found> {
        // Tags and slots are on different lines; neither need wait for the other.
        self.index.prefetch(hash);
        let record = *self.index.find(hash, |&record| self.ordered.member(record) == member)?;
        let (score, _) = split(self.ordered.records.get(record));
        Some(Found { record, score })
    }

    pub(super) fn rank(&self, found: Found, member: &[u8]) -> usize {
        self.ordered.order.rank(order(&self.ordered.records, found.score, member))
    }

    /// Sets the score of a member, new or not, to what `decide` makes of the one it has. Returns the one it had.
    #[inline]
    pub(super) fn change(
        &mut self,
        member: &[u8],
        decide: impl FnOnce(Option<f64>) -> Option<f64>,
    ) -> Option<f64> {
        let hash = hash::bytes(member);
        let found = self.find_hashed(hash, member);
        let old = found.map(|found| found.score);
        match (found, decide(old)) {
            (_, None) => {}
            (Some(found), Some(score)) => self.update(found, member, score),
            (None, Some(score)) => self.add(hash, member, score),
        }
        old
    }

    fn add(&mut self, hash: u64, member: &[u8], score: f64) {
        debug_assert!(!score.is_nan(), "a score has a place in the order");
        let Large { order: items, records } = &mut self.ordered;
        let record = records.insert(&[&score.to_le_bytes(), member]);
        items.insert(Item { score, record }, order(records, score, member));
        self.index.insert(hash, record, |&record| hash::bytes(split(records.get(record)).1));
    }

    pub(super) fn has_room_for(&self, members: usize, bytes: usize) -> bool {
        self.ordered.records.has_room_for(members, bytes.saturating_add(members.saturating_mul(SCORE_BYTES)))
    }

    /// Gives a member another score; the same one leaves even the sign of a zero alone.
    pub(super) fn update(&mut self, found: Found, member: &[u8], score: f64) {
        if found.score == score {
            return;
        }
        let Large { order: items, records } = &mut self.ordered;
        let item = Item { score, record: found.record };
        items.update(order(records, found.score, member), item, order(records, score, member));
        if let Some(bytes) = records.get_mut(found.record).first_chunk_mut() {
            *bytes = score.to_le_bytes();
        }
    }

    pub(super) fn remove(&mut self, member: &[u8]) -> Option<f64> {
        let found = self.find(member)?;
        self.ordered.order.remove(order(&self.ordered.records, found.score, member));
        self.forget(found.record);
        self.tidy(found.record);
        Some(found.score)
    }

    /// Removes a record that is not in the order any more.
    fn forget(&mut self, record: Ref) {
        let records = &mut self.ordered.records;
        let rehash = |&record: &Ref| hash::bytes(split(records.get(record)).1);
        self.index.remove(rehash(&record), |&other| other == record, rehash);
        records.remove(record);
    }

    /// Moves the records of a page that a removal has left sparse.
    fn tidy(&mut self, removed: Ref) {
        for sparse in self.ordered.records.clear_sparse(removed) {
            self.relocate(sparse);
        }
    }

    /// Moves a record to another page.
    fn relocate(&mut self, old: Ref) {
        let Large { order: items, records } = &mut self.ordered;
        let Some(record) = records.copy(old) else { return };
        let (score, member) = split(records.get(record));
        if let Some(slot) = self.index.find_mut(hash::bytes(member), |&other| other == old) {
            *slot = record;
        }
        let order = order(records, score, member);
        items.update(order, Item { score, record }, order);
        records.remove(old);
    }

    /// Removes the members of some ranks. Where more go than stay, those that stay are put into a set of their own, and
    /// the old one is returned, to be freed where nobody waits.
    pub(super) fn remove_ranks(&mut self, ranks: Ranks<usize>) -> Option<Self> {
        let len = self.ordered.len();
        let ranks = ranks.start.min(len)..ranks.end.min(len);
        if ranks.len() > len / 2 {
            let mut kept = Self::new();
            for (member, score) in
                self.ordered.range(0..ranks.start).chain(self.ordered.range(ranks.end..len))
            {
                kept.add(hash::bytes(member), member, score);
            }
            return Some(std::mem::replace(self, kept));
        }
        let mut gone = Vec::with_capacity(ranks.len());
        self.ordered.order.remove_range(ranks, |item| gone.push(item.record));
        gone.iter().for_each(|record| self.forget(*record));
        // Not before all are forgotten: what is moved has another reference.
        gone.iter().for_each(|record| self.tidy(*record));
        None
    }

    /// Removes the first or the last member after showing it to `see`.
    pub(super) fn pop<R>(&mut self, last: bool, see: impl FnOnce(&[u8], f64) -> R) -> Option<R> {
        let items = &mut self.ordered.order;
        let item = if last { items.pop_last() } else { items.pop_first() }?;
        let result = see(self.ordered.member(item.record), item.score);
        self.forget(item.record);
        self.tidy(item.record);
        Some(result)
    }

    /// Shows about `count` members in the order of their hashes; returns where to go on, 0 at the end.
    pub(super) fn scan(&self, cursor: u64, count: usize, visit: &mut dyn FnMut(&[u8], f64)) -> u64 {
        let records = &self.ordered.records;
        let rehash = |&record: &Ref| hash::bytes(split(records.get(record)).1);
        let next = self.index.scan(cursor, count, rehash, |&record| {
            let (score, member) = split(records.get(record));
            visit(member, score);
        });
        next.unwrap_or(0)
    }

    /// Lets a bounded part of the memory go. Returns false when nothing was left.
    pub(super) fn free_step(&mut self) -> bool {
        // Blocks of the order are small; a handful weighs as much as one segment of the index.
        (0..8).any(|_| self.ordered.order.pop_block())
            || self.index.pop_segment()
            || self.ordered.records.pop_page()
    }
}

/// Members with their scores, of a run of ranks.
#[derive(Clone)]
pub(super) struct Run<'a> {
    items: skiplist::Range<'a, Item>,
    records: &'a Arena,
}

impl<'a> Run<'a> {
    #[inline]
    fn pair(&self, item: Item) -> (&'a [u8], f64) {
        (split(self.records.get(item.record)).1, item.score)
    }
}

impl<'a> Iterator for Run<'a> {
    type Item = (&'a [u8], f64);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let item = self.items.next()?;
        if let Some(soon) = self.items.ahead(AHEAD) {
            self.records.prefetch(soon.record);
        }
        Some(self.pair(item))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }
}

impl DoubleEndedIterator for Run<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        let item = self.items.next_back()?;
        if let Some(soon) = self.items.ahead_back(AHEAD) {
            self.records.prefetch(soon.record);
        }
        Some(self.pair(item))
    }
}

impl ExactSizeIterator for Run<'_> {}
impl FusedIterator for Run<'_> {}
