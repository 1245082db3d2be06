//! INFO: how the database is.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{Group, LOADING, Need, Reach, STALE, Session, SessionCommand, Spec},
    keyspace::totals::Totals,
};

mod persistence;
mod sections;

/// `INFO [section [section ...]]`: all sections when none is named.
#[derive(Debug, Clone)]
pub struct Info<'a> {
    pub sections: Vec<&'a [u8]>,
}

impl<'a> SessionCommand<'a> for Info<'a> {
    const SPEC: Spec = Spec {
        id: 0x0732,
        name: "INFO",
        usage: "[section [section ...]]",
        arity: -1,
        flags: LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Returns information and statistics about the server.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { sections: args.all_bytes()? })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let server = session.server();
        let mut totals = Totals::default();
        let need = Need { spec: &Self::SPEC, reach: Reach::Walk, keys: &[], other_db: None };
        session.gate().pass(need, &mut |view, _| {
            totals = view.totals();
            Ok(())
        })?;
        let facts = sections::Facts {
            settings: server.settings(),
            report: server.report(totals.bytes),
            persistence: server.persistence(),
            cards: server.cards(),
            topics: server.topic_counts(),
            now_us: server.clock().now_us(),
            totals,
        };
        let wants = |name: &str| {
            let is = |asked: &&[u8]| {
                let all = ["default", "all", "everything", name];
                all.iter().any(|word| word.as_bytes().eq_ignore_ascii_case(asked))
            };
            self.sections.is_empty() || self.sections.iter().any(is)
        };
        to.verbatim("txt", facts.text(wants).as_bytes());
        Ok(())
    }
}

crate::cmd::session_row!(Info<'_>);
