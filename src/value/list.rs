//! The list: packed while it is small, chunks of packed entries under an index above.
//!
//! ```text
//!   listpack     Packed: entry, entry, entry …                       (one block)
//!   quicklist    Chunks: the first and the last at hand, an index over the others
//! ```
//!
//! It leaves the packed form when a command would bring it above `list-max-listpack-size`, and returns to it when
//! only one chunk is left and that is below half of the limit, as in Redis. The bytes that count on the way up are
//! those that Redis's own listpack would take, where small integers take two: the names that `OBJECT ENCODING`
//! answers change where they change in Redis. On the way down our own bytes count.
//!
//! | operation | packed (n entries) | chunks (c: bytes of one) |
//! |---|---|---|
//! | push, pop at the right | amortised O(1) | amortised O(1) |
//! | push, pop at the left | one `memmove` | amortised O(1) and a move within a chunk |
//! | get, set, insert, remove | O(n), a scan of at most some KiB | O(log n) + O(c) |
//! | remove a range | one `memmove` | O(log n) per chunk |
//! | clone | one copy | O(1); a write afterwards copies its chunk |
mod entries;
pub mod listpack;
#[cfg(test)]
mod tests;

pub use entries::{Entries, Part};

use crate::{
    base::limits::Encodings,
    ds::{
        chunks::{Chunks, Limit},
        packed::Packed,
    },
};
use std::ops::Range;

/// An end of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The head: index 0.
    Left,
    /// The tail: index −1.
    Right,
}

/// A sequence of byte strings.
#[derive(Clone)]
pub struct List {
    form: Form,
}

#[derive(Clone)]
enum Form {
    /// The entries, and the bytes that they would take in Redis's listpack without its header.
    Small(Packed, u32),
    Large(Box<Chunks>),
}

const _: () = assert!(size_of::<List>() == 16);

/// How many times the limit our own bytes may take. Integers take up to two and a half times as many as in Redis.
const REAL_BYTES_FACTOR: usize = 8;

impl Default for List {
    fn default() -> Self {
        Self::new()
    }
}

impl List {
    /// Makes an empty list. Allocates nothing.
    pub const fn new() -> Self {
        Self { form: Form::Small(Packed::new(), 0) }
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        match &self.form {
            Form::Small(packed, _) => packed.len(),
            Form::Large(chunks) => chunks.len(),
        }
    }

    /// Tells whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns Redis's name of the present form.
    pub fn encoding(&self) -> &'static str {
        match self.form {
            Form::Small(..) => "listpack",
            Form::Large(_) => "quicklist",
        }
    }

    /// Returns the bytes allocated beside the `List` itself. O(1).
    pub fn mem_bytes(&self) -> usize {
        match &self.form {
            Form::Small(packed, _) => packed.mem_bytes(),
            Form::Large(chunks) => size_of::<Chunks>() + chunks.mem_bytes(),
        }
    }

    /// Returns the entry of an index.
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        match &self.form {
            Form::Small(packed, _) => packed.get(index),
            Form::Large(chunks) => chunks.get(index),
        }
    }

    /// Returns the entries of some indices, those above the length left out. Runs in both directions.
    pub fn range(&self, indices: Range<usize>) -> Entries<'_> {
        match &self.form {
            Form::Small(packed, _) => Entries::small(packed, indices),
            Form::Large(chunks) => Entries::large(chunks.range(indices)),
        }
    }

    /// Returns all entries. Runs in both directions.
    pub fn iter(&self) -> Entries<'_> {
        self.range(0..self.len())
    }

    /// Adds entries at one side, one after the other: the last one is the outermost.
    pub fn push(&mut self, side: Side, entries: &[&[u8]], limits: &Encodings) {
        let limit = Limit::of_size(limits.list_max_listpack_size);
        self.make_room(entries, limit);
        match (&mut self.form, side) {
            (Form::Small(packed, bytes), side) => {
                *bytes += entries.iter().map(|entry| listpack::entry_bytes(entry)).sum::<u32>();
                match (side, entries) {
                    (Side::Right, _) => packed.extend_back(entries),
                    (Side::Left, [entry]) => packed.push_front(entry),
                    (Side::Left, _) => {
                        let reversed: Vec<&[u8]> = entries.iter().rev().copied().collect();
                        packed.insert_before(packed.first().unwrap_or(packed.end()), &reversed);
                    }
                }
            }
            (Form::Large(chunks), Side::Left) => entries.iter().for_each(|e| chunks.push_front(e, limit)),
            (Form::Large(chunks), Side::Right) => entries.iter().for_each(|e| chunks.push_back(e, limit)),
        }
    }

    /// Removes the entry at one side after showing it to `see`.
    pub fn pop<R>(&mut self, side: Side, limits: &Encodings, see: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let limit = Limit::of_size(limits.list_max_listpack_size);
        let seen = match (&mut self.form, side) {
            (Form::Small(packed, bytes), _) => {
                let at = if side == Side::Left { packed.first() } else { packed.last() }?;
                let entry = packed.read(at);
                *bytes -= listpack::entry_bytes(entry);
                let seen = see(entry);
                packed.remove(at, 1);
                return Some(seen);
            }
            (Form::Large(chunks), Side::Left) => chunks.pop_front(limit, see),
            (Form::Large(chunks), Side::Right) => chunks.pop_back(limit, see),
        };
        self.shrink(limit);
        seen
    }

    /// Puts `entry` in the place of the one at `index`. False: there is none, and nothing was changed.
    pub fn set(&mut self, index: usize, entry: &[u8], limits: &Encodings) -> bool {
        if index >= self.len() {
            return false;
        }
        let limit = Limit::of_size(limits.list_max_listpack_size);
        self.make_room(&[entry], limit);
        match &mut self.form {
            Form::Small(packed, bytes) => {
                let Some(at) = packed.at(index) else { return false };
                *bytes = *bytes - listpack::entry_bytes(packed.read(at)) + listpack::entry_bytes(entry);
                packed.replace(at, entry);
                return true;
            }
            Form::Large(chunks) => chunks.set(index, entry, limit),
        };
        self.shrink(limit);
        true
    }

    /// Inserts an entry in front of the one at `index`; behind all when `index` is not below the length.
    pub fn insert(&mut self, index: usize, entry: &[u8], limits: &Encodings) {
        let limit = Limit::of_size(limits.list_max_listpack_size);
        self.make_room(&[entry], limit);
        match &mut self.form {
            Form::Small(packed, bytes) => {
                *bytes += listpack::entry_bytes(entry);
                let at = packed.at(index).unwrap_or(packed.end());
                packed.insert_before(at, &[entry]);
            }
            Form::Large(chunks) => chunks.insert(index, entry, limit),
        }
    }

    /// Removes the entries of some indices; those above the length are left out.
    pub fn remove_range(&mut self, indices: Range<usize>, limits: &Encodings) {
        let limit = Limit::of_size(limits.list_max_listpack_size);
        match &mut self.form {
            Form::Small(packed, bytes) => {
                let Some(at) = packed.at(indices.start) else { return };
                let count = indices.len();
                *bytes -= packed.iter_from(at).take(count).map(listpack::entry_bytes).sum::<u32>();
                packed.remove(at, count);
            }
            Form::Large(chunks) => {
                chunks.remove_range(indices, limit);
                self.shrink(limit);
            }
        }
    }

    /// Removes up to `count` entries that equal `wanted`, from `side` on, and returns how many went.
    ///
    /// # Complexity
    /// O(n), and O(log n) and a move within a chunk for each run that goes.
    pub fn remove_equal(&mut self, wanted: &[u8], count: usize, side: Side, limits: &Encodings) -> usize {
        let limit = Limit::of_size(limits.list_max_listpack_size);
        match &mut self.form {
            Form::Small(packed, bytes) => {
                let removed = remove_equal(packed, wanted, count, side);
                *bytes -= removed as u32 * listpack::entry_bytes(wanted);
                removed
            }
            Form::Large(chunks) => {
                let removed = chunks.remove_where(count, side == Side::Right, limit, |entry| entry == wanted);
                self.shrink(limit);
                removed
            }
        }
    }

    /// Frees a bounded part of the list, which is not to be used any more; tells whether more remains.
    pub fn free_step(&mut self) -> bool {
        match &mut self.form {
            Form::Small(packed, bytes) => {
                packed.clear();
                *bytes = 0;
                false
            }
            Form::Large(chunks) => chunks.pop_block(),
        }
    }

    /// Leaves the packed form when `entries` would bring it above the limit. As in Redis, this is settled before
    /// anything is added, and counts the bare strings.
    fn make_room(&mut self, entries: &[&[u8]], limit: Limit) {
        let Form::Small(packed, bytes) = &self.form else { return };
        let bare = entries.iter().fold(0usize, |sum, entry| sum.saturating_add(entry.len()));
        let count = packed.len() + entries.len();
        let bytes = (listpack::EMPTY_BYTES + *bytes as usize).saturating_add(bare);
        // Redis would not notice any number of empty strings in one command.
        let real = packed.bytes().saturating_add(bare).saturating_add(entries.len() * Packed::entry_bytes(0));
        if bytes > limit.bytes || count > limit.entries || real > limit.bytes * REAL_BYTES_FACTOR {
            let mut chunks = Box::new(Chunks::new());
            packed.iter().for_each(|entry| chunks.push_back(entry, limit));
            self.form = Form::Large(chunks);
        }
    }

    /// Returns to the packed form when one chunk is left and is below half of the limit, so that a list around the
    /// limit does not change to and fro.
    fn shrink(&mut self, limit: Limit) {
        let Form::Large(chunks) = &self.form else { return };
        let Some(bytes) = chunks.single_chunk_bytes() else { return };
        // Redis counts entries or bytes, not both; a chunk of more than `limit.bytes` is one long entry.
        let small = match limit.entries {
            usize::MAX => listpack::EMPTY_BYTES + bytes <= limit.bytes / 2,
            entries => chunks.len() <= entries / 2 && bytes <= limit.bytes,
        };
        if small {
            let mut packed = Packed::with_capacity(bytes);
            chunks.iter().for_each(|entry| packed.push_back(entry));
            let bytes = packed.iter().map(listpack::entry_bytes).sum();
            self.form = Form::Small(packed, bytes);
        }
    }
}

fn remove_equal(packed: &mut Packed, wanted: &[u8], count: usize, side: Side) -> usize {
    let all = packed.iter().filter(|entry| *entry == wanted).count();
    let going = match (side, all.min(count)) {
        (_, 0) => return 0,
        (Side::Left, going) => 0..going,
        (Side::Right, going) => all - going..all,
    };
    let removed = going.len();
    // Written anew in one pass: taking entries out one by one would move the bytes behind each of them.
    let rest = packed.bytes() - removed * Packed::entry_bytes(wanted.len());
    let (mut kept, mut seen) = (Packed::with_capacity(rest), 0);
    for entry in &*packed {
        let hit = entry == wanted;
        if !(hit && going.contains(&seen)) {
            kept.push_back(entry);
        }
        seen += usize::from(hit);
    }
    *packed = kept;
    removed
}
