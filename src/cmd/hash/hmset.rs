//! HMSET: HSET with another reply.
use super::hset::HSet;
use crate::{
    base::{
        atom::{Args, Record},
        emit,
        error::Result,
    },
    cmd::{Command, DENYOOM, FAST, Group, Spec, WRITE},
    keyspace::view::View,
};

/// `HMSET key field value [field value ...]`. What HSET does, without a number.
#[derive(Debug, Clone)]
pub struct HMSet<'a>(pub HSet<'a>);

impl<'a> Command<'a> for HMSet<'a> {
    const SPEC: Spec = Spec {
        id: 0x0402,
        name: "HMSET",
        complexity: "O(N) where N is the number of fields being set.",
        summary: "Sets the values of multiple fields.",
        usage: "key field value [field value ...]",
        arity: -4,
        flags: WRITE | DENYOOM | FAST,
        keys: (1, 1, 1),
        group: Group::Hash,
        since: "2.0.0",
    };
    type Owned = ();
    type Out<'k> = emit::Ok;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        HSet::read(args, Self::SPEC.name).map(Self)
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.0.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<emit::Ok> {
        self.0.run(view).map(|_| emit::Ok)
    }

    fn log(&self, _: &emit::Ok, rec: &mut Record, now_ms: u64) {
        self.0.log(&0, rec, now_ms);
    }
}

crate::cmd::row!(HMSet<'_>);
