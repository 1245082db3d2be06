//! BGSAVE: has a snapshot taken.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{
        ADMIN, Group, NOSCRIPT, Session, SessionCommand, Spec,
        session::{SaveHow, Saved},
    },
};

/// `BGSAVE [SCHEDULE]`: with `SCHEDULE` another one follows the one that is being written.
#[derive(Debug, Clone, Copy)]
pub struct BgSave {
    pub schedule: bool,
}

impl<'a> SessionCommand<'a> for BgSave {
    const SPEC: Spec = Spec {
        id: 0x0735,
        name: "BGSAVE",
        usage: "[SCHEDULE]",
        arity: -1,
        flags: ADMIN | NOSCRIPT,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Asynchronously saves the database(s) to disk.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { schedule: args.token("SCHEDULE") })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let how = if self.schedule { SaveHow::Scheduled } else { SaveHow::Background };
        to.status(match session.server().save(how)? {
            Saved::Done | Saved::Started => "Background saving started",
            Saved::Scheduled => "Background saving scheduled",
        });
        Ok(())
    }
}

crate::cmd::session_row!(BgSave);
