//! The shape of every `… HELP`.
use super::{Group, LOADING, STALE, Session, SessionCommand, Spec};
use crate::base::{atom::Args, emit::Sink, error::Result};
use std::marker::PhantomData;

/// What tells one help from another.
pub trait Helpful {
    const SPEC: Spec;
    /// The lines between the first one and the last two, which are the same everywhere.
    const LINES: &'static [&'static str];
}

/// `HELP` of a command with subcommands.
#[derive(Debug, Clone, Copy)]
pub struct Help<H>(PhantomData<H>);

/// The facts of a help: they differ in little.
pub const fn spec(id: u16, name: &'static str, group: Group, since: &'static str) -> Spec {
    Spec {
        id,
        name,
        usage: "",
        arity: 2,
        flags: LOADING | STALE,
        keys: (0, 0, 0),
        group,
        since,
        complexity: "O(1)",
        summary: "Returns helpful text about the different subcommands.",
    }
}

/// Writes the help of `command`, whose own lines are `lines`.
pub fn write(command: &str, lines: &[&str], to: &mut dyn Sink) {
    to.array(lines.len() + 3);
    to.status(&format!("{command} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"));
    lines.iter().for_each(|line| to.status(line));
    to.status("HELP");
    to.status("    Print this help.");
}

impl<'a, H: Helpful> SessionCommand<'a> for Help<H> {
    const SPEC: Spec = H::SPEC;

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self(PhantomData))
    }

    fn run(&self, _: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let name = H::SPEC.name;
        write(name.split_once('|').map_or(name, |(container, _)| container), H::LINES, to);
        Ok(())
    }
}
