//! HEXISTS: whether a field is there.
use crate::{
    base::{atom::Args, error::Result},
    cmd::{Command, FAST, Group, READ, Spec},
    keyspace::view::View,
    value::Hash,
};

/// `HEXISTS key field`. Tells whether there is the field.
#[derive(Debug, Clone, Copy)]
pub struct HExists<'a> {
    pub key: &'a [u8],
    pub field: &'a [u8],
}

impl<'a> Command<'a> for HExists<'a> {
    const SPEC: Spec = Spec {
        id: 0x040A,
        name: "HEXISTS",
        usage: "key field",
        arity: 3,
        flags: READ | FAST,
        keys: (1, 1, 1),
        group: Group::Hash,
        since: "2.0.0",
        complexity: "O(1)",
        summary: "Determines whether a field exists in a hash.",
    };
    type Owned = bool;
    type Out<'k> = bool;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, field: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<bool> {
        Ok(view.get::<Hash>(self.key)?.is_some_and(|hash| hash.contains(self.field)))
    }
}

crate::cmd::row!(HExists<'_>);
