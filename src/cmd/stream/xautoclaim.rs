//! XAUTOCLAIM: takes over whatever has been pending for long, some at a time.
use super::{
    ids, refused,
    taking::{Taken, Taking},
    xgroup_createconsumer::XGroupCreateConsumer,
};
use crate::{
    base::{
        atom::{Args, Record},
        emit::{Emit, Sink},
        error::{Error, Result},
    },
    cmd::{Command, FAST, Group, Spec, WRITE},
    keyspace::view::View,
    value::{Stream, stream::StreamId},
};

/// `XAUTOCLAIM key group consumer min-idle-time start [COUNT count] [JUSTID]`. Gives up to `count` pending entries from ID
/// `start` on to a consumer, and returns where to go on, the entries, and what is deleted meanwhile.
#[derive(Debug, Clone, Copy)]
pub struct XAutoClaim<'a> {
    pub key: &'a [u8],
    pub group: &'a [u8],
    pub consumer: &'a [u8],
    /// Those that were delivered later stay where they are.
    pub min_idle_ms: u64,
    pub start: StreamId,
    /// 100 without `COUNT`. Ten times as many are looked at.
    pub count: u64,
    /// Returns IDs alone, and does not count as a delivery.
    pub only_ids: bool,
}

impl<'a> XAutoClaim<'a> {
    /// Takes what has been pending for `min_idle_ms`, from the first on.
    pub fn new(
        key: &'a (impl AsRef<[u8]> + ?Sized),
        group: &'a (impl AsRef<[u8]> + ?Sized),
        consumer: &'a (impl AsRef<[u8]> + ?Sized),
        min_idle_ms: u64,
    ) -> Self {
        let (key, group, consumer) = (key.as_ref(), group.as_ref(), consumer.as_ref());
        Self { key, group, consumer, min_idle_ms, start: StreamId::MIN, count: 100, only_ids: false }
    }

    /// Starts at an ID: the one that the call before returned.
    pub fn from(mut self, start: StreamId) -> Self {
        self.start = start;
        self
    }

    /// Takes `count` at most.
    pub fn count(mut self, count: u64) -> Self {
        self.count = count;
        self
    }
}

/// What was claimed.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Where to go on; `0-0`: all was looked at.
    pub next: StreamId,
    pub taken: Taken,
    /// Entries that were pending and have been deleted: they are not pending any more.
    pub deleted: Vec<StreamId>,
    changed: bool,
}

impl Emit for Outcome {
    fn emit(self, to: &mut dyn Sink) {
        to.array(3);
        self.next.emit(to);
        self.taken.emit(to);
        self.deleted.emit(to);
    }
}

/// Goes over what is pending, and returns where to go on, what was taken, what is gone.
fn sweep(
    op: &XAutoClaim<'_>,
    stream: &mut Stream,
    taking: &Taking,
) -> (StreamId, Vec<StreamId>, Vec<StreamId>) {
    const LOOKS: u64 = 10;
    let (mut left, mut looks) = (op.count, op.count.saturating_mul(LOOKS));
    let (mut next, mut taken, mut deleted) = (Some(op.start), Vec::new(), Vec::new());
    loop {
        let record =
            stream.group(op.group).zip(next).and_then(|(group, next)| group.pending().from(next).next());
        let Some(record) = record else { return (StreamId::MIN, taken, deleted) };
        if left == 0 || looks == 0 {
            return (record.id, taken, deleted);
        }
        looks -= 1;
        next = record.id.next();
        let there = stream.entry(record.id).is_some();
        if there && !taking.is_idle(&record) {
            continue;
        }
        left -= 1;
        stream.edit_group(op.group, |group| match there {
            true => taking.take(group, record.id, record.deliveries),
            false => drop(group.acknowledge(record.id)),
        });
        if there { &mut taken } else { &mut deleted }.push(record.id);
    }
}

impl<'a> Command<'a> for XAutoClaim<'a> {
    const SPEC: Spec = Spec {
        id: 0x0A0D,
        name: "XAUTOCLAIM",
        usage: "key group consumer min-idle-time start [COUNT count] [JUSTID]",
        arity: -6,
        flags: WRITE | FAST,
        keys: (1, 1, 1),
        group: Group::Stream,
        since: "6.2.0",
        complexity: "O(1) if COUNT is small.",
        summary: "Changes, or acquires, ownership of messages in a consumer group, as if the messages were delivered to a consumer group member.",
    };
    type Owned = Outcome;
    type Out<'k> = Outcome;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        // Redis keeps room for that many IDs.
        const COUNT_MAX: i64 = i64::MAX / 16;
        let (key, group, consumer) = (args.bytes()?, args.bytes()?, args.bytes()?);
        let min_idle = args.int_or(|| Error::command("ERR Invalid min-idle-time argument for XAUTOCLAIM"))?;
        let min_idle_ms = u64::try_from(min_idle).unwrap_or(0);
        let start = ids::start(args)?;
        let (mut count, mut only_ids) = (100, false);
        while !args.is_empty() {
            if args.len() > 1 && args.token("COUNT") {
                let bad = || Error::command("ERR COUNT must be > 0");
                count =
                    Some(args.int_or(bad)?).filter(|n| (1..=COUNT_MAX).contains(n)).ok_or_else(bad)? as u64;
            } else if args.token("JUSTID") {
                only_ids = true;
            } else {
                return Err(Error::syntax());
            }
        }
        Ok(Self { key, group, consumer, min_idle_ms, start, count, only_ids })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<Outcome> {
        let now_ms = view.now_ms as i64;
        let mut stream = refused::find_mut(view, self.key, self.group)?;
        let consumer = stream.edit_group(self.group, |group| {
            let (number, new) = group.consumer_or_new(self.consumer, now_ms);
            group.seen(number, now_ms);
            (number, new)
        });
        let (number, new) = consumer.unwrap_or_default();
        if new {
            XGroupCreateConsumer::say(&mut stream);
        }
        let (min_idle_ms, only_ids) = (self.min_idle_ms, self.only_ids);
        let taking =
            Taking { number, min_idle_ms, delivered_at_ms: now_ms, now_ms, deliveries: None, only_ids };
        let (next, taken, deleted) = sweep(self, &mut stream, &taking);
        let changed = new || !taken.is_empty() || !deleted.is_empty();
        if changed {
            stream.changed();
        }
        Ok(Outcome { next, taken: Taken::new(&stream, taken, only_ids), deleted, changed })
    }

    fn log(&self, outcome: &Outcome, rec: &mut Record, _now_ms: u64) {
        if !outcome.changed {
            return;
        }
        rec.command(Self::SPEC.id).bytes(self.key).bytes(self.group).bytes(self.consumer);
        rec.int(i64::try_from(self.min_idle_ms).unwrap_or(i64::MAX)).bytes(&self.start.text());
        rec.bytes(b"COUNT").int(self.count as i64);
        if self.only_ids {
            rec.bytes(b"JUSTID");
        }
    }
}

crate::cmd::row!(XAutoClaim<'_>);
