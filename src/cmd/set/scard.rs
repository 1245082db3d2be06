//! SCARD: how many members a set has.
use crate::{
    base::{atom::Args, error::Result},
    cmd::{Command, FAST, Group, READ, Spec},
    keyspace::view::View,
    value::Set,
};

/// `SCARD key`. Returns the number of members.
#[derive(Debug, Clone, Copy)]
pub struct SCard<'a> {
    pub key: &'a [u8],
}

impl<'a> Command<'a> for SCard<'a> {
    const SPEC: Spec = Spec {
        id: 0x0503,
        name: "SCARD",
        usage: "key",
        arity: 2,
        flags: READ | FAST,
        keys: (1, 1, 1),
        group: Group::Set,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Returns the number of members in a set.",
    };
    type Owned = u64;
    type Out<'k> = u64;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<u64> {
        Ok(view.get::<Set>(self.key)?.map_or(0, |set| set.len() as u64))
    }
}

crate::cmd::row!(SCard<'_>);
