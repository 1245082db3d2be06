//! Streams: nodes of entries, what the stream says of its past, and its groups.
//!
//! ```text
//!   stream    nodes, node…, entries, last id, [first id, greatest deleted id, entries added], groups, group…
//!   node      id as 16 bytes (high ones first), listpack:
//!             entries, deleted, fields, field…, 0
//!             flags, ms and seq counted from the node's id, [fields, field, value…] or [value…], elements so far
//!   flags     1 deleted     2 the fields are those of the node
//!   group     name, last id, [entries read], pending, (id as 16 bytes, time u64, deliveries)…, consumers, consumer…
//!   consumer  name, seen at u64, [active at u64], pending, id as 16 bytes…              low bytes of times first
//! ```
//!
//! What stands in brackets came later: type 15 has none of it, 19 all but the second time, 21 everything. Whatever else is a
//! number is a length.
use super::{
    kind,
    listpack::{Block, Builder, Listpack},
    wire::{Wire, Word, write_bytes, write_len, write_string},
};
use crate::{
    base::limits::Encodings,
    value::{
        Stream,
        stream::{Consumer, Entry, Group, NewEntry, Pending, StreamId},
    },
};

const DELETED: i64 = 1;
const SAME_FIELDS: i64 = 2;
/// Elements of an entry beside its fields and values: flags and two parts of the ID.
const HEAD_ELEMENTS: i64 = 3;

/// Nodes end there, as servers are configured unless told otherwise.
const NODE_BYTES: usize = 4096;
const NODE_ENTRIES: i64 = 100;
/// How many times its own length the long names of a node may be copied in all. An entry with names that long has a node to itself
/// on servers that are not told otherwise.
const NAMES_COPIED_MAX: usize = 128;

/// Writes a stream as Redis 7.0 has it.
pub fn write(out: &mut Vec<u8>, stream: &Stream) {
    let (mut nodes, mut count) = (Vec::new(), 0);
    let mut open: Option<Node<'_>> = None;
    for entry in stream.iter() {
        let node = match open.take_if(|node| node.is_full(&entry)) {
            Some(full) => {
                full.end(&mut nodes);
                count += 1;
                open.insert(Node::new(&entry))
            }
            None => open.get_or_insert_with(|| Node::new(&entry)),
        };
        node.push(&entry);
    }
    if let Some(last) = open {
        last.end(&mut nodes);
        count += 1;
    }
    write_len(out, count);
    out.append(&mut nodes);
    write_len(out, stream.len() as u64);
    for id in [stream.last_id(), stream.first_entry_id(), stream.max_deleted_id()] {
        write_id(out, id);
    }
    write_len(out, stream.entries_added());
    write_len(out, stream.groups().len() as u64);
    stream.groups().for_each(|group| write_group(out, group));
}

fn write_id(out: &mut Vec<u8>, id: StreamId) {
    write_len(out, id.ms);
    write_len(out, id.seq);
}

fn key(id: StreamId) -> [u8; 16] {
    (u128::from(id.ms) << 64 | u128::from(id.seq)).to_be_bytes()
}

fn write_group(out: &mut Vec<u8>, group: &Group) {
    write_string(out, group.name());
    write_id(out, group.last_id);
    write_len(out, group.entries_read.unwrap_or(-1) as u64);
    write_len(out, group.pending().len() as u64);
    for record in group.pending().iter() {
        out.extend_from_slice(&key(record.id));
        out.extend_from_slice(&record.delivered_at_ms.to_le_bytes());
        write_len(out, record.deliveries);
    }
    write_len(out, group.consumers().len() as u64);
    group.consumers().for_each(|(_, consumer)| write_consumer(out, consumer));
}

fn write_consumer(out: &mut Vec<u8>, consumer: &Consumer) {
    write_string(out, consumer.name());
    out.extend_from_slice(&consumer.seen_at_ms.to_le_bytes());
    write_len(out, consumer.ids().len() as u64);
    consumer.ids().iter().for_each(|id| out.extend_from_slice(&key(id)));
}

/// A node in the making. What stands at its front is known at its end.
struct Node<'s> {
    first: StreamId,
    names: Vec<&'s [u8]>,
    entries: Builder,
    count: i64,
}

impl<'s> Node<'s> {
    fn new(first: &Entry<'s>) -> Self {
        let names = first.fields().map(|(name, _)| name).collect();
        Self { first: first.id, names, entries: Builder::new(), count: 0 }
    }

    fn is_full(&self, next: &Entry<'_>) -> bool {
        let bytes: usize = next.fields().map(|(name, value)| name.len() + value.len()).sum();
        self.count >= NODE_ENTRIES || self.entries.bytes() + bytes >= NODE_BYTES
    }

    fn push(&mut self, entry: &Entry<'_>) {
        let (fields, to) = (entry.fields(), &mut self.entries);
        let count = fields.len() as i64;
        let same = fields.clone().map(|(name, _)| name).eq(self.names.iter().copied());
        to.push_int(if same { SAME_FIELDS } else { 0 });
        to.push_int(entry.id.ms.wrapping_sub(self.first.ms) as i64);
        to.push_int(entry.id.seq.wrapping_sub(self.first.seq) as i64);
        if !same {
            to.push_int(count);
        }
        for (name, value) in fields {
            if !same {
                to.push(name);
            }
            to.push(value);
        }
        to.push_int(elements(count, same));
        self.count += 1;
    }

    fn end(self, out: &mut Vec<u8>) {
        let mut block = Builder::new();
        for int in [self.count, 0, self.names.len() as i64] {
            block.push_int(int);
        }
        self.names.iter().for_each(|name| block.push(name));
        block.push_int(0);
        block.append(&self.entries);
        write_bytes(out, &key(self.first));
        block.write(out);
    }
}

/// How many elements an entry says that it has, the one that says so not counted.
fn elements(fields: i64, same: bool) -> i64 {
    if same { fields + HEAD_ELEMENTS } else { 2 * fields + HEAD_ELEMENTS + 1 }
}

/// Reads a stream of some type. Nothing: it is damaged.
pub fn read(wire: &mut Wire<'_>, kind: u8, limits: &Encodings) -> Option<Stream> {
    let mut stream = Stream::new();
    for _ in 0..wire.len()? {
        let (key, block) = (wire.string()?, wire.string()?);
        let key = u128::from_be_bytes((*key).try_into().ok()?);
        read_node(&mut stream, StreamId::new((key >> 64) as u64, key as u64), &block, limits)?;
    }
    let (len, last_id) = (wire.len()?, read_id(wire)?);
    if len != stream.len() as u64 || last_id < stream.last_id() {
        return None;
    }
    let (mut max_deleted_id, mut entries_added) = (StreamId::MIN, len);
    if kind != kind::STREAM {
        // Which entry is the first can be seen.
        read_id(wire)?;
        (max_deleted_id, entries_added) = (read_id(wire)?, wire.len()?);
    }
    stream.set_past(last_id, entries_added, max_deleted_id);
    let mut groups = Vec::new();
    for _ in 0..wire.len()? {
        groups.push(read_group(wire, kind, &stream)?);
    }
    // In whatever order they were written, they are added at the end.
    groups.sort_unstable_by(|a, b| a.name().cmp(b.name()));
    groups.into_iter().all(|group| stream.add_group(group)).then_some(stream)
}

fn read_id(wire: &mut Wire<'_>) -> Option<StreamId> {
    Some(StreamId::new(wire.len()?, wire.len()?))
}

fn read_key(wire: &mut Wire<'_>) -> Option<StreamId> {
    let key = u128::from_be_bytes(wire.array()?);
    Some(StreamId::new((key >> 64) as u64, key as u64))
}

fn read_time(wire: &mut Wire<'_>) -> Option<i64> {
    wire.array().map(i64::from_le_bytes)
}

/// Reads the entries of a node into a stream. All of them are above those that are there.
fn read_node(stream: &mut Stream, first: StreamId, block: &[u8], limits: &Encodings) -> Option<()> {
    fn words<'b>(block: &mut Listpack<'b>, count: i64, to: &mut Vec<Word<'b>>) -> Option<()> {
        to.clear();
        // The count may lie: room is made for what is there.
        (0..count).try_for_each(|_| block.next().map(|element| to.push(element.word())))
    }
    let budget = block.len().saturating_mul(NAMES_COPIED_MAX);
    let mut block = Listpack::open(block)?;
    let int = |block: &mut Listpack<'_>| block.next()?.int();
    let (live, deleted, fields) = (int(&mut block)?, int(&mut block)?, int(&mut block)?);
    let mut names = Vec::new();
    words(&mut block, fields, &mut names)?;
    if int(&mut block)? != 0 || live < 1 {
        return None;
    }
    let (names_len, mut copied) = (names.iter().map(|name| name.len()).sum::<usize>(), 0usize);
    let (mut own, mut found) = (Vec::new(), [0, 0]);
    while !block.is_at_end() {
        let flags = int(&mut block)?;
        let (ms, seq) = (int(&mut block)? as u64, int(&mut block)? as u64);
        let id = StreamId::new(first.ms.wrapping_add(ms), first.seq.wrapping_add(seq));
        let same = flags & SAME_FIELDS != 0;
        let count = if same { fields } else { int(&mut block)? };
        words(&mut block, if same { count } else { count.checked_mul(2)? }, &mut own)?;
        let is_deleted = flags & DELETED != 0;
        found[usize::from(is_deleted)] += 1;
        if flags & !(DELETED | SAME_FIELDS) != 0 || count < 1 || int(&mut block)? != elements(count, same) {
            return None;
        }
        if is_deleted {
            continue;
        }
        if id <= stream.last_id() {
            return None;
        }
        // Names that are too long for entries to share a block are kept with each of them.
        if same && names_len >= NODE_BYTES / 2 {
            copied = copied.saturating_add(names_len);
            if copied > budget {
                return None;
            }
        }
        let pairs: Vec<(&[u8], &[u8])> = if same {
            names.iter().zip(&own).map(|(name, value)| (&**name, &**value)).collect()
        } else {
            own.chunks_exact(2).map(|pair| (&*pair[0], &*pair[1])).collect()
        };
        stream.append(NewEntry { id, fields: &pairs }, limits);
    }
    (found == [live, deleted]).then_some(())?;
    block.finish()
}

/// The consumer of a record that none has claimed yet.
const NOBODY: u32 = u32::MAX;

/// Reads a group. Each of its records has one consumer.
fn read_group(wire: &mut Wire<'_>, kind: u8, stream: &Stream) -> Option<Group> {
    let (name, last_id) = (wire.string()?, read_id(wire)?);
    let entries_read = match kind {
        kind::STREAM => stream.distance(last_id),
        _ => Some(wire.len()? as i64).filter(|read| *read != -1),
    };
    let mut group = Group::new(&name, last_id, entries_read.filter(|read| *read >= 0));
    let mut records: Vec<Pending> = Vec::new();
    for _ in 0..wire.len()? {
        let (id, delivered_at_ms, deliveries) = (read_key(wire)?, read_time(wire)?, wire.len()?);
        if records.last().is_some_and(|last| last.id >= id) {
            return None;
        }
        records.push(Pending { id, delivered_at_ms, deliveries, consumer: NOBODY });
    }
    let mut consumers = Vec::new();
    for _ in 0..wire.len()? {
        let (name, seen_at_ms) = (wire.string()?, read_time(wire)?);
        // The best guess there is, as in Redis.
        let active_at_ms = if kind == kind::STREAM_3 { read_time(wire)? } else { seen_at_ms };
        let nth = consumers.len() as u32;
        for _ in 0..wire.len()? {
            let id = read_key(wire)?;
            let at = records.binary_search_by(|record| record.id.cmp(&id)).ok()?;
            (records[at].consumer == NOBODY).then_some(())?;
            records[at].consumer = nth;
        }
        consumers.push((name, nth, seen_at_ms, active_at_ms));
    }
    // As the groups themselves.
    consumers.sort_unstable_by(|(a, ..), (b, ..)| a.cmp(b));
    let mut numbers = vec![NOBODY; consumers.len()];
    for (name, nth, seen_at_ms, active_at_ms) in consumers {
        let (number, new) = group.consumer_or_new(&name, seen_at_ms);
        new.then_some(())?;
        group.active(number, active_at_ms);
        numbers[nth as usize] = number;
    }
    for record in records {
        let consumer = *numbers.get(record.consumer as usize)?;
        group.put(Pending { consumer, ..record });
    }
    Some(group)
}
