//! SETNX: a string at a key that is not there yet.
use super::set::Set;
use crate::{
    base::{
        atom::{Args, Record},
        error::Result,
    },
    cmd::{Command, DENYOOM, FAST, Group, Spec, WRITE},
    keyspace::{strings::Ttl, view::View},
};

/// `SETNX key value`. Returns whether the key was set.
#[derive(Debug, Clone, Copy)]
pub struct SetNx<'a> {
    pub key: &'a [u8],
    pub value: &'a [u8],
}

impl<'a> Command<'a> for SetNx<'a> {
    const SPEC: Spec = Spec {
        id: 0x0104,
        name: "SETNX",
        usage: "key value",
        arity: 3,
        flags: WRITE | DENYOOM | FAST,
        keys: (1, 1, 1),
        group: Group::String,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Sets the string value of a key only when the key doesn't exist.",
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
        let absent = !view.exists_to_write(self.key);
        if absent {
            Set::put(view, self.key, self.value, Ttl::Clear);
        }
        Ok(absent)
    }

    fn log(&self, set: &bool, rec: &mut Record, _now_ms: u64) {
        if *set {
            Set::record(rec, self.key, self.value, Ttl::Clear);
        }
    }
}

crate::cmd::row!(SetNx<'_>);
