//! XPENDING: what a group has delivered and is not acknowledged.
use super::{ids, refused};
use crate::{
    base::{
        atom::Args,
        bytes::Bytes,
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
        stream::{Consumer, Group as Readers, Pending, StreamId},
    },
};

/// `[IDLE min-idle-time] start end count [consumer]`.
#[derive(Debug, Clone, Copy)]
pub struct Span<'a> {
    pub min_idle_ms: i64,
    pub start: StreamId,
    pub end: StreamId,
    pub count: u64,
    pub consumer: Option<&'a [u8]>,
}

/// `XPENDING key group [[IDLE min-idle-time] start end count [consumer]]`. Returns how much is pending for whom; or with a
/// range, each entry of it.
#[derive(Debug, Clone, Copy)]
pub struct XPending<'a> {
    pub key: &'a [u8],
    pub group: &'a [u8],
    /// Nothing: a summary.
    pub span: Option<Span<'a>>,
}

/// What is to be said of a group.
#[derive(Debug, Clone)]
pub struct Asked {
    group: Bytes,
    now_ms: i64,
    /// The range, and the number of the consumer.
    span: Option<(Span<'static>, Option<u32>)>,
}

/// An entry that is pending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingEntry {
    pub id: StreamId,
    pub consumer: Bytes,
    /// How long ago it was delivered.
    pub idle_ms: u64,
    pub deliveries: u64,
}

/// What is pending in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingSummary {
    pub count: usize,
    /// The first and the last of the IDs.
    pub ids: Option<(StreamId, StreamId)>,
    /// The consumers that have any, and how many.
    pub consumers: Vec<(Bytes, usize)>,
}

fn busy(group: &Readers) -> impl Iterator<Item = &Consumer> {
    group.consumers().map(|(_, consumer)| consumer).filter(|consumer| !consumer.ids().is_empty())
}

fn ends(group: &Readers) -> Option<(StreamId, StreamId)> {
    let mut all = group.pending().iter();
    let first = all.next()?.id;
    Some((first, all.next_back().map_or(first, |last| last.id)))
}

impl Asked {
    /// Visits the records of the range.
    fn each(&self, group: &Readers, visit: &mut dyn FnMut(&Pending)) {
        let Some((span, consumer)) = &self.span else { return };
        let pending = group.pending();
        let idle = |record: &Pending| self.now_ms.wrapping_sub(record.delivered_at_ms);
        let wanted = |record: &Pending| span.min_idle_ms == 0 || idle(record) >= span.min_idle_ms;
        let count = usize::try_from(span.count).unwrap_or(usize::MAX);
        if count == 0 || span.start > span.end {
            return;
        }
        match consumer.and_then(|number| group.consumer(number)) {
            Some(consumer) => {
                let ids = consumer.ids().range(consumer.ids().ranks(span.start, span.end));
                ids.filter_map(|id| pending.get(id)).filter(wanted).take(count).for_each(|r| visit(&r));
            }
            None => {
                let all = pending.range(pending.ranks(span.start, span.end));
                all.filter(wanted).take(count).for_each(|record| visit(&record));
            }
        }
    }

    fn idle_ms(&self, record: &Pending) -> u64 {
        u64::try_from(self.now_ms.wrapping_sub(record.delivered_at_ms)).unwrap_or(0)
    }
}

impl Reading<Stream> for Asked {
    fn write(&self, stream: Option<&Stream>, to: &mut dyn Sink) {
        let Some(group) = stream.and_then(|stream| stream.group(&self.group)) else { return to.array(0) };
        if self.span.is_some() {
            let mut len = 0;
            self.each(group, &mut |_| len += 1);
            to.array(len);
            return self.each(group, &mut |record| {
                to.array(4);
                record.id.emit(to);
                to.bytes(group.owner(record));
                to.int(self.idle_ms(record) as i64);
                to.int(record.deliveries as i64);
            });
        }
        to.array(4);
        group.pending().len().emit(to);
        match ends(group) {
            Some((first, last)) => {
                first.emit(to);
                last.emit(to);
                to.array(busy(group).count());
                for consumer in busy(group) {
                    to.array(2);
                    to.bytes(consumer.name());
                    to.bytes(consumer.ids().len().to_string().as_bytes());
                }
            }
            None => {
                to.nil();
                to.nil();
                to.nil_array();
            }
        }
    }
}

impl From<Kept<Stream, Asked>> for Vec<PendingEntry> {
    fn from(kept: Kept<Stream, Asked>) -> Self {
        let (asked, mut all) = (&kept.reading, Self::new());
        let Some(group) = kept.value.as_ref().and_then(|stream| stream.group(&asked.group)) else {
            return all;
        };
        asked.each(group, &mut |record| {
            all.push(PendingEntry {
                id: record.id,
                consumer: Bytes::copy(group.owner(record)),
                idle_ms: asked.idle_ms(record),
                deliveries: record.deliveries,
            });
        });
        all
    }
}

impl From<Kept<Stream, Asked>> for PendingSummary {
    fn from(kept: Kept<Stream, Asked>) -> Self {
        let group = kept.value.as_ref().and_then(|stream| stream.group(&kept.reading.group));
        let consumers = group.into_iter().flat_map(busy);
        Self {
            count: group.map_or(0, |group| group.pending().len()),
            ids: group.and_then(ends),
            consumers: consumers.map(|c| (Bytes::copy(c.name()), c.ids().len())).collect(),
        }
    }
}

impl<'a> Command<'a> for XPending<'a> {
    const SPEC: Spec = Spec {
        id: 0x0A0B,
        name: "XPENDING",
        usage: "key group [[IDLE min-idle-time] start end count [consumer]]",
        arity: -3,
        flags: READ,
        keys: (1, 1, 1),
        group: Group::Stream,
        since: "5.0.0",
        complexity: "O(N) with N being the number of elements returned, so asking for a small fixed number of entries per call is O(1). O(M), where M is the total number of entries scanned when used with the IDLE filter. When the command returns just the summary and the list of consumers is small, it runs in O(1) time; otherwise, an additional O(N) time for iterating every consumer.",
        summary: "Returns the information and entries from a stream consumer group's pending entries list.",
    };
    type Owned = Kept<Stream, Asked>;
    type Out<'k> = Shown<'k, Stream, Asked>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let (key, group) = (args.bytes()?, args.bytes()?);
        if args.is_empty() {
            return Ok(Self { key, group, span: None });
        }
        if !(3..=6).contains(&args.len()) {
            return Err(Error::syntax());
        }
        let mut min_idle_ms = 0;
        if args.token("IDLE") {
            min_idle_ms = args.int()?;
            if args.len() < 3 {
                return Err(Error::syntax());
            }
        }
        let (mut first, mut second) = (args.take(1)?, args.take(1)?);
        let count = u64::try_from(args.int()?).unwrap_or(0);
        let (start, end) = (ids::start(&mut first)?, ids::end(&mut second)?);
        let consumer = if args.is_empty() { None } else { Some(args.bytes()?) };
        // As in Redis, what follows is of no consequence.
        let _ = args.take(args.len());
        Ok(Self { key, group, span: Some(Span { min_idle_ms, start, end, count, consumer }) })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Shown<'k, Stream, Asked>> {
        let now_ms = view.now_ms as i64;
        let (stream, group) = refused::find(view, self.key, self.group)?;
        let name = Bytes::copy(self.group);
        let Some(span) = self.span else {
            let len = group.consumers().len();
            return Ok(Shown::new(Some(stream), len, Asked { group: name, now_ms, span: None }));
        };
        let number = span.consumer.map(|consumer| group.find_consumer(consumer));
        // Nobody of that name has anything.
        let count = if number == Some(None) { 0 } else { span.count };
        let len = usize::try_from(count).unwrap_or(usize::MAX).min(group.pending().len());
        let span =
            Span { count, consumer: None, min_idle_ms: span.min_idle_ms, start: span.start, end: span.end };
        Ok(Shown::new(Some(stream), len, Asked { group: name, now_ms, span: Some((span, number.flatten())) }))
    }
}

crate::cmd::row!(XPending<'_>);
