//! SISMEMBER: whether a member is there.
use crate::{
    base::{atom::Args, error::Result},
    cmd::{Command, FAST, Group, READ, Spec},
    keyspace::view::View,
    value::Set,
};

/// `SISMEMBER key member`. Tells whether `member` is in the set.
#[derive(Debug, Clone, Copy)]
pub struct SIsMember<'a> {
    pub key: &'a [u8],
    pub member: &'a [u8],
}

impl<'a> Command<'a> for SIsMember<'a> {
    const SPEC: Spec = Spec {
        id: 0x0504,
        name: "SISMEMBER",
        usage: "key member",
        arity: 3,
        flags: READ | FAST,
        keys: (1, 1, 1),
        group: Group::Set,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Determines whether a member belongs to a set.",
    };
    type Owned = bool;
    type Out<'k> = bool;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, member: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<bool> {
        Ok(view.get::<Set>(self.key)?.is_some_and(|set| set.contains(self.member)))
    }
}

crate::cmd::row!(SIsMember<'_>);
