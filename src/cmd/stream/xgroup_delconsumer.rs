//! XGROUP DELCONSUMER: removes a consumer.
use super::progress;
use crate::{
    base::{
        atom::{Args, Record},
        emit::{Emit, Sink},
        error::Result,
    },
    cmd::{Command, Group, Spec, WRITE},
    keyspace::{notes::Classes, view::View},
    value::Stream,
};

/// `XGROUP DELCONSUMER key group consumer`. Removes a consumer, and returns how much it had pending, which goes with it.
#[derive(Debug, Clone, Copy)]
pub struct XGroupDelConsumer<'a> {
    pub key: &'a [u8],
    pub group: &'a [u8],
    pub consumer: &'a [u8],
}

/// How much was pending; nothing when there was no such consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removed(pub Option<usize>);

impl Emit for Removed {
    fn emit(self, to: &mut dyn Sink) {
        self.0.unwrap_or(0).emit(to);
    }
}

impl From<Removed> for Option<usize> {
    fn from(removed: Removed) -> Self {
        removed.0
    }
}

impl<'a> Command<'a> for XGroupDelConsumer<'a> {
    const SPEC: Spec = Spec {
        id: 0x0A25,
        name: "XGROUP|DELCONSUMER",
        usage: "key group consumer",
        arity: 5,
        flags: WRITE,
        keys: (2, 2, 1),
        group: Group::Stream,
        since: "5.0.0",
        complexity: "O(1)",
        summary: "Deletes a consumer from a consumer group.",
    };
    type Owned = Option<usize>;
    type Out<'k> = Removed;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, group: args.bytes()?, consumer: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<Removed> {
        progress::check(view.get_to_write::<Stream>(self.key)?, self.key, self.group)?;
        let Some(mut stream) = view.get_mut::<Stream>(self.key)? else { return Ok(Removed(None)) };
        let removed = stream.edit_group(self.group, |group| group.remove_consumer(self.consumer)).flatten();
        if removed.is_none() {
            stream.unchanged();
        } else {
            stream.notify(Classes::STREAM, "xgroup-delconsumer");
        }
        Ok(Removed(removed))
    }

    fn log(&self, removed: &Removed, rec: &mut Record, _now_ms: u64) {
        if removed.0.is_some() {
            rec.command(Self::SPEC.id).bytes(self.key).bytes(self.group).bytes(self.consumer);
        }
    }
}

crate::cmd::row!(XGroupDelConsumer<'_>);
