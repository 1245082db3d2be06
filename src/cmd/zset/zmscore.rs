//! ZMSCORE: the scores of several members.
use crate::{
    base::{atom::Args, error::Result},
    cmd::{Command, FAST, Group, READ, Spec, args::several::Several},
    keyspace::view::View,
    value::ZSet,
};

/// `ZMSCORE key member [member ...]`. Returns each member's score, or nothing in its place.
#[derive(Debug, Clone)]
pub struct ZMScore<'a> {
    pub key: &'a [u8],
    pub members: Several<'a>,
}

impl<'a> Command<'a> for ZMScore<'a> {
    const SPEC: Spec = Spec {
        id: 0x0604,
        name: "ZMSCORE",
        usage: "key member [member ...]",
        arity: -3,
        flags: READ | FAST,
        keys: (1, 1, 1),
        group: Group::SortedSet,
        since: "6.2.0",
        complexity: "O(N) where N is the number of members being requested.",
        summary: "Returns the score of one or more members in a sorted set.",
    };
    type Owned = Vec<Option<f64>>;
    type Out<'k> = Vec<Option<f64>>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, members: Several::parse(args)? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Vec<Option<f64>>> {
        let set = view.get::<ZSet>(self.key)?;
        Ok(self.members.iter().map(|member| set?.score(member)).collect())
    }
}

crate::cmd::row!(ZMScore<'_>);
