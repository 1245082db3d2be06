//! BGREWRITEAOF: makes the log short.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{
        ADMIN, Group, NOSCRIPT, Session, SessionCommand, Spec,
        session::{SaveHow, Saved},
    },
};

/// `BGREWRITEAOF`: a snapshot, which the log starts anew behind.
#[derive(Debug, Clone, Copy)]
pub struct BgRewriteAof;

impl<'a> SessionCommand<'a> for BgRewriteAof {
    const SPEC: Spec = Spec {
        id: 0x0737,
        name: "BGREWRITEAOF",
        usage: "",
        arity: 1,
        flags: ADMIN | NOSCRIPT,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Asynchronously rewrites the append-only file to disk.",
    };

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        to.status(match session.server().save(SaveHow::Scheduled)? {
            Saved::Done | Saved::Started => "Background append only file rewriting started",
            Saved::Scheduled => "Background append only file rewriting scheduled",
        });
        Ok(())
    }
}

crate::cmd::session_row!(BgRewriteAof);
