//! SETRANGE: writes over a part of a string.
use super::fits;
use crate::{
    base::{
        atom::{Args, Record},
        error::{Error, Result},
    },
    cmd::{Command, DENYOOM, Group, Spec, WRITE},
    keyspace::{notes::Classes, strings::Str, view::View},
};

/// `SETRANGE key offset value`. Returns the new length. What is missing before `offset` becomes zero bytes.
#[derive(Debug, Clone, Copy)]
pub struct SetRange<'a> {
    pub key: &'a [u8],
    pub offset: usize,
    pub value: &'a [u8],
}

impl<'a> Command<'a> for SetRange<'a> {
    const SPEC: Spec = Spec {
        id: 0x010D,
        name: "SETRANGE",
        usage: "key offset value",
        arity: 4,
        flags: WRITE | DENYOOM,
        keys: (1, 1, 1),
        group: Group::String,
        since: "2.2.0",
        complexity: "O(1), not counting the time taken to copy the new string in place. Usually, this string is very small so the amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of the value argument.",
        summary: "Overwrites a part of a string value with another by an offset. Creates the key if it doesn't exist.",
    };
    type Owned = u64;
    type Out<'k> = u64;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let (key, offset, value) = (args.bytes()?, args.int()?, args.bytes()?);
        let offset = usize::try_from(offset).map_err(|_| Error::command("ERR offset is out of range"))?;
        Ok(Self { key, offset, value })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<u64> {
        if self.value.is_empty() {
            return Ok(view.string_to_write(self.key)?.map_or(0, Str::len) as u64);
        }
        let len = view.edit(self.key, |data| {
            fits(self.offset, self.value.len())?;
            let end = self.offset + self.value.len();
            if data.len() < end {
                data.resize(end, 0);
            }
            data[self.offset..end].copy_from_slice(self.value);
            Ok(data.len() as u64)
        })?;
        view.notify(Classes::STRING, "setrange", self.key);
        Ok(len)
    }

    fn log(&self, _: &u64, rec: &mut Record, _now_ms: u64) {
        if !self.value.is_empty() {
            rec.command(Self::SPEC.id).bytes(self.key).int(self.offset as i64).bytes(self.value);
        }
    }
}

crate::cmd::row!(SetRange<'_>);
