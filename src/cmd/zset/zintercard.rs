//! ZINTERCARD: how many members several sets have in common.
use super::algebra::{Operands, Operation};
use crate::{
    base::{atom::Args, error::Result},
    cmd::{Command, Group, MOVABLE_KEYS, READ, Spec, args::count},
    keyspace::view::View,
};

/// `ZINTERCARD numkeys key [key ...] [LIMIT limit]`. Returns the number of members, at most `limit`.
#[derive(Debug, Clone)]
pub struct ZInterCard<'a> {
    pub operands: Operands<'a>,
    /// 0: no limit.
    pub limit: u64,
}

impl<'a> Command<'a> for ZInterCard<'a> {
    const SPEC: Spec = Spec {
        id: 0x061F,
        name: "ZINTERCARD",
        usage: "numkeys key [key ...] [LIMIT limit]",
        arity: -3,
        flags: READ | MOVABLE_KEYS,
        keys: (0, 0, 0),
        group: Group::SortedSet,
        since: "7.0.0",
        complexity: "O(N*K) worst case with N being the smallest input sorted set, K being the number of input sorted sets.",
        summary: "Returns the number of members of the intersect of multiple sorted sets.",
    };
    type Owned = u64;
    type Out<'k> = u64;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let mut limit = 0;
        let operands = Operands::parse(args, Self::SPEC.name, false, &mut |args| {
            let said = args.len() > 1 && args.token("LIMIT");
            if said {
                limit = count::unsigned_or(args, "ERR LIMIT can't be negative")?;
            }
            Ok(said)
        })?;
        Ok(Self { operands, limit })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.operands.keys.iter().for_each(|key| each(key));
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<u64> {
        let inputs = self.operands.inputs(view)?;
        let limit = if self.limit == 0 { u64::MAX } else { self.limit };
        Ok(self.operands.plan(Operation::Intersection).count(&inputs, limit))
    }
}

crate::cmd::row!(ZInterCard<'_>);
