//! CLIENT NO-EVICT: the connection would rather not be closed when memory runs out.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{ADMIN, ALLOW_BUSY, Group, LOADING, NOSCRIPT, STALE, Session, SessionCommand, Spec},
};

/// `CLIENT NO-EVICT <ON | OFF>`.
#[derive(Debug, Clone, Copy)]
pub struct ClientNoEvict {
    pub on: bool,
}

impl<'a> SessionCommand<'a> for ClientNoEvict {
    const SPEC: Spec = Spec {
        id: 0x0819,
        name: "CLIENT|NO-EVICT",
        usage: "<ON | OFF>",
        arity: 3,
        flags: ADMIN | NOSCRIPT | LOADING | STALE | ALLOW_BUSY,
        keys: (0, 0, 0),
        group: Group::Connection,
        since: "7.0.0",
        complexity: "O(1)",
        summary: "Sets the client eviction mode of the connection.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { on: super::on_or_off(args)? })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        session.client().no_evict = self.on;
        to.status("OK");
        Ok(())
    }
}

crate::cmd::session_row!(ClientNoEvict);
