//! QUIT: closes the connection.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{
        ALLOW_BUSY, FAST, Group, IMMEDIATE, LOADING, NO_AUTH, NOSCRIPT, STALE, SUBSCRIBED, Session,
        SessionCommand, Spec,
    },
};

/// `QUIT`.
#[derive(Debug, Clone, Copy)]
pub struct Quit;

impl<'a> SessionCommand<'a> for Quit {
    const SPEC: Spec = Spec {
        id: 0x0806,
        name: "QUIT",
        usage: "",
        arity: -1,
        flags: FAST | NO_AUTH | LOADING | STALE | NOSCRIPT | ALLOW_BUSY | IMMEDIATE | SUBSCRIBED,
        keys: (0, 0, 0),
        group: Group::Connection,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Closes the connection.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        args.all_bytes()?;
        Ok(Self)
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        session.client().closing = true;
        to.status("OK");
        Ok(())
    }
}

crate::cmd::session_row!(Quit);
