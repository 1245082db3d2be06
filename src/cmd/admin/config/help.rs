//! CONFIG HELP.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{Group, LOADING, STALE, Session, SessionCommand, Spec},
};

/// `CONFIG HELP`.
#[derive(Debug, Clone, Copy)]
pub struct ConfigHelp;

impl<'a> SessionCommand<'a> for ConfigHelp {
    const SPEC: Spec = Spec {
        id: 0x0705,
        name: "CONFIG|HELP",
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
        crate::cmd::help::write("CONFIG", HELP, to);
        Ok(())
    }
}

const HELP: &[&str] = &[
    "GET <pattern>",
    "    Return parameters matching the glob-like <pattern> and their values.",
    "SET <directive> <value>",
    "    Set the configuration <directive> to <value>.",
    "RESETSTAT",
    "    Reset statistics reported by the INFO command.",
    "REWRITE",
    "    Rewrite the configuration file.",
];

crate::cmd::session_row!(ConfigHelp);
