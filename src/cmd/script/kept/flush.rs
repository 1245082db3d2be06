//! SCRIPT FLUSH: forgets all scripts.
use super::spec;
use crate::{
    base::{
        atom::Args,
        emit::Sink,
        error::{Error, Result},
    },
    cmd::{STALE, Session, SessionCommand, Spec},
};

/// `SCRIPT FLUSH [ASYNC | SYNC]`. Both are one thing: what is forgotten is freed by whoever used it last.
#[derive(Debug, Clone, Copy)]
pub struct ScriptFlush;

impl<'a> SessionCommand<'a> for ScriptFlush {
    const SPEC: Spec = spec(
        (0x0C13, "SCRIPT|FLUSH", "[ASYNC | SYNC]"),
        -2,
        STALE,
        "2.6.0",
        [
            "O(N) with N being the number of scripts in cache",
            "Removes all server-side Lua scripts from the script cache.",
        ],
    );

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        if args.len() > 1 || !(args.is_empty() || args.token("SYNC") || args.token("ASYNC")) {
            return Err(Error::command("ERR SCRIPT FLUSH only support SYNC|ASYNC option"));
        }
        Ok(Self)
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        session.server().scripts().flush();
        to.status("OK");
        Ok(())
    }
}

crate::cmd::session_row!(ScriptFlush);
