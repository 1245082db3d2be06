//! MONITOR: shows every command that is run.
use crate::{
    base::{
        atom::Args,
        emit::Sink,
        error::{Error, Result},
    },
    cmd::{ADMIN, Group, LOADING, NOSCRIPT, STALE, Session, SessionCommand, Spec},
};
use std::sync::Arc;

/// `MONITOR`: until RESET, or the connection's end.
#[derive(Debug, Clone, Copy)]
pub struct Monitor;

impl<'a> SessionCommand<'a> for Monitor {
    const SPEC: Spec = Spec {
        id: 0x0738,
        name: "MONITOR",
        usage: "",
        arity: 1,
        flags: ADMIN | NOSCRIPT | LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "1.0.0",
        complexity: "O(1), and for every command that follows O(N) where N is the number of connections that monitor.",
        summary: "Listens for all requests received by the server in real-time.",
    };

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        if session.is_within() || !session.client().is_connection() {
            return Err(Error::command("ERR MONITOR isn't allowed for DENY BLOCKING client"));
        }
        let mailbox = Arc::clone(&session.client().card().mailbox);
        let is_new = session.server().monitor(&mailbox);
        let client = session.client();
        client.monitors = true;
        // As in Redis, who says it twice gets no second answer.
        client.muted |= !is_new;
        to.status("OK");
        Ok(())
    }
}

crate::cmd::session_row!(Monitor);
