//! WATCH: lets EXEC find out whether keys have changed.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{
        CONNECTION, FAST, Group, IMMEDIATE, LOADING, NO_MULTI, NOSCRIPT, STALE, Session, SessionCommand, Spec,
    },
};

/// `WATCH key [key ...]`.
#[derive(Debug, Clone)]
pub struct Watch<'a> {
    pub keys: Vec<&'a [u8]>,
}

impl<'a> SessionCommand<'a> for Watch<'a> {
    const SPEC: Spec = Spec {
        id: 0x0904,
        name: "WATCH",
        usage: "key [key ...]",
        arity: -2,
        flags: NOSCRIPT | LOADING | STALE | FAST | IMMEDIATE | NO_MULTI | CONNECTION,
        keys: (1, -1, 1),
        group: Group::Transactions,
        since: "2.2.0",
        complexity: "O(1) for every key.",
        summary: "Monitors changes to keys to determine the execution of a transaction.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { keys: args.all_bytes()? })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let server = session.server();
        let client = session.client();
        for key in &self.keys {
            server.watch(&mut client.watching, client.db, key)?;
        }
        to.status("OK");
        Ok(())
    }
}

crate::cmd::session_row!(Watch<'_>);
