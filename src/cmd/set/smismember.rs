//! SMISMEMBER: which of several members are there.
use crate::{
    base::{atom::Args, error::Result},
    cmd::{Command, FAST, Group, READ, Spec, args::several::Several},
    keyspace::view::View,
    value::Set,
};

/// `SMISMEMBER key member [member ...]`. Tells of each member whether it is in the set.
#[derive(Debug, Clone)]
pub struct SMIsMember<'a> {
    pub key: &'a [u8],
    pub members: Several<'a>,
}

impl<'a> Command<'a> for SMIsMember<'a> {
    const SPEC: Spec = Spec {
        id: 0x0505,
        name: "SMISMEMBER",
        usage: "key member [member ...]",
        arity: -3,
        flags: READ | FAST,
        keys: (1, 1, 1),
        group: Group::Set,
        since: "6.2.0",
        complexity: "O(N) where N is the number of elements being checked for membership",
        summary: "Determines whether multiple members belong to a set.",
    };
    type Owned = Vec<bool>;
    type Out<'k> = Vec<bool>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, members: Several::parse(args)? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Vec<bool>> {
        let set = view.get::<Set>(self.key)?;
        Ok(self.members.iter().map(|member| set.is_some_and(|set| set.contains(member))).collect())
    }
}

crate::cmd::row!(SMIsMember<'_>);
