//! LASTSAVE: when the latest snapshot was taken.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{FAST, Group, LOADING, STALE, Session, SessionCommand, Spec},
};

/// `LASTSAVE`: the Unix time in seconds of the latest snapshot; of the opening when there was none since.
#[derive(Debug, Clone, Copy)]
pub struct LastSave;

impl<'a> SessionCommand<'a> for LastSave {
    const SPEC: Spec = Spec {
        id: 0x0736,
        name: "LASTSAVE",
        usage: "",
        arity: 1,
        flags: FAST | LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Returns the Unix timestamp of the last successful save to disk.",
    };

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        to.int(session.server().persistence().last_save_s as i64);
        Ok(())
    }
}

crate::cmd::session_row!(LastSave);
