//! XINFO CONSUMERS: the consumers of a group.
use super::refused;
use crate::{
    base::{
        atom::Args,
        bytes::Bytes,
        emit::{Emit, Sink},
        error::{Error, Result},
    },
    cmd::{Command, Group, READ, Spec},
    keyspace::view::View,
    value::Stream,
};

/// `XINFO CONSUMERS key group`. Describes the consumers, by name.
#[derive(Debug, Clone, Copy)]
pub struct XInfoConsumers<'a> {
    pub key: &'a [u8],
    pub group: &'a [u8],
}

/// A consumer of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerInfo {
    pub name: Bytes,
    pub pending: usize,
    /// How long ago it asked for something.
    pub idle_ms: i64,
    /// How long ago it was given something; −1: never.
    pub inactive_ms: i64,
}

impl Emit for ConsumerInfo {
    fn emit(self, to: &mut dyn Sink) {
        to.map(4);
        to.bytes(b"name");
        to.bytes(&self.name);
        to.bytes(b"pending");
        self.pending.emit(to);
        to.bytes(b"idle");
        self.idle_ms.emit(to);
        to.bytes(b"inactive");
        self.inactive_ms.emit(to);
    }
}

impl<'a> Command<'a> for XInfoConsumers<'a> {
    const SPEC: Spec = Spec {
        id: 0x0A2B,
        name: "XINFO|CONSUMERS",
        usage: "key group",
        arity: 4,
        flags: READ,
        keys: (2, 2, 1),
        group: Group::Stream,
        since: "5.0.0",
        complexity: "O(1)",
        summary: "Returns a list of the consumers in a consumer group.",
    };
    type Owned = Vec<ConsumerInfo>;
    type Out<'k> = Vec<ConsumerInfo>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, group: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<Vec<ConsumerInfo>> {
        let now_ms = view.now_ms as i64;
        let stream = view.get::<Stream>(self.key)?.ok_or_else(Error::no_such_key)?;
        let group = stream.group(self.group).ok_or_else(|| refused::group(self.key, self.group))?;
        let consumers = group.consumers().map(|(_, consumer)| ConsumerInfo {
            name: Bytes::copy(consumer.name()),
            pending: consumer.ids().len(),
            idle_ms: now_ms.saturating_sub(consumer.seen_at_ms).max(0),
            inactive_ms: match consumer.active_at_ms {
                -1 => -1,
                at_ms => now_ms.saturating_sub(at_ms),
            },
        });
        Ok(consumers.collect())
    }
}

crate::cmd::row!(XInfoConsumers<'_>);
