//! ZSCORE: the score of a member.
use crate::{
    base::{atom::Args, error::Result},
    cmd::{Command, FAST, Group, READ, Spec},
    keyspace::view::View,
    value::ZSet,
};

/// `ZSCORE key member`. Returns the member's score, or nothing.
#[derive(Debug, Clone, Copy)]
pub struct ZScore<'a> {
    pub key: &'a [u8],
    pub member: &'a [u8],
}

impl<'a> Command<'a> for ZScore<'a> {
    const SPEC: Spec = Spec {
        id: 0x0603,
        name: "ZSCORE",
        usage: "key member",
        arity: 3,
        flags: READ | FAST,
        keys: (1, 1, 1),
        group: Group::SortedSet,
        since: "1.2.0",
        complexity: "O(1)",
        summary: "Returns the score of a member in a sorted set.",
    };
    type Owned = Option<f64>;
    type Out<'k> = Option<f64>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, member: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Option<f64>> {
        Ok(view.get::<ZSet>(self.key)?.and_then(|set| set.score(self.member)))
    }
}

crate::cmd::row!(ZScore<'_>);
