//! SCRIPT KILL: ends the script that runs.
use super::spec;
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{ALLOW_BUSY, Session, SessionCommand, Spec},
};

/// `SCRIPT KILL`. A script that has written is not ended: it would be half done. It needs no lock, so that it gets through
/// whatever the script does.
#[derive(Debug, Clone, Copy)]
pub struct ScriptKill;

impl<'a> SessionCommand<'a> for ScriptKill {
    const SPEC: Spec = spec(
        (0x0C15, "SCRIPT|KILL", ""),
        2,
        ALLOW_BUSY,
        "2.6.0",
        ["O(1)", "Terminates a server-side Lua script during execution."],
    );

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        session.server().scripts().kill()?;
        to.status("OK");
        Ok(())
    }
}

crate::cmd::session_row!(ScriptKill);
