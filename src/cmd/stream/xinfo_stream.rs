//! XINFO STREAM: what a stream knows of itself.
use super::listing;
use crate::{
    base::{
        atom::Args,
        emit::{Emit, Sink},
        error::{Error, Result},
    },
    cmd::{
        Command, Group, READ, Spec,
        held::{Kept, Reading, Shown},
    },
    keyspace::view::View,
    value::{
        Stream,
        stream::{Consumer, Entry, Group as Readers, Pending},
    },
};

/// `XINFO STREAM key [FULL [COUNT count]]`. Describes a stream; in full with its entries, its groups and what is pending.
///
/// # Compatibility
/// There is no radix tree here: `radix-tree-keys` counts the blocks of entries, and `radix-tree-nodes` is one more.
#[derive(Debug, Clone)]
pub struct XInfoStream<'a> {
    pub key: &'a [u8],
    /// A wrong one is refused when there is a stream.
    pub detail: Result<Detail>,
}

/// How much is to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    Summary,
    /// `FULL`: of entries and of what is pending so many each; 0: all.
    Full(u64),
}

fn field(to: &mut dyn Sink, name: &str, value: impl Emit) {
    to.bytes(name.as_bytes());
    value.emit(to);
}

fn entry(to: &mut dyn Sink, name: &str, entry: Option<Entry<'_>>) {
    to.bytes(name.as_bytes());
    match entry {
        Some(entry) => listing::write(&entry, to),
        None => to.nil(),
    }
}

/// How many of `len`, when `count` are asked for.
fn some(len: usize, count: u64) -> usize {
    if count == 0 { len } else { len.min(usize::try_from(count).unwrap_or(usize::MAX)) }
}

fn group(to: &mut dyn Sink, stream: &Stream, group: &Readers, count: u64) {
    to.map(7);
    field(to, "name", group.name());
    field(to, "last-delivered-id", group.last_id);
    field(to, "entries-read", group.entries_read);
    field(to, "lag", stream.lag(group));
    field(to, "pel-count", group.pending().len());
    to.bytes(b"pending");
    let len = some(group.pending().len(), count);
    to.array(len);
    for record in group.pending().range(0..len) {
        to.array(4);
        record.id.emit(to);
        to.bytes(group.owner(&record));
        deliveries(to, &record);
    }
    to.bytes(b"consumers");
    let consumers = group.consumers();
    to.array(consumers.len());
    consumers.for_each(|(_, one)| consumer(to, group, one, count));
}

fn deliveries(to: &mut dyn Sink, record: &Pending) {
    to.int(record.delivered_at_ms);
    to.int(record.deliveries as i64);
}

fn consumer(to: &mut dyn Sink, group: &Readers, consumer: &Consumer, count: u64) {
    let ids = consumer.ids();
    to.map(5);
    field(to, "name", consumer.name());
    field(to, "seen-time", consumer.seen_at_ms);
    field(to, "active-time", consumer.active_at_ms);
    field(to, "pel-count", ids.len());
    to.bytes(b"pending");
    let len = some(ids.len(), count);
    to.array(len);
    // Invariant: what a consumer has is pending in its group.
    for record in ids.range(0..len).filter_map(|id| group.pending().get(id)) {
        to.array(3);
        record.id.emit(to);
        deliveries(to, &record);
    }
}

impl Reading<Stream> for Detail {
    fn write(&self, stream: Option<&Stream>, to: &mut dyn Sink) {
        let Some(stream) = stream else { return to.nil() };
        to.map(if *self == Self::Summary { 10 } else { 9 });
        field(to, "length", stream.len());
        field(to, "radix-tree-keys", stream.block_count());
        field(to, "radix-tree-nodes", stream.block_count() + 1);
        field(to, "last-generated-id", stream.last_id());
        field(to, "max-deleted-entry-id", stream.max_deleted_id());
        field(to, "entries-added", stream.entries_added());
        field(to, "recorded-first-entry-id", stream.first_entry_id());
        match self {
            Self::Summary => {
                field(to, "groups", stream.groups().len());
                entry(to, "first-entry", stream.iter().next());
                entry(to, "last-entry", stream.iter().next_back());
            }
            Self::Full(count) => {
                to.bytes(b"entries");
                let len = some(stream.len(), *count);
                to.array(len);
                stream.range(0..len).for_each(|entry| listing::write(&entry, to));
                to.bytes(b"groups");
                to.array(stream.groups().len());
                stream.groups().for_each(|one| group(to, stream, one, *count));
            }
        }
    }
}

impl Detail {
    fn parse(args: &mut Args<'_>) -> Result<Self> {
        if args.is_empty() {
            return Ok(Self::Summary);
        }
        let unknown = || {
            Error::command(
                "ERR unknown subcommand or wrong number of arguments for 'STREAM'. Try XINFO HELP.",
            )
        };
        if !matches!(args.len(), 1 | 3) || !args.token("FULL") {
            return Err(unknown());
        }
        const USUAL: u64 = 10;
        if args.is_empty() {
            return Ok(Self::Full(USUAL));
        }
        if !args.token("COUNT") {
            return Err(unknown());
        }
        Ok(Self::Full(u64::try_from(args.int()?).unwrap_or(USUAL)))
    }
}

impl<'a> Command<'a> for XInfoStream<'a> {
    const SPEC: Spec = Spec {
        id: 0x0A29,
        name: "XINFO|STREAM",
        usage: "key [FULL [COUNT count]]",
        arity: -3,
        flags: READ,
        keys: (2, 2, 1),
        group: Group::Stream,
        since: "5.0.0",
        complexity: "O(1)",
        summary: "Returns information about a stream.",
    };
    type Owned = Kept<Stream, Detail>;
    type Out<'k> = Shown<'k, Stream, Detail>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let key = args.bytes()?;
        let mut rest = args.take(args.len())?;
        Ok(Self { key, detail: Detail::parse(&mut rest) })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Shown<'k, Stream, Detail>> {
        let stream = view.get::<Stream>(self.key)?.ok_or_else(Error::no_such_key)?;
        let detail = self.detail.clone()?;
        let len = match detail {
            Detail::Summary => 0,
            Detail::Full(count) => {
                some(stream.len(), count)
                    + stream
                        .groups()
                        .map(|group| some(group.pending().len(), count) + group.consumers().len())
                        .sum::<usize>()
            }
        };
        Ok(Shown::new(Some(stream), len, detail))
    }
}

crate::cmd::row!(XInfoStream<'_>);
