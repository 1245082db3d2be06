//! MEMORY HELP.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{Group, LOADING, STALE, Session, SessionCommand, Spec},
};

/// `MEMORY HELP`.
#[derive(Debug, Clone, Copy)]
pub struct MemoryHelp;

impl<'a> SessionCommand<'a> for MemoryHelp {
    const SPEC: Spec = Spec {
        id: 0x0722,
        name: "MEMORY|HELP",
        usage: "",
        arity: 2,
        flags: LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "4.0.0",
        complexity: "O(1)",
        summary: "Returns helpful text about the different subcommands.",
    };

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, _: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        crate::cmd::help::write("MEMORY", HELP, to);
        Ok(())
    }
}

const HELP: &[&str] = &[
    "USAGE <key> [SAMPLES <count>]",
    "    Return memory in bytes used by <key> and its value. The number is",
    "    exact: nothing is sampled.",
];

crate::cmd::session_row!(MemoryHelp);
