//! COMMAND: what all commands are.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{
        Group, LOADING, STALE, SUBCOMMANDS, Session, SessionCommand, Spec, admin::command::describe, table,
    },
};

/// `COMMAND`.
#[derive(Debug, Clone, Copy)]
pub struct CommandAll;

impl<'a> SessionCommand<'a> for CommandAll {
    const SPEC: Spec = Spec {
        id: 0x0710,
        name: "COMMAND",
        usage: "",
        arity: -1,
        flags: LOADING | STALE | SUBCOMMANDS,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "2.8.13",
        complexity: "O(N) where N is the total number of commands",
        summary: "Returns detailed information about all commands.",
    };

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, _: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        to.array(table::commands().count());
        table::commands().for_each(|row| describe::info(row, to));
        Ok(())
    }
}

crate::cmd::session_row!(CommandAll);
