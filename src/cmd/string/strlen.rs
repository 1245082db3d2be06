//! STRLEN: how long a string is.
use crate::{
    base::{atom::Args, error::Result},
    cmd::{Command, FAST, Group, READ, Spec},
    keyspace::{strings::Str, view::View},
};

/// `STRLEN key`. Returns the length in bytes, 0 when there is no such key.
#[derive(Debug, Clone, Copy)]
pub struct StrLen<'a> {
    pub key: &'a [u8],
}

impl<'a> Command<'a> for StrLen<'a> {
    const SPEC: Spec = Spec {
        id: 0x010B,
        name: "STRLEN",
        usage: "key",
        arity: 2,
        flags: READ | FAST,
        keys: (1, 1, 1),
        group: Group::String,
        since: "2.2.0",
        complexity: "O(1)",
        summary: "Returns the length of a string value.",
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
        Ok(view.string(self.key)?.map_or(0, Str::len) as u64)
    }
}

crate::cmd::row!(StrLen<'_>);
