//! A stream as bytes: what snapshots keep of it, in parts that follow each other.
//!
//! ```text
//!   0  past       last id, greatest deleted id, entries added             the first part of a stream
//!   1  block      id of the first entry, entries, length, bytes           as in memory: names once, IDs counted
//!   2  group      length, name, last id, entries read (signed, −1: unknown)
//!   3  consumer   length, name, seen at, active at (signed)               of the group before it
//!   4  record     id, delivered at (signed), deliveries                   of the consumer before it
//! ```
//!
//! An ID is two varints. Reading takes nothing for granted: IDs must grow, what is counted must be there, and nothing is
//! allocated but for what was given.
use super::{Group, NewEntry, Pending, Stream, StreamId, block::Block, entry::Entry};
use crate::base::{limits::Encodings, varint};

const PAST: u8 = 0;
const BLOCK: u8 = 1;
const GROUP: u8 = 2;
const CONSUMER: u8 = 3;
const RECORD: u8 = 4;

/// One part of a stream.
pub enum Piece<'v> {
    Past(&'v Stream),
    Block(&'v Block),
    Group(&'v Group),
    Consumer(&'v super::Consumer),
    Record(Pending),
}

/// The parts of a stream, in their order.
pub type Pieces<'v> = std::iter::Peekable<Box<dyn Iterator<Item = Piece<'v>> + Send + 'v>>;

fn write_id(out: &mut Vec<u8>, id: StreamId) {
    varint::write(out, id.ms);
    varint::write(out, id.seq);
}

fn read_id(rest: &mut &[u8]) -> Option<StreamId> {
    Some(StreamId { ms: varint::read(rest)?, seq: varint::read(rest)? })
}

impl Stream {
    /// Returns the parts of the stream.
    pub fn pieces(&self) -> Pieces<'_> {
        let mut leaves = self.body.entries.leaves_from(0);
        let blocks = std::iter::from_fn(move || leaves.forward().map(|(block, _)| Piece::Block(block)));
        let groups = self.groups().flat_map(|group| {
            let consumers = group.consumers().flat_map(move |(_, consumer)| {
                let records = consumer.ids().iter().filter_map(|id| group.pending().get(id));
                std::iter::once(Piece::Consumer(consumer)).chain(records.map(Piece::Record))
            });
            std::iter::once(Piece::Group(group)).chain(consumers)
        });
        let all: Box<dyn Iterator<Item = Piece<'_>> + Send + '_> =
            Box::new(std::iter::once(Piece::Past(self)).chain(blocks).chain(groups));
        all.peekable()
    }
}

impl Piece<'_> {
    /// Appends the part.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Past(stream) => {
                out.push(PAST);
                write_id(out, stream.last_id());
                write_id(out, stream.max_deleted_id());
                varint::write(out, stream.entries_added());
            }
            Self::Block(block) => {
                out.push(BLOCK);
                block.write(out);
            }
            Self::Group(group) => {
                out.push(GROUP);
                varint::write_bytes(out, group.name());
                write_id(out, group.last_id);
                varint::write_signed(out, group.entries_read.unwrap_or(-1));
            }
            Self::Consumer(consumer) => {
                out.push(CONSUMER);
                varint::write_bytes(out, consumer.name());
                varint::write_signed(out, consumer.seen_at_ms);
                varint::write_signed(out, consumer.active_at_ms);
            }
            Self::Record(record) => {
                out.push(RECORD);
                write_id(out, record.id);
                varint::write_signed(out, record.delivered_at_ms);
                varint::write(out, record.deliveries);
            }
        }
    }
}

impl Block {
    fn write(&self, out: &mut Vec<u8>) {
        write_id(out, self.first);
        varint::write(out, u64::from(self.live()));
        varint::write_bytes(out, self.bytes());
    }
}

/// Reads entries that [`Block`] wrote, and shows each to `see`, which may refuse it.
fn read_block(
    rest: &mut &[u8],
    mut see: impl FnMut(StreamId, &[(&[u8], &[u8])]) -> Option<()>,
) -> Option<()> {
    let (first, live) = (read_id(rest)?, varint::read(rest)?);
    let mut bytes = varint::read_bytes(rest)?;
    let names = bytes;
    let count = usize::try_from(varint::read(&mut bytes)?).ok()?;
    for _ in 0..count {
        varint::read_bytes(&mut bytes)?;
    }
    let mut names = &names[..names.len() - bytes.len()];
    varint::read(&mut names)?;
    let (mut seen, mut fields) = (0u64, Vec::new());
    while !bytes.is_empty() {
        let head = varint::read(&mut bytes)?;
        let (mut body, after) = bytes.split_at_checked(usize::try_from(head >> 1).ok()?)?;
        bytes = after;
        let (ms, seq) = (varint::read(&mut body)?, varint::read(&mut body)?);
        let seq = if ms == 0 { first.seq.checked_add(seq)? } else { seq };
        let id = StreamId { ms: first.ms.checked_add(ms)?, seq };
        let (own, count) = match head & 1 {
            1 => (None, count),
            _ => {
                let count = usize::try_from(varint::read(&mut body)?).ok()?;
                (Some(()), count)
            }
        };
        let entry = Entry::new(id, count, own.is_none().then_some(names), body);
        fields.clear();
        // Collected without a hint: the count may lie.
        for field in entry.fields() {
            fields.push(field);
        }
        // Each element takes a byte at least: what was read must be all there is.
        let read: usize = fields
            .iter()
            .map(|(name, value)| {
                let width = |text: &[u8]| super::block::text_width(text);
                width(value) + if own.is_some() { width(name) } else { 0 }
            })
            .sum();
        if fields.len() != count || count == 0 || read != body.len() {
            return None;
        }
        see(id, &fields)?;
        seen += 1;
    }
    (seen == live && seen > 0).then_some(())
}

/// Reads a stream, part by part.
#[derive(Default)]
pub struct Reader {
    stream: Stream,
    /// The group and the consumer that the parts to come belong to.
    group: Option<Box<[u8]>>,
    consumer: Option<u32>,
    /// The last ID, the greatest deleted one, the entries added.
    past: Option<(StreamId, StreamId, u64)>,
}

impl Reader {
    /// Starts without a part.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads whole parts to the end of `rest`, one at least. `None`: damage.
    pub fn extend(&mut self, mut rest: &[u8], limits: &Encodings) -> Option<()> {
        loop {
            self.part(&mut rest, limits)?;
            if rest.is_empty() {
                return Some(());
            }
        }
    }

    fn part(&mut self, rest: &mut &[u8], limits: &Encodings) -> Option<()> {
        let (&tag, after) = rest.split_first()?;
        *rest = after;
        if tag == PAST {
            let first = self.past.is_none();
            self.past = Some((read_id(rest)?, read_id(rest)?, varint::read(rest)?));
            return first.then_some(());
        }
        let (last, ..) = self.past?;
        match tag {
            BLOCK if self.group.is_none() => read_block(rest, |id, fields| {
                let fits = id > self.stream.last_id() && id <= last;
                fits.then(|| self.stream.append(NewEntry { id, fields }, limits))
            }),
            GROUP => {
                let name = varint::read_bytes(rest)?;
                let (last_id, read) = (read_id(rest)?, varint::read_signed(rest)?);
                self.consumer = None;
                self.group = Some(name.into());
                let group = Group::new(name, last_id, (read != -1).then_some(read));
                self.stream.add_group(group).then_some(())
            }
            CONSUMER => {
                let name = varint::read_bytes(rest)?;
                let (seen, active) = (varint::read_signed(rest)?, varint::read_signed(rest)?);
                self.stream.edit_group(self.group.as_ref()?, |group| {
                    let (number, new) = group.consumer_or_new(name, seen);
                    group.active(number, active);
                    self.consumer = new.then_some(number);
                    new.then_some(())
                })?
            }
            RECORD => {
                let record = Pending {
                    id: read_id(rest)?,
                    delivered_at_ms: varint::read_signed(rest)?,
                    deliveries: varint::read(rest)?,
                    consumer: self.consumer?,
                };
                self.stream.edit_group(self.group.as_ref()?, |group| {
                    let new = group.pending().get(record.id).is_none();
                    new.then(|| group.put(record))
                })?
            }
            _ => None,
        }
    }

    /// Returns the stream.
    pub fn finish(mut self) -> Stream {
        if let Some((last, max_deleted, added)) = self.past {
            self.stream.set_past(last, added, max_deleted);
        }
        self.stream
    }
}
