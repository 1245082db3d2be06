//! GETDEL: a string, for the last time.
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        error::Result,
    },
    cmd::{Command, FAST, Group, Spec, WRITE, key::del::Del},
    keyspace::{strings::Str, view::View},
};

/// `GETDEL key`. Returns the string at `key`, or nothing, and removes the key.
#[derive(Debug, Clone, Copy)]
pub struct GetDel<'a> {
    pub key: &'a [u8],
}

impl<'a> Command<'a> for GetDel<'a> {
    const SPEC: Spec = Spec {
        id: 0x0109,
        name: "GETDEL",
        usage: "key",
        arity: 2,
        flags: WRITE | FAST,
        keys: (1, 1, 1),
        group: Group::String,
        since: "6.2.0",
        complexity: "O(1)",
        summary: "Returns the string value of a key after deleting the key.",
    };
    type Owned = Option<Bytes>;
    type Out<'k> = Option<Bytes>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Option<Bytes>> {
        let old = view.string(self.key)?.map(Str::to_owned);
        if old.is_some() {
            view.delete(self.key);
        }
        Ok(old)
    }

    fn log(&self, old: &Option<Bytes>, rec: &mut Record, _now_ms: u64) {
        if old.is_some() {
            Del::record(rec, self.key);
        }
    }
}

crate::cmd::row!(GetDel<'_>);
