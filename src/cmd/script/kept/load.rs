//! SCRIPT LOAD: keeps a script, to be run by its SHA-1.
use super::spec;
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{STALE, Session, SessionCommand, Spec},
};

/// `SCRIPT LOAD script`. It is kept until it is flushed.
#[derive(Debug, Clone, Copy)]
pub struct ScriptLoad<'a> {
    pub script: &'a [u8],
}

impl<'a> SessionCommand<'a> for ScriptLoad<'a> {
    const SPEC: Spec = spec(
        (0x0C16, "SCRIPT|LOAD", "script"),
        3,
        STALE,
        "2.6.0",
        [
            "O(N) with N being the length in bytes of the script body.",
            "Loads a server-side Lua script to the script cache.",
        ],
    );

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { script: args.bytes()? })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let sha = session.server().scripts().load(self.script)?;
        to.bytes(sha.as_bytes());
        Ok(())
    }
}

crate::cmd::session_row!(ScriptLoad<'_>);
