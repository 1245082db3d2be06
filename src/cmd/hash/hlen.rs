//! HLEN: how many fields a hash has.
use crate::{
    base::{atom::Args, error::Result},
    cmd::{Command, FAST, Group, READ, Spec},
    keyspace::view::View,
    value::Hash,
};

/// `HLEN key`. Returns the number of fields.
#[derive(Debug, Clone, Copy)]
pub struct HLen<'a> {
    pub key: &'a [u8],
}

impl<'a> Command<'a> for HLen<'a> {
    const SPEC: Spec = Spec {
        id: 0x0409,
        name: "HLEN",
        usage: "key",
        arity: 2,
        flags: READ | FAST,
        keys: (1, 1, 1),
        group: Group::Hash,
        since: "2.0.0",
        complexity: "O(1)",
        summary: "Returns the number of fields in a hash.",
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
        Ok(view.get::<Hash>(self.key)?.map_or(0, |hash| hash.len() as u64))
    }
}

crate::cmd::row!(HLen<'_>);
