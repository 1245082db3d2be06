//! SCRIPT SHOW: the text of a script.
use super::spec;
use crate::{
    base::{
        atom::Args,
        emit::{Emit, Sink},
        error::Result,
    },
    cmd::{STALE, Session, SessionCommand, Spec},
};

/// `SCRIPT SHOW sha1`.
#[derive(Debug, Clone, Copy)]
pub struct ScriptShow<'a> {
    pub sha: &'a [u8],
}

impl<'a> SessionCommand<'a> for ScriptShow<'a> {
    const SPEC: Spec = spec(
        (0x0C17, "SCRIPT|SHOW", "sha1"),
        3,
        STALE,
        "8.0.0",
        ["O(1).", "Show server-side Lua script in the script cache."],
    );

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { sha: args.bytes()? })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let text = session.server().scripts().text(self.sha);
        text.ok_or_else(crate::cmd::session::no_script)?.emit(to);
        Ok(())
    }
}

crate::cmd::session_row!(ScriptShow<'_>);
