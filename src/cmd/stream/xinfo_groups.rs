//! XINFO GROUPS: the consumer groups of a stream.
use crate::{
    base::{
        atom::Args,
        bytes::Bytes,
        emit::{Emit, Sink},
        error::{Error, Result},
    },
    cmd::{Command, Group, READ, Spec},
    keyspace::view::View,
    value::{Stream, stream::StreamId},
};

/// `XINFO GROUPS key`. Describes the groups, by name.
#[derive(Debug, Clone, Copy)]
pub struct XInfoGroups<'a> {
    pub key: &'a [u8],
}

/// A consumer group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupInfo {
    pub name: Bytes,
    pub consumers: usize,
    pub pending: usize,
    pub last_delivered_id: StreamId,
    /// How many entries it has read since the first one ever, where that is known.
    pub entries_read: Option<i64>,
    /// How many entries it has not read yet, where that is known.
    pub lag: Option<i64>,
}

impl Emit for GroupInfo {
    fn emit(self, to: &mut dyn Sink) {
        to.map(6);
        to.bytes(b"name");
        to.bytes(&self.name);
        to.bytes(b"consumers");
        self.consumers.emit(to);
        to.bytes(b"pending");
        self.pending.emit(to);
        to.bytes(b"last-delivered-id");
        self.last_delivered_id.emit(to);
        to.bytes(b"entries-read");
        self.entries_read.emit(to);
        to.bytes(b"lag");
        self.lag.emit(to);
    }
}

impl<'a> Command<'a> for XInfoGroups<'a> {
    const SPEC: Spec = Spec {
        id: 0x0A2A,
        name: "XINFO|GROUPS",
        usage: "key",
        arity: 3,
        flags: READ,
        keys: (2, 2, 1),
        group: Group::Stream,
        since: "5.0.0",
        complexity: "O(1)",
        summary: "Returns a list of the consumer groups of a stream.",
    };
    type Owned = Vec<GroupInfo>;
    type Out<'k> = Vec<GroupInfo>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<Vec<GroupInfo>> {
        let stream = view.get::<Stream>(self.key)?.ok_or_else(Error::no_such_key)?;
        let groups = stream.groups().map(|group| GroupInfo {
            name: Bytes::copy(group.name()),
            consumers: group.consumers().len(),
            pending: group.pending().len(),
            last_delivered_id: group.last_id,
            entries_read: group.entries_read,
            lag: stream.lag(group),
        });
        Ok(groups.collect())
    }
}

crate::cmd::row!(XInfoGroups<'_>);
