//! XGROUP DESTROY: removes a consumer group.
use super::progress;
use crate::{
    base::{
        atom::{Args, Record},
        error::Result,
    },
    cmd::{Command, Group, Spec, WRITE},
    keyspace::{notes::Classes, view::View},
    value::Stream,
};

/// `XGROUP DESTROY key group`. Removes a group with all that is pending in it, and tells whether there was one.
#[derive(Debug, Clone, Copy)]
pub struct XGroupDestroy<'a> {
    pub key: &'a [u8],
    pub group: &'a [u8],
}

impl<'a> Command<'a> for XGroupDestroy<'a> {
    const SPEC: Spec = Spec {
        id: 0x0A23,
        name: "XGROUP|DESTROY",
        usage: "key group",
        arity: 4,
        flags: WRITE,
        keys: (2, 2, 1),
        group: Group::Stream,
        since: "5.0.0",
        complexity: "O(N) where N is the number of entries in the group's pending entries list (PEL).",
        summary: "Destroys a consumer group.",
    };
    type Owned = bool;
    type Out<'k> = bool;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, group: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<bool> {
        let mut stream = view.get_mut::<Stream>(self.key)?.ok_or_else(progress::no_key)?;
        let removed = stream.remove_group(self.group);
        if removed {
            stream.notify(Classes::STREAM, "xgroup-destroy");
        } else {
            stream.unchanged();
        }
        Ok(removed)
    }

    fn log(&self, removed: &bool, rec: &mut Record, _now_ms: u64) {
        if *removed {
            rec.command(Self::SPEC.id).bytes(self.key).bytes(self.group);
        }
    }
}

crate::cmd::row!(XGroupDestroy<'_>);
