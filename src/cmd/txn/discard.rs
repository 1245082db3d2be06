//! DISCARD: Discards a transaction.
use crate::{
    base::{
        atom::Args,
        emit::Sink,
        error::{Error, Result},
    },
    cmd::{CONNECTION, FAST, Group, IMMEDIATE, LOADING, NOSCRIPT, STALE, Session, SessionCommand, Spec},
};

/// `DISCARD`.
#[derive(Debug, Clone, Copy)]
pub struct Discard;

impl<'a> SessionCommand<'a> for Discard {
    const SPEC: Spec = Spec {
        id: 0x0902,
        name: "DISCARD",
        usage: "",
        arity: 1,
        flags: NOSCRIPT | LOADING | STALE | FAST | IMMEDIATE | CONNECTION,
        keys: (0, 0, 0),
        group: Group::Transactions,
        since: "2.0.0",
        complexity: "O(N), when N is the number of queued commands",
        summary: "Discards a transaction.",
    };

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        if session.client().queue.take().is_none() {
            return Err(Error::command("ERR DISCARD without MULTI"));
        }
        let server = session.server();
        server.unwatch(&mut session.client().watching);
        to.status("OK");
        Ok(())
    }
}

crate::cmd::session_row!(Discard);
