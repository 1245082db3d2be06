//! ZCARD: the number of members.
use crate::{
    base::{atom::Args, error::Result},
    cmd::{Command, FAST, Group, READ, Spec},
    keyspace::view::View,
    value::ZSet,
};

/// `ZCARD key`. Returns the number of members, 0 when there is no such key.
#[derive(Debug, Clone, Copy)]
pub struct ZCard<'a> {
    pub key: &'a [u8],
}

impl<'a> Command<'a> for ZCard<'a> {
    const SPEC: Spec = Spec {
        id: 0x0606,
        name: "ZCARD",
        usage: "key",
        arity: 2,
        flags: READ | FAST,
        keys: (1, 1, 1),
        group: Group::SortedSet,
        since: "1.2.0",
        complexity: "O(1)",
        summary: "Returns the number of members in a sorted set.",
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
        Ok(view.get::<ZSet>(self.key)?.map_or(0, ZSet::len) as u64)
    }
}

crate::cmd::row!(ZCard<'_>);
