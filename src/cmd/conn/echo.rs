//! ECHO: says it again.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{FAST, Group, LOADING, STALE, Session, SessionCommand, Spec},
};

/// `ECHO message`.
#[derive(Debug, Clone, Copy)]
pub struct Echo<'a> {
    pub message: &'a [u8],
}

impl<'a> SessionCommand<'a> for Echo<'a> {
    const SPEC: Spec = Spec {
        id: 0x0804,
        name: "ECHO",
        usage: "message",
        arity: 2,
        flags: FAST | LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Connection,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Returns the given string.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { message: args.bytes()? })
    }

    fn run(&self, _: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        to.bytes(self.message);
        Ok(())
    }
}

crate::cmd::session_row!(Echo<'_>);
