//! COMMAND COUNT: how many commands there are.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{Group, LOADING, STALE, Session, SessionCommand, Spec, table},
};

/// `COMMAND COUNT`. Subcommands do not count.
#[derive(Debug, Clone, Copy)]
pub struct CommandCount;

impl<'a> SessionCommand<'a> for CommandCount {
    const SPEC: Spec = Spec {
        id: 0x0711,
        name: "COMMAND|COUNT",
        usage: "",
        arity: 2,
        flags: LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "2.8.13",
        complexity: "O(1)",
        summary: "Returns a count of commands.",
    };

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, _: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        to.int(table::commands().count() as i64);
        Ok(())
    }
}

crate::cmd::session_row!(CommandCount);
