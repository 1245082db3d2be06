//! SELECT: goes to another database.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{CONNECTION, FAST, Group, LOADING, STALE, Session, SessionCommand, Spec, session::database},
};

/// `SELECT index`.
#[derive(Debug, Clone, Copy)]
pub struct Select {
    pub db: u32,
}

impl<'a> SessionCommand<'a> for Select {
    const SPEC: Spec = Spec {
        id: 0x0802,
        name: "SELECT",
        usage: "index",
        arity: 2,
        flags: LOADING | STALE | FAST | CONNECTION,
        keys: (0, 0, 0),
        group: Group::Connection,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Changes the selected database.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { db: database(args)? })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        session.select(self.db);
        to.status("OK");
        Ok(())
    }
}

crate::cmd::session_row!(Select);
