//! CLIENT INFO: the line of this connection in CLIENT LIST.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{Group, LOADING, NOSCRIPT, STALE, Session, SessionCommand, Spec, conn::client::line::line},
};

/// `CLIENT INFO`.
#[derive(Debug, Clone, Copy)]
pub struct ClientInfo;

impl<'a> SessionCommand<'a> for ClientInfo {
    const SPEC: Spec = Spec {
        id: 0x0815,
        name: "CLIENT|INFO",
        usage: "",
        arity: 2,
        flags: NOSCRIPT | LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Connection,
        since: "6.2.0",
        complexity: "O(1)",
        summary: "Returns information about the connection.",
    };

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let now_ms = session.server().clock().now_ms();
        let mut text = Vec::new();
        line(session.client().card(), now_ms, &mut text);
        to.verbatim("txt", &text);
        Ok(())
    }
}

crate::cmd::session_row!(ClientInfo);
