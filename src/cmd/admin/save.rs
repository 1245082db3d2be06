//! SAVE: takes a snapshot, and answers when it is there.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{ADMIN, Group, NO_MULTI, NOSCRIPT, Session, SessionCommand, Spec, session::SaveHow},
};

/// `SAVE`: others go on meanwhile.
#[derive(Debug, Clone, Copy)]
pub struct Save;

impl<'a> SessionCommand<'a> for Save {
    const SPEC: Spec = Spec {
        id: 0x0734,
        name: "SAVE",
        usage: "",
        arity: 1,
        flags: ADMIN | NOSCRIPT | NO_MULTI,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "1.0.0",
        complexity: "O(N) where N is the total number of keys in all databases",
        summary: "Synchronously saves the database(s) to disk.",
    };

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        session.server().save(SaveHow::Now)?;
        to.status("OK");
        Ok(())
    }
}

crate::cmd::session_row!(Save);
