//! MULTI: Starts a transaction.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{
        ALLOW_BUSY, CONNECTION, FAST, Group, IMMEDIATE, LOADING, NO_MULTI, NOSCRIPT, STALE, Session,
        SessionCommand, Spec, session::Queue,
    },
};

/// `MULTI`.
#[derive(Debug, Clone, Copy)]
pub struct Multi;

impl<'a> SessionCommand<'a> for Multi {
    const SPEC: Spec = Spec {
        id: 0x0901,
        name: "MULTI",
        usage: "",
        arity: 1,
        // Were it refused while a script is busy, what follows would be run one by one.
        flags: NOSCRIPT | LOADING | STALE | FAST | IMMEDIATE | NO_MULTI | ALLOW_BUSY | CONNECTION,
        keys: (0, 0, 0),
        group: Group::Transactions,
        since: "1.2.0",
        complexity: "O(1)",
        summary: "Starts a transaction.",
    };

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let client = session.client();
        client.queue = Some(Queue::default());
        to.status("OK");
        Ok(())
    }
}

crate::cmd::session_row!(Multi);
