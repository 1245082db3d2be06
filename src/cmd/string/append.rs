//! APPEND: more at the end of a string.
use super::fits;
use crate::{
    base::{
        atom::{Args, Record},
        error::Result,
    },
    cmd::{Command, DENYOOM, FAST, Group, Spec, WRITE},
    keyspace::{notes::Classes, strings::Ttl, view::View},
};

/// `APPEND key value`. Returns the new length. Without such a key it is set to `value`.
#[derive(Debug, Clone, Copy)]
pub struct Append<'a> {
    pub key: &'a [u8],
    pub value: &'a [u8],
}

impl<'a> Command<'a> for Append<'a> {
    const SPEC: Spec = Spec {
        id: 0x010C,
        name: "APPEND",
        usage: "key value",
        arity: 3,
        flags: WRITE | DENYOOM | FAST,
        keys: (1, 1, 1),
        group: Group::String,
        since: "2.0.0",
        complexity: "O(1). The amortized time complexity is O(1) assuming the appended value is small and the already present value is of any size, since the dynamic string library used by the server will double the free space available on every reallocation.",
        summary: "Appends a string to the value of a key. Creates the key if it doesn't exist.",
    };
    type Owned = u64;
    type Out<'k> = u64;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, value: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<u64> {
        let len = if view.exists_to_write(self.key) {
            view.edit(self.key, |data| {
                fits(data.len(), self.value.len())?;
                data.extend_from_slice(self.value);
                Ok(data.len() as u64)
            })?
        } else {
            view.set(self.key, self.value, Ttl::Clear);
            self.value.len() as u64
        };
        view.notify(Classes::STRING, "append", self.key);
        Ok(len)
    }

    fn log(&self, _: &u64, rec: &mut Record, _now_ms: u64) {
        rec.command(Self::SPEC.id).bytes(self.key).bytes(self.value);
    }
}

crate::cmd::row!(Append<'_>);
