//! Entries as a result: written under the lock while they are few, from a clone after it when they are many.
use crate::{
    base::{
        bytes::Bytes,
        emit::{Emit, Sink},
        limits::INLINE_RESULT_LEN_MAX,
    },
    cmd::held::{Kept, Reading},
    value::{
        Stream,
        stream::{Entry, StreamId},
    },
};
use std::{fmt, ops::Range};

impl Emit for StreamId {
    fn emit(self, to: &mut dyn Sink) {
        to.bytes(&self.text());
    }
}

/// An entry, as callers of the typed API keep it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamEntry {
    pub id: StreamId,
    /// Fields with their values in their order. Empty when the entry was pending and has been deleted since.
    pub fields: Vec<(Bytes, Bytes)>,
}

impl StreamEntry {
    fn of(id: StreamId, entry: Option<Entry<'_>>) -> Self {
        let fields = entry.into_iter().flat_map(|entry| entry.fields());
        Self { id, fields: fields.map(|(field, value)| (Bytes::copy(field), Bytes::copy(value))).collect() }
    }
}

/// Writes an entry: its ID, and a flat list of fields and values.
pub fn write(entry: &Entry<'_>, to: &mut dyn Sink) {
    to.array(2);
    write_parts(entry, to);
}

fn write_parts(entry: &Entry<'_>, to: &mut dyn Sink) {
    let fields = entry.fields();
    to.bytes(&entry.id.text());
    to.array(fields.len() * 2);
    for (field, value) in fields {
        to.bytes(field);
        to.bytes(value);
    }
}

/// Entries of some ranks.
#[derive(Debug, Clone)]
pub struct Ranks {
    pub ranks: Range<usize>,
    pub backward: bool,
}

impl Reading<Stream> for Ranks {
    fn write(&self, stream: Option<&Stream>, to: &mut dyn Sink) {
        to.array(self.ranks.len());
        let Some(stream) = stream else { return };
        let mut entries = stream.range(self.ranks.clone());
        match self.backward {
            true => entries.rev().for_each(|entry| write(&entry, to)),
            false => entries.by_ref().for_each(|entry| write(&entry, to)),
        }
    }
}

impl From<Kept<Stream, Ranks>> for Vec<StreamEntry> {
    fn from(kept: Kept<Stream, Ranks>) -> Self {
        let Some(stream) = &kept.value else { return Self::new() };
        let mut all: Self =
            stream.range(kept.reading.ranks).map(|entry| StreamEntry::of(entry.id, Some(entry))).collect();
        if kept.reading.backward {
            all.reverse();
        }
        all
    }
}

/// A pending entry that was claimed while reading: its ID, how long it had been idle, how often it had been delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claimed {
    pub id: StreamId,
    pub idle_ms: i64,
    pub deliveries: u64,
}

/// Which entries of a stream.
#[derive(Debug, Clone)]
pub enum Which {
    /// Those of some ranks.
    Ranks(Range<usize>),
    /// Those of some IDs; what has been deleted has no fields.
    Ids(Vec<StreamId>),
    /// Those that were claimed, and then those of some ranks; each with its idle time and its deliveries.
    Claimed(Vec<Claimed>, Range<usize>),
}

/// Entries of a stream, as it was at one moment.
#[derive(Clone)]
pub struct Listing {
    stream: Stream,
    which: Which,
}

impl fmt::Debug for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.which)
    }
}

impl Listing {
    /// Keeps some entries of a stream: a clone of it costs nothing like its size.
    pub fn new(stream: &Stream, which: Which) -> Self {
        Self { stream: stream.clone(), which }
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        match &self.which {
            Which::Ranks(ranks) => ranks.len(),
            Which::Ids(ids) => ids.len(),
            Which::Claimed(claimed, ranks) => claimed.len() + ranks.len(),
        }
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the entries.
    pub fn to_vec(&self) -> Vec<StreamEntry> {
        let of_rank = |entry: Entry<'_>| StreamEntry::of(entry.id, Some(entry));
        let of_id = |id| StreamEntry::of(id, self.stream.entry(id));
        match &self.which {
            Which::Ranks(ranks) => self.stream.range(ranks.clone()).map(of_rank).collect(),
            Which::Ids(ids) => ids.iter().map(|id| of_id(*id)).collect(),
            Which::Claimed(claimed, ranks) => {
                let new = self.stream.range(ranks.clone()).map(of_rank);
                claimed.iter().map(|claimed| of_id(claimed.id)).chain(new).collect()
            }
        }
    }

    fn write(&self, to: &mut dyn Sink) {
        to.array(self.len());
        match &self.which {
            Which::Ranks(ranks) => self.stream.range(ranks.clone()).for_each(|entry| write(&entry, to)),
            Which::Ids(ids) => ids.iter().for_each(|id| match self.stream.entry(*id) {
                Some(entry) => write(&entry, to),
                None => {
                    to.array(2);
                    to.bytes(&id.text());
                    to.nil_array();
                }
            }),
            Which::Claimed(claimed, ranks) => {
                let claimed =
                    claimed.iter().filter_map(|c| Some((self.stream.entry(c.id)?, c.idle_ms, c.deliveries)));
                let new = self.stream.range(ranks.clone()).map(|entry| (entry, 0, 0));
                for (entry, idle_ms, deliveries) in claimed.chain(new) {
                    to.array(4);
                    write_parts(&entry, to);
                    to.int(idle_ms);
                    to.int(deliveries as i64);
                }
            }
        }
    }
}

impl Emit for Listing {
    fn emit(self, to: &mut dyn Sink) {
        if self.len() > INLINE_RESULT_LEN_MAX {
            to.later(Box::new(move |to: &mut dyn Sink| self.write(to)));
        } else {
            self.write(to);
        }
    }
}

impl From<Listing> for Vec<StreamEntry> {
    fn from(listing: Listing) -> Self {
        listing.to_vec()
    }
}

/// Streams with entries of each: what XREAD and XREADGROUP found.
#[derive(Debug, Clone)]
pub struct Streams<'a>(pub Vec<(&'a [u8], Listing)>);

impl Emit for Streams<'_> {
    fn emit(self, to: &mut dyn Sink) {
        if self.0.is_empty() {
            return to.nil_array();
        }
        let paired = to.protocol() == 2;
        if paired {
            to.array(self.0.len())
        } else {
            to.map(self.0.len())
        }
        for (key, listing) in self.0 {
            if paired {
                to.array(2);
            }
            to.bytes(key);
            listing.emit(to);
        }
    }
}

impl From<Streams<'_>> for Vec<(Bytes, Listing)> {
    fn from(streams: Streams<'_>) -> Self {
        streams.0.into_iter().map(|(key, listing)| (Bytes::copy(key), listing)).collect()
    }
}
