//! TOUCH: keys were used.
use super::exists::Exists;
use crate::{
    base::{atom::Args, error::Result},
    cmd::{Command, FAST, Group, READ, Spec},
    keyspace::view::View,
};

/// `TOUCH key [key ...]`. Returns how many of the keys are there; to be asked for counts as a use of them.
#[derive(Debug, Clone)]
pub struct Touch<'a>(pub Exists<'a>);

impl<'a> Command<'a> for Touch<'a> {
    const SPEC: Spec = Spec {
        id: 0x0204,
        name: "TOUCH",
        usage: "key [key ...]",
        arity: -2,
        flags: READ | FAST,
        keys: (1, -1, 1),
        group: Group::Generic,
        since: "3.2.1",
        complexity: "O(N) where N is the number of keys that will be touched.",
        summary: "Returns the number of existing keys out of those specified after updating the time they were last accessed.",
    };
    type Owned = u64;
    type Out<'k> = u64;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Exists::parse(args).map(Self)
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.0.keys(each);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<u64> {
        self.0.run(view)
    }
}

crate::cmd::row!(Touch<'_>);
