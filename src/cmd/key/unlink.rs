//! UNLINK: removes keys.
use super::del::Del;
use crate::{
    base::{
        atom::{Args, Record},
        error::Result,
    },
    cmd::{Command, FAST, Group, Spec, WRITE},
    keyspace::view::View,
};

/// `UNLINK key [key ...]`. As DEL: either frees big values after the locks have gone.
#[derive(Debug, Clone)]
pub struct Unlink<'a>(pub Del<'a>);

impl<'a> Command<'a> for Unlink<'a> {
    const SPEC: Spec = Spec {
        id: 0x0202,
        name: "UNLINK",
        usage: "key [key ...]",
        arity: -2,
        flags: WRITE | FAST,
        keys: (1, -1, 1),
        group: Group::Generic,
        since: "4.0.0",
        complexity: "O(1) for each key removed regardless of its size. Then the command does O(N) work in a different thread in order to reclaim memory, where N is the number of allocations the deleted objects where composed of.",
        summary: "Asynchronously deletes one or more keys.",
    };
    type Owned = u64;
    type Out<'k> = u64;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Del::parse(args).map(Self)
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.0.keys(each);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<u64> {
        self.0.run(view)
    }

    fn log(&self, out: &u64, rec: &mut Record, now_ms: u64) {
        self.0.log(out, rec, now_ms);
    }
}

crate::cmd::row!(Unlink<'_>);
