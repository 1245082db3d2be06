//! CLIENT SETNAME: gives the connection a name.
use crate::{
    base::{atom::Args, bytes::Bytes, emit::Sink, error::Result},
    cmd::{ALLOW_BUSY, Group, LOADING, NOSCRIPT, STALE, Session, SessionCommand, Spec},
};

/// `CLIENT SETNAME connection-name`. An empty name takes the old one away.
#[derive(Debug, Clone, Copy)]
pub struct ClientSetName<'a> {
    pub name: &'a [u8],
}

impl<'a> SessionCommand<'a> for ClientSetName<'a> {
    const SPEC: Spec = Spec {
        id: 0x0813,
        name: "CLIENT|SETNAME",
        usage: "connection-name",
        arity: 3,
        flags: NOSCRIPT | LOADING | STALE | ALLOW_BUSY,
        keys: (0, 0, 0),
        group: Group::Connection,
        since: "2.6.9",
        complexity: "O(1)",
        summary: "Sets the connection name.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { name: super::valid_name(args.bytes()?)? })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        session.client().card().relabel(|labels| labels.name = Bytes::copy(self.name));
        to.status("OK");
        Ok(())
    }
}

crate::cmd::session_row!(ClientSetName<'_>);
