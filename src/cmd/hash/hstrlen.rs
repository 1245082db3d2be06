//! HSTRLEN: how long a value is.
use crate::{
    base::{atom::Args, error::Result},
    cmd::{Command, FAST, Group, READ, Spec},
    keyspace::view::View,
    value::Hash,
};

/// `HSTRLEN key field`. Returns the length of the field's value in bytes, 0 when there is no such field.
#[derive(Debug, Clone, Copy)]
pub struct HStrLen<'a> {
    pub key: &'a [u8],
    pub field: &'a [u8],
}

impl<'a> Command<'a> for HStrLen<'a> {
    const SPEC: Spec = Spec {
        id: 0x040B,
        name: "HSTRLEN",
        usage: "key field",
        arity: 3,
        flags: READ | FAST,
        keys: (1, 1, 1),
        group: Group::Hash,
        since: "3.2.0",
        complexity: "O(1)",
        summary: "Returns the length of the value of a field.",
    };
    type Owned = u64;
    type Out<'k> = u64;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, field: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<u64> {
        Ok(view.get::<Hash>(self.key)?.map_or(0, |hash| hash.value_len(self.field) as u64))
    }
}

crate::cmd::row!(HStrLen<'_>);
