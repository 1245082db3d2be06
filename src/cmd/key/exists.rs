//! EXISTS: which keys are there.
use crate::{
    base::{atom::Args, error::Result},
    cmd::{Command, FAST, Group, READ, Spec, args::several::Several},
    keyspace::view::View,
};

/// `EXISTS key [key ...]`. Returns how many of the keys are there; one that is named twice counts twice.
#[derive(Debug, Clone)]
pub struct Exists<'a> {
    pub keys: Several<'a>,
}

impl<'a> Command<'a> for Exists<'a> {
    const SPEC: Spec = Spec {
        id: 0x0203,
        name: "EXISTS",
        usage: "key [key ...]",
        arity: -2,
        flags: READ | FAST,
        keys: (1, -1, 1),
        group: Group::Generic,
        since: "1.0.0",
        complexity: "O(N) where N is the number of keys to check.",
        summary: "Determines whether one or more keys exist.",
    };
    type Owned = u64;
    type Out<'k> = u64;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { keys: Several::parse(args)? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.keys.iter().for_each(|key| each(key));
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<u64> {
        Ok(self.keys.iter().filter(|key| view.exists(key)).count() as u64)
    }
}

crate::cmd::row!(Exists<'_>);
