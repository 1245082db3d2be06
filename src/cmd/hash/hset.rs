//! HSET: fields of a hash.
use crate::{
    base::{
        atom::{Args, Record},
        error::Result,
    },
    cmd::{Command, DENYOOM, FAST, Group, Spec, WRITE, args::pairs::Pairs},
    keyspace::{notes::Classes, view::View},
    value::Hash,
};

/// `HSET key field value [field value ...]`. Returns how many of the fields are new.
#[derive(Debug, Clone)]
pub struct HSet<'a> {
    pub key: &'a [u8],
    pub pairs: Pairs<'a>,
}

impl<'a> HSet<'a> {
    /// Sets one field.
    pub fn one(key: &'a [u8], field: &'a [u8], value: &'a [u8]) -> Self {
        Self { key, pairs: Pairs::One((field, value)) }
    }

    /// Reads key and pairs; `name` is the command's, for the error.
    pub(super) fn read(args: &mut Args<'a>, name: &str) -> Result<Self> {
        Ok(Self { key: args.bytes()?, pairs: Pairs::parse(args, name)? })
    }
}

impl<'a> Command<'a> for HSet<'a> {
    const SPEC: Spec = Spec {
        id: 0x0401,
        name: "HSET",
        usage: "key field value [field value ...]",
        arity: -4,
        flags: WRITE | DENYOOM | FAST,
        keys: (1, 1, 1),
        group: Group::Hash,
        since: "2.0.0",
        complexity: "O(1) for each field/value pair added, so O(N) to add N field/value pairs when the command is called with multiple field/value pairs.",
        summary: "Creates or modifies the value of a field in a hash.",
    };
    type Owned = u64;
    type Out<'k> = u64;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Self::read(args, Self::SPEC.name)
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<u64> {
        if self.pairs.is_empty() {
            return Ok(0);
        }
        let mut hash = view.get_or_new(self.key, Hash::new)?;
        let limits = hash.limits();
        let strings = self.pairs.iter().flat_map(|(field, value)| [*field, *value]);
        hash.expect(self.pairs.len(), strings, &limits);
        let added = self.pairs.iter().filter(|(field, value)| hash.set(field, value, &limits)).count();
        hash.notify(Classes::HASH, "hset");
        Ok(added as u64)
    }

    fn log(&self, _: &u64, rec: &mut Record, _now_ms: u64) {
        if !self.pairs.is_empty() {
            rec.command(Self::SPEC.id).bytes(self.key);
            self.pairs.log(rec);
        }
    }
}

crate::cmd::row!(HSet<'_>);
