//! CONFIG RESETSTAT: INFO starts counting again.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{ADMIN, Group, LOADING, NOSCRIPT, Need, Reach, STALE, Session, SessionCommand, Spec},
};

/// `CONFIG RESETSTAT`.
#[derive(Debug, Clone, Copy)]
pub struct ConfigResetStat;

impl<'a> SessionCommand<'a> for ConfigResetStat {
    const SPEC: Spec = Spec {
        id: 0x0703,
        name: "CONFIG|RESETSTAT",
        usage: "",
        arity: 2,
        flags: ADMIN | NOSCRIPT | LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "2.0.0",
        complexity: "O(1)",
        summary: "Resets the server's statistics.",
    };

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let need = Need { spec: &Self::SPEC, reach: Reach::Walk, keys: &[], other_db: None };
        session.gate().pass(need, &mut |view, _| {
            view.reset_totals();
            Ok(())
        })?;
        session.server().reset_report();
        to.status("OK");
        Ok(())
    }
}

crate::cmd::session_row!(ConfigResetStat);
