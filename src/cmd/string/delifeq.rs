//! DELIFEQ: removes a key that holds just this string, as the owner of a lock does.
use crate::{
    base::{
        atom::{Args, Record},
        error::Result,
    },
    cmd::{Command, FAST, Group, Spec, WRITE, key::del::Del},
    keyspace::view::View,
};

/// `DELIFEQ key value`. Returns whether the key held `value` and was removed.
#[derive(Debug, Clone, Copy)]
pub struct DelIfEq<'a> {
    pub key: &'a [u8],
    pub value: &'a [u8],
}

impl<'a> Command<'a> for DelIfEq<'a> {
    const SPEC: Spec = Spec {
        id: 0x010A,
        name: "DELIFEQ",
        usage: "key value",
        arity: 3,
        flags: WRITE | FAST,
        keys: (1, 1, 1),
        group: Group::String,
        since: "9.0.0",
        complexity: "O(1)",
        summary: "Delete key if value matches string.",
    };
    type Owned = bool;
    type Out<'k> = bool;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, value: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<bool> {
        let equal = view.string_to_write(self.key)?.is_some_and(|old| old.with(|old| old == self.value));
        Ok(equal && view.delete(self.key))
    }

    fn log(&self, removed: &bool, rec: &mut Record, _now_ms: u64) {
        if *removed {
            Del::record(rec, self.key);
        }
    }
}

crate::cmd::row!(DelIfEq<'_>);
