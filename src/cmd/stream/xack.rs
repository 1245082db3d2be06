//! XACK: a consumer is done with entries.
use super::ids;
use crate::{
    base::{
        atom::{Args, Record},
        emit::{Emit, Sink},
        error::Result,
    },
    cmd::{Command, FAST, Group, Spec, WRITE},
    keyspace::view::View,
    value::{Stream, stream::StreamId},
};

/// `XACK key group id [id ...]`. Removes entries from what is pending, and returns how many of them were.
#[derive(Debug, Clone)]
pub struct XAck<'a> {
    pub key: &'a [u8],
    pub group: &'a [u8],
    /// Wrong ones are of no consequence when there is no group.
    pub ids: Result<Vec<StreamId>>,
}

/// The entries that were pending.
#[derive(Debug, Clone, Default)]
pub struct Acknowledged(Vec<StreamId>);

impl Emit for Acknowledged {
    fn emit(self, to: &mut dyn Sink) {
        self.0.len().emit(to);
    }
}

impl From<Acknowledged> for usize {
    fn from(acknowledged: Acknowledged) -> Self {
        acknowledged.0.len()
    }
}

/// Writes what acknowledges some entries.
pub fn log(key: &[u8], group: &[u8], ids: &[StreamId], rec: &mut Record) {
    if !ids.is_empty() {
        rec.command(<XAck<'_> as Command<'_>>::SPEC.id).bytes(key).bytes(group);
        ids::log(ids, rec);
    }
}

impl<'a> Command<'a> for XAck<'a> {
    const SPEC: Spec = Spec {
        id: 0x0A08,
        name: "XACK",
        usage: "key group id [id ...]",
        arity: -4,
        flags: WRITE | FAST,
        keys: (1, 1, 1),
        group: Group::Stream,
        since: "5.0.0",
        complexity: "O(1) for each message ID processed.",
        summary: "Returns the number of messages that were successfully acknowledged by the consumer group member of a stream.",
    };
    type Owned = usize;
    type Out<'k> = Acknowledged;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, group: args.bytes()?, ids: ids::all_later(args) })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<Acknowledged> {
        let Some(mut stream) = view.read_mut::<Stream>(self.key)? else { return Ok(Acknowledged::default()) };
        stream.unchanged();
        if stream.group(self.group).is_none() {
            return Ok(Acknowledged::default());
        }
        let mut ids = self.ids.clone()?;
        stream.edit_group(self.group, |group| ids.retain(|id| group.acknowledge(*id).is_some()));
        if !ids.is_empty() {
            stream.changed();
        }
        Ok(Acknowledged(ids))
    }

    fn log(&self, acknowledged: &Acknowledged, rec: &mut Record, _now_ms: u64) {
        log(self.key, self.group, &acknowledged.0, rec);
    }
}

crate::cmd::row!(XAck<'_>);
