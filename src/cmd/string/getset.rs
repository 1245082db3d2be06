//! GETSET: the old string for a new one.
use super::set::Set;
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        error::Result,
    },
    cmd::{Command, DENYOOM, FAST, Group, Spec, WRITE},
    keyspace::{
        strings::{Str, Ttl},
        view::View,
    },
};

/// `GETSET key value`. Returns what was there before; the new string has no time to live.
#[derive(Debug, Clone, Copy)]
pub struct GetSet<'a> {
    pub key: &'a [u8],
    pub value: &'a [u8],
}

impl<'a> Command<'a> for GetSet<'a> {
    const SPEC: Spec = Spec {
        id: 0x0107,
        name: "GETSET",
        usage: "key value",
        arity: 3,
        flags: WRITE | DENYOOM | FAST,
        keys: (1, 1, 1),
        group: Group::String,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Returns the previous string value of a key after setting it to a new value.",
    };
    type Owned = Option<Bytes>;
    type Out<'k> = Option<Bytes>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, value: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Option<Bytes>> {
        let old = view.string(self.key)?.map(Str::to_owned);
        Set::put(view, self.key, self.value, Ttl::Clear);
        Ok(old)
    }

    fn log(&self, _: &Option<Bytes>, rec: &mut Record, _now_ms: u64) {
        Set::record(rec, self.key, self.value, Ttl::Clear);
    }
}

crate::cmd::row!(GetSet<'_>);
