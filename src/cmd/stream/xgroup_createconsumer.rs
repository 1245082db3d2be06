//! XGROUP CREATECONSUMER: makes a consumer.
use super::progress;
use crate::{
    base::{
        atom::{Args, Record},
        error::Result,
    },
    cmd::{Command, DENYOOM, Group, Spec, WRITE},
    keyspace::{
        notes::Classes,
        view::{Mut, View},
    },
    value::Stream,
};

/// `XGROUP CREATECONSUMER key group consumer`. Makes a consumer, and tells whether there was none of that name.
#[derive(Debug, Clone, Copy)]
pub struct XGroupCreateConsumer<'a> {
    pub key: &'a [u8],
    pub group: &'a [u8],
    pub consumer: &'a [u8],
}

impl XGroupCreateConsumer<'_> {
    /// Says that a consumer was made: also by a command that just named it.
    pub(super) fn say(stream: &mut Mut<'_, Stream>) {
        stream.notify(Classes::STREAM, "xgroup-createconsumer");
    }
}

impl<'a> Command<'a> for XGroupCreateConsumer<'a> {
    const SPEC: Spec = Spec {
        id: 0x0A24,
        name: "XGROUP|CREATECONSUMER",
        usage: "key group consumer",
        arity: 5,
        flags: WRITE | DENYOOM,
        keys: (2, 2, 1),
        group: Group::Stream,
        since: "6.2.0",
        complexity: "O(1)",
        summary: "Creates a consumer in a consumer group.",
    };
    type Owned = bool;
    type Out<'k> = bool;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, group: args.bytes()?, consumer: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<bool> {
        let now_ms = view.now_ms as i64;
        progress::check(view.get_to_write::<Stream>(self.key)?, self.key, self.group)?;
        let Some(mut stream) = view.get_mut::<Stream>(self.key)? else { return Ok(false) };
        let made = stream.edit_group(self.group, |group| group.consumer_or_new(self.consumer, now_ms).1);
        if made == Some(true) {
            Self::say(&mut stream);
        } else {
            stream.unchanged();
        }
        Ok(made == Some(true))
    }

    fn log(&self, made: &bool, rec: &mut Record, _now_ms: u64) {
        if *made {
            rec.command(Self::SPEC.id).bytes(self.key).bytes(self.group).bytes(self.consumer);
        }
    }
}

crate::cmd::row!(XGroupCreateConsumer<'_>);
