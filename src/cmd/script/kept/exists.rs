//! SCRIPT EXISTS: which scripts are known.
use super::spec;
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{STALE, Session, SessionCommand, Spec},
};

/// `SCRIPT EXISTS sha1 [sha1 ...]`.
#[derive(Debug, Clone)]
pub struct ScriptExists<'a> {
    pub shas: Vec<&'a [u8]>,
}

impl<'a> SessionCommand<'a> for ScriptExists<'a> {
    const SPEC: Spec = spec(
        (0x0C12, "SCRIPT|EXISTS", "sha1 [sha1 ...]"),
        -3,
        STALE,
        "2.6.0",
        [
            "O(N) with N being the number of scripts to check (so checking a single script is an O(1) operation).",
            "Determines whether server-side Lua scripts exist in the script cache.",
        ],
    );

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { shas: args.all_bytes()? })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let server = session.server();
        to.array(self.shas.len());
        for sha in &self.shas {
            to.int(server.scripts().text(sha).is_some().into());
        }
        Ok(())
    }
}

crate::cmd::session_row!(ScriptExists<'_>);
