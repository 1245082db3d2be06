//! RANDOMKEY: any key.
use crate::{
    base::{atom::Args, bytes::Bytes, error::Result},
    cmd::{Command, Group, READ, Reach, Spec},
    keyspace::view::View,
};

/// `RANDOMKEY`. Returns a key by chance, or nothing when there is none.
#[derive(Debug, Clone, Copy)]
pub struct RandomKey;

impl<'a> Command<'a> for RandomKey {
    const SPEC: Spec = Spec {
        id: 0x0213,
        name: "RANDOMKEY",
        usage: "",
        arity: 1,
        flags: READ,
        keys: (0, 0, 0),
        group: Group::Generic,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Returns a random key name from the database.",
    };
    type Owned = Option<Bytes>;
    type Out<'k> = Option<Bytes>;

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn keys(&self, _: &mut dyn FnMut(&'a [u8])) {}

    fn reach(&self) -> Reach {
        Reach::Walk
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Option<Bytes>> {
        Ok(view.random_key().map(Bytes::from))
    }
}

crate::cmd::row!(RandomKey);
