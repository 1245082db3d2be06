//! UNWATCH: Forgets about watched keys of a transaction.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{CONNECTION, FAST, Group, LOADING, NOSCRIPT, STALE, Session, SessionCommand, Spec},
};

/// `UNWATCH`.
#[derive(Debug, Clone, Copy)]
pub struct Unwatch;

impl<'a> SessionCommand<'a> for Unwatch {
    const SPEC: Spec = Spec {
        id: 0x0903,
        name: "UNWATCH",
        usage: "",
        arity: 1,
        flags: NOSCRIPT | LOADING | STALE | FAST | CONNECTION,
        keys: (0, 0, 0),
        group: Group::Transactions,
        since: "2.2.0",
        complexity: "O(1)",
        summary: "Forgets about watched keys of a transaction.",
    };

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let server = session.server();
        server.unwatch(&mut session.client().watching);
        to.status("OK");
        Ok(())
    }
}

crate::cmd::session_row!(Unwatch);
