//! CLIENT ID: the number of the connection.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{ALLOW_BUSY, Group, LOADING, NOSCRIPT, STALE, Session, SessionCommand, Spec},
};

/// `CLIENT ID`.
#[derive(Debug, Clone, Copy)]
pub struct ClientId;

impl<'a> SessionCommand<'a> for ClientId {
    const SPEC: Spec = Spec {
        id: 0x0811,
        name: "CLIENT|ID",
        usage: "",
        arity: 2,
        flags: NOSCRIPT | LOADING | STALE | ALLOW_BUSY,
        keys: (0, 0, 0),
        group: Group::Connection,
        since: "5.0.0",
        complexity: "O(1)",
        summary: "Returns the unique client ID of the connection.",
    };

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        to.int(session.client().card().id as i64);
        Ok(())
    }
}

crate::cmd::session_row!(ClientId);
