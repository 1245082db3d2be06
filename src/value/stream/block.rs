//! A block of entries: the names of the first one once, then entry after entry, each with its ID counted from the first.
//!
//! ```text
//!   bytes   ┌ names of the first entry ┐┌ entry                                             ┐┌ entry …
//!           │ count │ len name │ …     ││ length·2+same │ ms − first │ seq │ len value │ … ││
//!           └──────────────────────────┘└───────────────────────────────────────────────────┘└
//!                                       ▲ start
//!   same = 1: the fields are those of the first entry, and only values follow; else: count │ len name │ len value │ …
//!   seq: counted from the first entry's when the millisecond is the same. All numbers are varints.
//! ```
//!
//! Two values of 16 bytes with fields like those before them take 38 or 39 bytes. Unlike in Redis a removed entry is cut
//! out, not marked; but what is gone still counts against the limits, and so do the bytes that Redis's listpack would
//! have: blocks begin and end where Redis's do, which decides what `XTRIM … ~` removes.
//!
//! # Invariants
//! - The entries are in the order of their IDs; none is below `first` or above `last`.
//! - `live` entries lie between `start` and the end of `bytes`, nothing else.
use super::{Entry, NewEntry, StreamId};
use crate::{
    base::{limits::Encodings, varint},
    ds::spans::{Leaf, Part, Seek, Spans},
    value::list::listpack,
};

/// No block grows beyond it, whatever the parameters say; a longer entry is alone.
const BLOCK_BYTES_MAX: usize = 1 << 20;
/// No block gets more entries, whatever the parameters say: finding one walks over them.
const BLOCK_ENTRIES_MAX: usize = 1 << 14;

/// How much a block may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    bytes: usize,
    entries: usize,
}

impl Limit {
    /// Reads `stream-node-max-bytes` and `stream-node-max-entries`; 0 means no limit.
    pub fn of(limits: &Encodings) -> Self {
        let or = |limit: usize, max: usize| if limit == 0 { max } else { limit.min(max) };
        Self {
            bytes: or(limits.stream_node_max_bytes, BLOCK_BYTES_MAX),
            entries: or(limits.stream_node_max_entries, BLOCK_ENTRIES_MAX),
        }
    }
}

/// See the module.
#[derive(Clone)]
pub struct Block {
    pub(super) first: StreamId,
    pub(super) last: StreamId,
    live: u32,
    gone: u32,
    /// The number of fields of the first entry.
    count: u32,
    start: u32,
    /// What Redis's listpack would take for all entries that were ever here.
    listpack_bytes: u32,
    bytes: Vec<u8>,
}

/// The bytes of a varint.
fn width(value: u64) -> usize {
    (70 - (value | 1).leading_zeros() as usize) / 7
}

pub(super) fn text_width(text: &[u8]) -> usize {
    width(text.len() as u64) + text.len()
}

impl Block {
    fn new(item: NewEntry<'_>) -> Self {
        let names = item.fields.iter().map(|(name, _)| name);
        let size =
            width(item.fields.len() as u64) + names.clone().map(|name| text_width(name)).sum::<usize>();
        let mut bytes = Vec::with_capacity(size + 64);
        varint::write(&mut bytes, item.fields.len() as u64);
        let mut listpack_bytes =
            listpack::EMPTY_BYTES + listpack::int_bytes(item.fields.len() as i64) + listpack::int_bytes(0);
        for name in names {
            varint::write_bytes(&mut bytes, name);
            listpack_bytes += listpack::entry_bytes(name) as usize;
        }
        let mut block = Self {
            first: item.id,
            last: item.id,
            live: 0,
            gone: 0,
            count: item.fields.len() as u32,
            start: bytes.len() as u32,
            listpack_bytes: listpack_bytes as u32,
            bytes,
        };
        block.put(item);
        block
    }

    /// Returns the number of entries that are there.
    pub(super) fn live(&self) -> u32 {
        self.live
    }

    /// Returns the names and the entries as they are kept.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Tells whether the fields of an entry are those of the first one.
    fn is_same(&self, fields: &[(&[u8], &[u8])]) -> bool {
        let mut names = &self.bytes[..self.start as usize];
        varint::read(&mut names);
        fields.len() == self.count as usize
            && fields.iter().all(|(name, _)| varint::read_bytes(&mut names) == Some(name))
    }

    /// Writes an entry behind the others.
    fn put(&mut self, item: NewEntry<'_>) {
        let NewEntry { id, fields } = item;
        let same = self.is_same(fields);
        let ms = id.ms - self.first.ms;
        let seq = if ms == 0 { id.seq - self.first.seq } else { id.seq };
        let mut size = width(ms) + width(seq);
        // Flags and IDs; the count of elements at the end; values and names.
        let mut listpack = listpack::int_bytes(0)
            + listpack::int_bytes(ms as i64)
            + listpack::int_bytes(id.seq.wrapping_sub(self.first.seq) as i64);
        for (name, value) in fields {
            size += text_width(value) + if same { 0 } else { text_width(name) };
            listpack += listpack::entry_bytes(value) as usize;
            listpack += if same { 0 } else { listpack::entry_bytes(name) as usize };
        }
        let count = fields.len() as u64;
        if same {
            listpack += listpack::int_bytes(count as i64 + 3);
        } else {
            size += width(count);
            listpack += listpack::int_bytes(count as i64) + listpack::int_bytes(2 * count as i64 + 4);
        }
        self.bytes.reserve(width((size as u64) << 1) + size);
        varint::write(&mut self.bytes, (size as u64) << 1 | u64::from(same));
        varint::write(&mut self.bytes, ms);
        varint::write(&mut self.bytes, seq);
        if !same {
            varint::write(&mut self.bytes, count);
        }
        for (name, value) in fields {
            if !same {
                varint::write_bytes(&mut self.bytes, name);
            }
            varint::write_bytes(&mut self.bytes, value);
        }
        self.live += 1;
        self.last = id;
        self.listpack_bytes = self.listpack_bytes.saturating_add(listpack as u32);
    }

    /// Returns the entries from a position on.
    pub fn entries(&self, position: usize) -> Walk<'_> {
        let mut walk = Walk { block: self, at: self.start as usize };
        (0..position).for_each(|_| walk.pass());
        walk
    }

    /// Returns the places of the first `count` entries, for walking backwards.
    pub fn places(&self, count: usize) -> Vec<u32> {
        let mut walk = self.entries(0);
        let place = |_| {
            let at = walk.at as u32;
            walk.pass();
            at
        };
        (0..count).map(place).collect()
    }

    /// Reads the entry of a place.
    pub fn entry(&self, place: u32) -> Option<Entry<'_>> {
        Walk { block: self, at: place as usize }.next()
    }
}

/// The entries of a block, in their order.
#[derive(Clone)]
pub struct Walk<'a> {
    block: &'a Block,
    at: usize,
}

impl<'a> Walk<'a> {
    /// Takes the bytes of the next entry.
    fn take(&mut self) -> Option<(bool, &'a [u8])> {
        let mut rest = self.block.bytes.get(self.at..)?;
        let head = varint::read(&mut rest)?;
        let body = rest.get(..(head >> 1) as usize)?;
        self.at = self.block.bytes.len() - rest.len() + body.len();
        Some((head & 1 == 1, body))
    }

    fn pass(&mut self) {
        self.take();
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Entry<'a>;

    #[inline]
    fn next(&mut self) -> Option<Entry<'a>> {
        let (same, mut rest) = self.take()?;
        let first = self.block.first;
        let (ms, seq) = (varint::read(&mut rest)?, varint::read(&mut rest)?);
        let seq = if ms == 0 { first.seq.wrapping_add(seq) } else { seq };
        let id = StreamId { ms: first.ms.wrapping_add(ms), seq };
        if !same {
            let count = varint::read(&mut rest)? as usize;
            return Some(Entry::new(id, count, None, rest));
        }
        let mut names = &self.block.bytes[..self.block.start as usize];
        varint::read(&mut names);
        Some(Entry::new(id, self.block.count as usize, Some(names), rest))
    }
}

impl Leaf for Block {
    type Key = StreamId;
    type Item<'a> = NewEntry<'a>;
    type Limit = Limit;

    fn single(item: NewEntry<'_>) -> Self {
        Self::new(item)
    }

    fn len(&self) -> usize {
        self.live as usize
    }

    fn first_key(&self) -> StreamId {
        self.entries(0).next().map_or(self.first, |entry| entry.id)
    }

    fn heap_bytes(&self) -> usize {
        self.bytes.capacity()
    }

    fn is_lonely(_: NewEntry<'_>, _: Limit) -> bool {
        false
    }

    fn insert(&mut self, position: usize, item: NewEntry<'_>, limit: Limit) -> bool {
        // As in Redis: the bare strings count against the bytes, and what is gone against the entries.
        let bare: usize = item.fields.iter().map(|(name, value)| name.len() + value.len()).sum();
        let counts = listpack::int_bytes(self.live.into()) + listpack::int_bytes(self.gone.into());
        let listpack_bytes = self.listpack_bytes as usize + counts;
        let fits = listpack_bytes.saturating_add(bare) < limit.bytes
            && ((self.live + self.gone) as usize) < limit.entries
            && self.bytes.len().saturating_add(bare) < 4 * BLOCK_BYTES_MAX;
        if !fits || position != self.len() || item.id <= self.last {
            return false;
        }
        self.put(item);
        true
    }

    fn cut(&mut self, position: usize, count: usize) {
        let mut walk = self.entries(position);
        let from = walk.at;
        (0..count).for_each(|_| walk.pass());
        let to = walk.at;
        self.bytes.drain(from..to);
        self.live -= count as u32;
        self.gone += count as u32;
        if self.bytes.capacity() > 2 * self.bytes.len() {
            self.bytes.shrink_to_fit();
        }
    }

    fn split_off(&mut self, position: usize) -> Self {
        let mut right = self.clone();
        right.cut(0, position);
        self.cut(position, self.len() - position);
        right.first = right.first.max(self.first);
        right
    }

    fn even_out(_: &mut Self, _: &mut Self, _: Limit) -> bool {
        // Blocks end where Redis's do: nothing ever moves between them.
        false
    }

    fn may_have_room(_: usize) -> bool {
        false
    }

    fn may_join(&self, _: usize, _: Limit) -> bool {
        false
    }

    fn joins(_: &Self, _: &Self, _: Limit) -> bool {
        false
    }

    fn append(&mut self, right: &Self) {
        for entry in right.entries(0) {
            let fields: Vec<_> = entry.fields().collect();
            self.put(NewEntry { id: entry.id, fields: &fields });
        }
    }

    fn settle(&mut self) {
        self.bytes.shrink_to_fit();
    }
}

/// The way to an ID: to its entry, or to the first one behind it.
#[derive(Clone, Copy)]
pub struct ById(pub StreamId);

impl Seek<Block> for ById {
    fn part(&mut self, spans: &Spans<Block>) -> Part {
        if spans.head().is_some_and(|head| self.0 <= head.last) {
            return Part::Head;
        }
        if spans.tail().is_some_and(|tail| self.0 >= tail.first) {
            return Part::Tail;
        }
        if spans.tree_key().is_some() { Part::Tree } else { Part::Tail }
    }

    fn link(&self, keys: &[StreamId], _: &[u64]) -> usize {
        keys[1..].partition_point(|key| *key <= self.0)
    }

    fn pass(&mut self, _: &[u64]) {}

    fn position(&self, leaf: &Block) -> usize {
        if self.0 > leaf.last {
            return leaf.len();
        }
        leaf.entries(0).take_while(|entry| entry.id < self.0).count()
    }
}
