//! CLIENT GETREDIR: who is told of changed keys in the place of this connection.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{Group, LOADING, NOSCRIPT, STALE, Session, SessionCommand, Spec, conn::client::line::redirection},
};

/// `CLIENT GETREDIR`: an id; 0: the connection itself is told, -1: nobody is.
#[derive(Debug, Clone, Copy)]
pub struct ClientGetRedir;

impl<'a> SessionCommand<'a> for ClientGetRedir {
    const SPEC: Spec = Spec {
        id: 0x081F,
        name: "CLIENT|GETREDIR",
        usage: "",
        arity: 2,
        flags: NOSCRIPT | LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Connection,
        since: "6.0.0",
        complexity: "O(1)",
        summary: "Returns the client ID to which the connection's tracking notifications are redirected.",
    };

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        to.int(redirection(session.client().card()));
        Ok(())
    }
}

crate::cmd::session_row!(ClientGetRedir);
