//! SMEMBERS: a whole set.
use crate::{
    base::{atom::Args, bytes::Bytes, emit::Sink, error::Result},
    cmd::{
        Command, Group, READ, Spec,
        held::{Kept, Reading, Shown},
    },
    keyspace::view::View,
    value::Set,
};

/// `SMEMBERS key`. Returns all members, in no particular order.
#[derive(Debug, Clone, Copy)]
pub struct SMembers<'a> {
    pub key: &'a [u8],
}

/// All members of a set.
#[derive(Debug, Clone, Copy)]
pub struct Members;

impl Reading<Set> for Members {
    fn write(&self, set: Option<&Set>, to: &mut dyn Sink) {
        to.set(set.map_or(0, Set::len));
        set.iter().flat_map(|set| set.iter()).for_each(|member| to.bytes(&member));
    }
}

impl Kept<Set, Members> {
    /// The members.
    pub fn members(&self) -> Vec<Bytes> {
        self.value.iter().flat_map(Set::iter).map(|member| Bytes::copy(&member)).collect()
    }
}

impl<'a> Command<'a> for SMembers<'a> {
    const SPEC: Spec = Spec {
        id: 0x0506,
        name: "SMEMBERS",
        usage: "key",
        arity: 2,
        flags: READ,
        keys: (1, 1, 1),
        group: Group::Set,
        since: "1.0.0",
        complexity: "O(N) where N is the set cardinality.",
        summary: "Returns all members of a set.",
    };
    type Owned = Kept<Set, Members>;
    type Out<'k> = Shown<'k, Set, Members>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Shown<'k, Set, Members>> {
        let set = view.get::<Set>(self.key)?;
        Ok(Shown::new(set, set.map_or(0, Set::len), Members))
    }
}

crate::cmd::row!(SMembers<'_>);
