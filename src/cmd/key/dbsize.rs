//! DBSIZE: how many keys there are.
use crate::{
    base::{atom::Args, error::Result},
    cmd::{Command, FAST, Group, READ, Reach, Spec},
    keyspace::view::View,
};

/// `DBSIZE`. Keys that are past their time count until their memory is given back, as in Redis.
#[derive(Debug, Clone, Copy)]
pub struct DbSize;

impl<'a> Command<'a> for DbSize {
    const SPEC: Spec = Spec {
        id: 0x0220,
        name: "DBSIZE",
        usage: "",
        arity: 1,
        flags: READ | FAST,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Returns the number of keys in the database.",
    };
    type Owned = u64;
    type Out<'k> = u64;

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn keys(&self, _: &mut dyn FnMut(&'a [u8])) {}

    fn reach(&self) -> Reach {
        Reach::All
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<u64> {
        Ok(view.len(view.db) as u64)
    }
}

crate::cmd::row!(DbSize);
