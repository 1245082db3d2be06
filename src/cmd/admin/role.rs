//! ROLE: a database of its own, followed by nobody.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{FAST, Group, LOADING, NOSCRIPT, STALE, Session, SessionCommand, Spec},
};

/// `ROLE`.
#[derive(Debug, Clone, Copy)]
pub struct Role;

impl<'a> SessionCommand<'a> for Role {
    const SPEC: Spec = Spec {
        id: 0x0731,
        name: "ROLE",
        usage: "",
        arity: 1,
        flags: NOSCRIPT | LOADING | STALE | FAST,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "2.8.12",
        complexity: "O(1)",
        summary: "Returns the replication role.",
    };

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, _: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        to.array(3);
        to.bytes(b"master");
        to.int(0);
        to.array(0);
        Ok(())
    }
}

crate::cmd::session_row!(Role);
