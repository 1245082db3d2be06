//! COMMAND DOCS: what some commands are for, and how they are written.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{Group, LOADING, Row, STALE, Session, SessionCommand, Spec, admin::command::describe, table},
};

/// `COMMAND DOCS [command-name [command-name ...]]`: of all when none is named.
#[derive(Debug, Clone)]
pub struct CommandDocs<'a> {
    pub names: Vec<&'a [u8]>,
}

impl<'a> SessionCommand<'a> for CommandDocs<'a> {
    const SPEC: Spec = Spec {
        id: 0x0713,
        name: "COMMAND|DOCS",
        usage: "[command-name [command-name ...]]",
        arity: -2,
        flags: LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "7.0.0",
        complexity: "O(N) where N is the number of commands to look up",
        summary: "Returns documentary information about one, multiple or all commands.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { names: args.all_bytes()? })
    }

    fn run(&self, _: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let rows: Vec<&'static Row> = if self.names.is_empty() {
            table::commands().collect()
        } else {
            self.names.iter().filter_map(|name| table::lookup(name)).collect()
        };
        to.map(rows.len());
        rows.into_iter().for_each(|row| describe::docs(row, to));
        Ok(())
    }
}

crate::cmd::session_row!(CommandDocs<'_>);
