//! HSETNX: a field of a hash, unless it is there.
use super::hset::HSet;
use crate::{
    base::{
        atom::{Args, Record},
        error::Result,
    },
    cmd::{Command, DENYOOM, FAST, Group, Spec, WRITE},
    keyspace::{notes::Classes, view::View},
    value::Hash,
};

/// `HSETNX key field value`. Tells whether it set the field.
#[derive(Debug, Clone, Copy)]
pub struct HSetNx<'a> {
    pub key: &'a [u8],
    pub field: &'a [u8],
    pub value: &'a [u8],
}

impl<'a> Command<'a> for HSetNx<'a> {
    const SPEC: Spec = Spec {
        id: 0x0403,
        name: "HSETNX",
        usage: "key field value",
        arity: 4,
        flags: WRITE | DENYOOM | FAST,
        keys: (1, 1, 1),
        group: Group::Hash,
        since: "2.0.0",
        complexity: "O(1)",
        summary: "Sets the value of a field in a hash only when the field doesn't exist.",
    };
    type Owned = bool;
    type Out<'k> = bool;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, field: args.bytes()?, value: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<bool> {
        let mut hash = view.get_or_new(self.key, Hash::new)?;
        if hash.contains(self.field) {
            hash.unchanged();
            return Ok(false);
        }
        let limits = hash.limits();
        let set = hash.set(self.field, self.value, &limits);
        hash.notify(Classes::HASH, "hset");
        Ok(set)
    }

    fn log(&self, set: &bool, rec: &mut Record, now_ms: u64) {
        if *set {
            HSet::one(self.key, self.field, self.value).log(&1, rec, now_ms);
        }
    }
}

crate::cmd::row!(HSetNx<'_>);
