//! COMMAND INFO: what some commands are.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{Group, LOADING, STALE, Session, SessionCommand, Spec, admin::command::describe, table},
};

/// `COMMAND INFO [command-name [command-name ...]]`: of all when none is named.
#[derive(Debug, Clone)]
pub struct CommandInfo<'a> {
    pub names: Vec<&'a [u8]>,
}

impl<'a> SessionCommand<'a> for CommandInfo<'a> {
    const SPEC: Spec = Spec {
        id: 0x0712,
        name: "COMMAND|INFO",
        usage: "[command-name [command-name ...]]",
        arity: -2,
        flags: LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "2.8.13",
        complexity: "O(N) where N is the number of commands to look up",
        summary: "Returns information about one, multiple or all commands.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { names: args.all_bytes()? })
    }

    fn run(&self, _: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        if self.names.is_empty() {
            to.array(table::commands().count());
            table::commands().for_each(|row| describe::info(row, to));
            return Ok(());
        }
        to.array(self.names.len());
        for name in &self.names {
            match table::lookup(name) {
                Some(row) => describe::info(row, to),
                None => to.nil(),
            }
        }
        Ok(())
    }
}

crate::cmd::session_row!(CommandInfo<'_>);
