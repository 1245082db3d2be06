//! LLEN: the length of a list.
use crate::{
    base::{atom::Args, error::Result},
    cmd::{Command, FAST, Group, READ, Spec},
    keyspace::view::View,
    value::list::List,
};

/// `LLEN key`. Returns the number of elements, 0 when there is no list.
#[derive(Debug, Clone, Copy)]
pub struct LLen<'a> {
    pub key: &'a [u8],
}

impl<'a> Command<'a> for LLen<'a> {
    const SPEC: Spec = Spec {
        id: 0x0307,
        name: "LLEN",
        usage: "key",
        arity: 2,
        flags: READ | FAST,
        keys: (1, 1, 1),
        group: Group::List,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Returns the length of a list.",
    };
    type Owned = u64;
    type Out<'k> = u64;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<u64> {
        Ok(view.get::<List>(self.key)?.map_or(0, |list| list.len() as u64))
    }
}

crate::cmd::row!(LLen<'_>);
