//! MSETNX: several keys at once, when none of them is there yet.
use super::mset::MSet;
use crate::{
    base::{
        atom::{Args, Record},
        emit,
        error::{Error, Result},
    },
    cmd::{Command, DENYOOM, Group, Spec, WRITE},
    keyspace::view::View,
};

/// `MSETNX key value [key value ...]`. Returns whether the keys were set: all or none.
#[derive(Debug, Clone)]
pub struct MSetNx<'a>(pub MSet<'a>);

impl<'a> Command<'a> for MSetNx<'a> {
    const SPEC: Spec = Spec {
        id: 0x0116,
        name: "MSETNX",
        usage: "key value [key value ...]",
        arity: -3,
        flags: WRITE | DENYOOM,
        keys: (1, -1, 2),
        group: Group::String,
        since: "1.0.1",
        complexity: "O(N) where N is the number of keys to set.",
        summary: "Atomically modifies the string values of one or more keys only when all keys don't exist.",
    };
    type Owned = bool;
    type Out<'k> = bool;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        if !args.len().is_multiple_of(2) {
            return Err(Error::arity(Self::SPEC.name));
        }
        MSet::parse(args).map(Self)
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.0.keys(each);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<bool> {
        let absent = !self.0.pairs.iter().any(|(key, _)| view.exists_to_write(key));
        if absent {
            self.0.run(view)?;
        }
        Ok(absent)
    }

    fn log(&self, set: &bool, rec: &mut Record, now_ms: u64) {
        if *set {
            self.0.log(&emit::Ok, rec, now_ms);
        }
    }
}

crate::cmd::row!(MSetNx<'_>);
