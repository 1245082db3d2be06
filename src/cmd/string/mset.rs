//! MSET: several keys at once.
use super::set::Set;
use crate::{
    base::{
        atom::{Args, Record},
        emit,
        error::{Error, Result},
    },
    cmd::{Command, DENYOOM, Group, Spec, WRITE},
    keyspace::{strings::Ttl, view::View},
};

/// `MSET key value [key value ...]`. Sets every key, or none.
#[derive(Debug, Clone)]
pub struct MSet<'a> {
    pub pairs: Vec<(&'a [u8], &'a [u8])>,
}

impl<'a> MSet<'a> {
    /// Sets all of `pairs`.
    pub fn new(pairs: &'a [(impl AsRef<[u8]>, impl AsRef<[u8]>)]) -> Self {
        Self { pairs: pairs.iter().map(|(key, value)| (key.as_ref(), value.as_ref())).collect() }
    }
}

impl<'a> Command<'a> for MSet<'a> {
    const SPEC: Spec = Spec {
        id: 0x0102,
        name: "MSET",
        usage: "key value [key value ...]",
        arity: -3,
        flags: WRITE | DENYOOM,
        keys: (1, -1, 2),
        group: Group::String,
        since: "1.0.1",
        complexity: "O(N) where N is the number of keys to set.",
        summary: "Atomically creates or modifies the string values of one or more keys.",
    };
    type Owned = ();
    type Out<'k> = emit::Ok;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        if !args.len().is_multiple_of(2) {
            return Err(Error::arity(Self::SPEC.name));
        }
        let mut pairs = Vec::with_capacity(args.len() / 2);
        while !args.is_empty() {
            pairs.push((args.bytes()?, args.bytes()?));
        }
        Ok(Self { pairs })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.pairs.iter().for_each(|(key, _)| each(key));
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<emit::Ok> {
        for (key, value) in &self.pairs {
            Set::put(view, key, value, Ttl::Clear);
        }
        Ok(emit::Ok)
    }

    fn log(&self, _: &emit::Ok, rec: &mut Record, _now_ms: u64) {
        rec.command(Self::SPEC.id);
        for (key, value) in &self.pairs {
            rec.bytes(key).bytes(value);
        }
    }
}

crate::cmd::row!(MSet<'_>);
