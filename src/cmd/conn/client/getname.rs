//! CLIENT GETNAME: the name the connection has given itself.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{ALLOW_BUSY, Group, LOADING, NOSCRIPT, STALE, Session, SessionCommand, Spec},
};

/// `CLIENT GETNAME`.
#[derive(Debug, Clone, Copy)]
pub struct ClientGetName;

impl<'a> SessionCommand<'a> for ClientGetName {
    const SPEC: Spec = Spec {
        id: 0x0812,
        name: "CLIENT|GETNAME",
        usage: "",
        arity: 2,
        flags: NOSCRIPT | LOADING | STALE | ALLOW_BUSY,
        keys: (0, 0, 0),
        group: Group::Connection,
        since: "2.6.9",
        complexity: "O(1)",
        summary: "Returns the name of the connection.",
    };

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let name = session.client().card().labels().name;
        if name.is_empty() {
            to.nil()
        } else {
            to.bytes(&name)
        }
        Ok(())
    }
}

crate::cmd::session_row!(ClientGetName);
