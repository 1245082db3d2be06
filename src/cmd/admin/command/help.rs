//! COMMAND HELP.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{Group, LOADING, STALE, Session, SessionCommand, Spec},
};

/// `COMMAND HELP`.
#[derive(Debug, Clone, Copy)]
pub struct CommandHelp;

impl<'a> SessionCommand<'a> for CommandHelp {
    const SPEC: Spec = Spec {
        id: 0x0717,
        name: "COMMAND|HELP",
        usage: "",
        arity: 2,
        flags: LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "5.0.0",
        complexity: "O(1)",
        summary: "Returns helpful text about the different subcommands.",
    };

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, _: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        crate::cmd::help::write("COMMAND", HELP, to);
        Ok(())
    }
}

const HELP: &[&str] = &[
    "(no subcommand)",
    "    Return details about all commands.",
    "COUNT",
    "    Return the total number of commands in this server.",
    "LIST",
    "    Return a list of all commands in this server.",
    "INFO [<command-name> ...]",
    "    Return details about multiple commands.",
    "    If no command names are given, documentation details for all",
    "    commands are returned.",
    "DOCS [<command-name> ...]",
    "    Return documentation details about multiple commands.",
    "    If no command names are given, documentation details for all",
    "    commands are returned.",
    "GETKEYS <full-command>",
    "    Return the keys from a full command.",
    "GETKEYSANDFLAGS <full-command>",
    "    Return the keys and the access flags from a full command.",
];

crate::cmd::session_row!(CommandHelp);
