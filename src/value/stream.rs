//! The stream: entries in the order of their IDs, and the groups that read them.
//!
//! ```text
//!   Stream   last id, greatest deleted id, entries ever added
//!            entries ─▶ head block │ tree of blocks with spans │ tail block ◀ XADD
//!            groups  ─▶ by name: last id, pending records, consumers
//! ```
//!
//! Redis keeps its blocks in a radix tree over the 128-bit IDs. Here they hang under the index of
//! [`spans`](crate::ds::spans): IDs only ever grow, so the last block is always the one to write to, and is at hand; a look-up is as
//! deep as in the radix tree, but its links also count entries. Hence ranges know their length before they are walked,
//! a trim by length drops whole blocks without a look at them, and, blocks and links being shared, a clone of any stream
//! is O(1). Groups keep what is pending in the same kind of tree ([`pending`]).
//!
//! | operation | cost (n entries, b of a block) |
//! |---|---|
//! | append | amortised O(fields) |
//! | find an ID, the ranks of a range | O(log n) + O(b) |
//! | iterate, in both directions | O(1) an entry |
//! | remove an entry | O(log n) + O(bytes of a block) |
//! | trim | O(log n) a block |
//! | deliver, acknowledge an entry | O(log pending) |
//! | clone | O(1); a write afterwards copies its block and the links above, or its group |
//!
//! # Invariants
//! - No entry has an ID above `last_id`.
//! - `groups` is sorted by name, and `groups_bytes` is the sum over it.
pub mod block;
pub mod entry;
pub mod group;
pub mod id;
pub mod pending;
pub mod pieces;
pub mod progress;
mod run;
#[cfg(test)]
mod tests;
pub mod trim;

pub use entry::{Entry, NewEntry};
pub use group::{Consumer, Group};
pub use id::StreamId;
pub use pending::Pending;
pub use run::Entries;
pub use trim::{References, Trim};

use crate::{
    base::limits::Encodings,
    ds::{shared::Shared, spans::Spans},
};
use block::{Block, ById, Limit};
use std::ops::Range;

/// The most bytes an entry may have, its fields and values together, as in Redis.
pub const ENTRY_BYTES_MAX: usize = 1 << 30;

/// An append-only sequence of entries, with its consumer groups.
#[derive(Clone)]
pub struct Stream {
    body: Box<Body>,
}

#[derive(Clone)]
struct Body {
    entries: Spans<Block>,
    last_id: StreamId,
    max_deleted_id: StreamId,
    entries_added: u64,
    groups: Shared<Vec<Shared<Group>>>,
    groups_bytes: usize,
}

const _: () = assert!(size_of::<Stream>() == 8);

impl Default for Stream {
    fn default() -> Self {
        Self::new()
    }
}

impl Stream {
    /// Makes an empty stream.
    pub fn new() -> Self {
        Self {
            body: Box::new(Body {
                entries: Spans::new(),
                last_id: StreamId::MIN,
                max_deleted_id: StreamId::MIN,
                entries_added: 0,
                groups: Shared::new(Vec::new()),
                groups_bytes: 0,
            }),
        }
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        self.body.entries.len()
    }

    /// Tells whether the stream is to go: never, for one without entries is a value, too.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Returns Redis's name of the form.
    pub fn encoding(&self) -> &'static str {
        "stream"
    }

    /// Returns the bytes allocated beside the `Stream` itself. O(1).
    pub fn mem_bytes(&self) -> usize {
        let Body { entries, groups, groups_bytes, .. } = &*self.body;
        let list =
            Shared::<Vec<Shared<Group>>>::block_bytes() + groups.capacity() * size_of::<Shared<Group>>();
        size_of::<Body>() + entries.mem_bytes() + list + groups_bytes
    }

    /// Returns the number of blocks of entries.
    pub fn block_count(&self) -> usize {
        self.body.entries.leaf_count()
    }

    /// Returns the last ID that was given away, whether its entry is still there or not.
    pub fn last_id(&self) -> StreamId {
        self.body.last_id
    }

    /// Returns the greatest ID that was deleted, `0-0` when none was.
    pub fn max_deleted_id(&self) -> StreamId {
        self.body.max_deleted_id
    }

    /// Returns the number of entries that were ever added.
    pub fn entries_added(&self) -> u64 {
        self.body.entries_added
    }

    /// Sets what the stream says of its past. Invariant: `last_id` is not below any entry's.
    pub fn set_past(&mut self, last_id: StreamId, entries_added: u64, max_deleted_id: StreamId) {
        self.body.last_id = last_id;
        self.body.entries_added = entries_added;
        self.body.max_deleted_id = max_deleted_id;
    }

    /// Returns the ID of the first entry, `0-0` when there is none.
    pub fn first_entry_id(&self) -> StreamId {
        self.iter().next().map_or(StreamId::MIN, |entry| entry.id)
    }

    /// Returns the ID of the last entry, `0-0` when there is none.
    pub fn last_entry_id(&self) -> StreamId {
        self.iter().next_back().map_or(StreamId::MIN, |entry| entry.id)
    }

    /// Appends an entry, whose ID must be above the last one.
    pub fn append(&mut self, entry: NewEntry<'_>, limits: &Encodings) {
        debug_assert!(entry.id > self.body.last_id);
        self.body.entries.push_back(entry, Limit::of(limits));
        self.body.last_id = entry.id;
        self.body.entries_added = self.body.entries_added.wrapping_add(1);
    }

    /// Returns how many entries come before an ID.
    pub fn rank(&self, id: StreamId) -> usize {
        self.body.entries.rank(ById(id))
    }

    /// Returns the ranks of the entries from `start` to `end`, both included.
    pub fn ranks(&self, start: StreamId, end: StreamId) -> Range<usize> {
        // The ends are asked for most.
        let from = if start == StreamId::MIN { 0 } else { self.rank(start) };
        let to = match end.next() {
            Some(end) if end <= self.body.last_id => self.rank(end),
            _ => self.len(),
        };
        from..to.max(from)
    }

    /// Returns the entries of some ranks, those above the length left out. Runs in both directions.
    pub fn range(&self, ranks: Range<usize>) -> Entries<'_> {
        Entries::new(&self.body.entries, ranks)
    }

    /// Returns all entries. Runs in both directions.
    pub fn iter(&self) -> Entries<'_> {
        self.range(0..self.len())
    }

    /// Finds an entry.
    pub fn entry(&self, id: StreamId) -> Option<Entry<'_>> {
        let place = self.body.entries.find(ById(id))?;
        place.leaf.entries(place.position).next().filter(|entry| entry.id == id)
    }

    /// Takes an entry out, without a note of it. False: it was not there.
    fn cut(&mut self, id: StreamId, limits: &Encodings) -> bool {
        let cut = self.body.entries.edit(ById(id), Limit::of(limits), |slot, position| {
            let found = slot.as_ref().and_then(|block| block.entries(position).next());
            if found.is_none_or(|entry| entry.id != id) {
                return false;
            }
            trim::cut_at(slot, position);
            true
        });
        cut == Some(true)
    }

    /// Deletes an entry. False: it was not there.
    pub fn delete(&mut self, id: StreamId, limits: &Encodings) -> bool {
        let deleted = self.cut(id, limits);
        if deleted {
            self.body.max_deleted_id = self.body.max_deleted_id.max(id);
        }
        deleted
    }

    /// Returns the groups, by name.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = &Group> + DoubleEndedIterator + Clone {
        self.body.groups.iter().map(|group| &**group)
    }

    fn place(&self, name: &[u8]) -> Result<usize, usize> {
        self.body.groups.binary_search_by(|group| group.name().cmp(name))
    }

    /// Finds a group.
    pub fn group(&self, name: &[u8]) -> Option<&Group> {
        self.place(name).ok().map(|at| &*self.body.groups[at])
    }

    /// Adds a group. False: there is one of that name, and nothing was changed.
    pub fn add_group(&mut self, group: Group) -> bool {
        let Err(at) = self.place(group.name()) else { return false };
        self.body.groups_bytes += group.mem_bytes();
        self.body.groups.make_mut().insert(at, Shared::new(group));
        true
    }

    /// Removes a group with all that it knows. False: there was none.
    pub fn remove_group(&mut self, name: &[u8]) -> bool {
        let Ok(at) = self.place(name) else { return false };
        let group = self.body.groups.make_mut().remove(at);
        self.body.groups_bytes -= group.mem_bytes();
        true
    }

    /// Changes a group. `None`: there is none of that name.
    pub fn edit_group<R>(&mut self, name: &[u8], change: impl FnOnce(&mut Group) -> R) -> Option<R> {
        let at = self.place(name).ok()?;
        Some(self.edit_at(at, change))
    }

    fn edit_at<R>(&mut self, at: usize, change: impl FnOnce(&mut Group) -> R) -> R {
        let Body { groups, groups_bytes, .. } = &mut *self.body;
        let group = &mut groups.make_mut()[at];
        *groups_bytes -= group.mem_bytes();
        let group = group.make_mut();
        let result = change(group);
        *groups_bytes += group.mem_bytes();
        result
    }

    /// Frees a bounded part of the stream, which is not to be used any more; tells whether more remains.
    pub fn free_step(&mut self) -> bool {
        let Body { entries, groups, .. } = &mut *self.body;
        if entries.pop_block() {
            return true;
        }
        // What somebody else holds is theirs to free.
        let Some(groups) = groups.get_mut() else { return false };
        let Some(group) = groups.last_mut() else { return false };
        if !group.get_mut().is_some_and(Group::free_step) {
            groups.pop();
        }
        true
    }

    /// Checks the invariants.
    #[cfg(test)]
    pub fn check(&self) {
        self.body.entries.check();
        assert!(self.groups().zip(self.groups().skip(1)).all(|(a, b)| a.name() < b.name()));
        assert_eq!(self.body.groups_bytes, self.groups().map(Group::mem_bytes).sum::<usize>());
        self.groups().for_each(Group::check);
        let ids: Vec<StreamId> = self.iter().map(|entry| entry.id).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(ids.last().is_none_or(|last| *last <= self.last_id()));
        assert_eq!(ids.len(), self.len());
    }
}
