//! CLIENT NO-TOUCH: what the connection reads does not count as used.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{ALLOW_BUSY, Group, LOADING, NOSCRIPT, STALE, Session, SessionCommand, Spec},
};

/// `CLIENT NO-TOUCH <ON | OFF>`.
#[derive(Debug, Clone, Copy)]
pub struct ClientNoTouch {
    pub on: bool,
}

impl<'a> SessionCommand<'a> for ClientNoTouch {
    const SPEC: Spec = Spec {
        id: 0x081A,
        name: "CLIENT|NO-TOUCH",
        usage: "<ON | OFF>",
        arity: 3,
        flags: NOSCRIPT | LOADING | STALE | ALLOW_BUSY,
        keys: (0, 0, 0),
        group: Group::Connection,
        since: "7.2.0",
        complexity: "O(1)",
        summary: "Controls whether commands sent by the client affect the LRU/LFU of accessed keys.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { on: super::on_or_off(args)? })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        session.client().no_touch = self.on;
        to.status("OK");
        Ok(())
    }
}

crate::cmd::session_row!(ClientNoTouch);
