//! XLEN: the number of entries.
use crate::{
    base::{atom::Args, error::Result},
    cmd::{Command, FAST, Group, READ, Spec},
    keyspace::view::View,
    value::Stream,
};

/// `XLEN key`. Returns the number of entries; 0 when there is no stream.
#[derive(Debug, Clone, Copy)]
pub struct XLen<'a> {
    pub key: &'a [u8],
}

impl<'a> Command<'a> for XLen<'a> {
    const SPEC: Spec = Spec {
        id: 0x0A02,
        name: "XLEN",
        usage: "key",
        arity: 2,
        flags: READ | FAST,
        keys: (1, 1, 1),
        group: Group::Stream,
        since: "5.0.0",
        complexity: "O(1)",
        summary: "Returns the number of messages in a stream.",
    };
    type Owned = usize;
    type Out<'k> = usize;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<usize> {
        Ok(view.get::<Stream>(self.key)?.map_or(0, Stream::len))
    }
}

crate::cmd::row!(XLen<'_>);
