//! WAIT: how many replicas have what was written.
use crate::{
    base::{
        atom::Args,
        error::{Error, Result},
    },
    cmd::{BLOCKING, Command, Group, Spec},
    keyspace::view::View,
};

/// `WAIT numreplicas timeout`. There are no replicas: the answer is 0, at once.
#[derive(Debug, Clone, Copy)]
pub struct Wait;

/// Reads a time-out in milliseconds, which nothing waits for.
pub(super) fn timeout(args: &mut Args<'_>) -> Result<()> {
    let ms = args.int_or(|| Error::command("ERR timeout is not an integer or out of range"))?;
    if ms < 0 { Err(Error::command("ERR timeout is negative")) } else { Ok(()) }
}

impl<'a> Command<'a> for Wait {
    const SPEC: Spec = Spec {
        id: 0x021E,
        name: "WAIT",
        usage: "numreplicas timeout",
        arity: 3,
        flags: BLOCKING,
        keys: (0, 0, 0),
        group: Group::Generic,
        since: "3.0.0",
        complexity: "O(1)",
        summary: "Blocks until the asynchronous replication of all preceding write commands sent by the connection is completed.",
    };
    type Owned = u64;
    type Out<'k> = u64;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        args.int()?;
        timeout(args)?;
        Ok(Self)
    }

    fn keys(&self, _: &mut dyn FnMut(&'a [u8])) {}

    fn run<'k>(&self, _: &'k mut View<'_>) -> Result<u64> {
        Ok(0)
    }
}

crate::cmd::row!(Wait);
