//! OBJECT HELP: what OBJECT can do.
use crate::{
    base::{
        atom::Args,
        emit::{Emit, Sink},
        error::Result,
    },
    cmd::{Command, Group, LOADING, STALE, Spec},
    keyspace::view::View,
};

const LINES: &[&str] = &[
    "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
    "ENCODING <key>",
    "    Return the kind of internal representation used in order to store the value",
    "    associated with a <key>.",
    "FREQ <key>",
    "    Return the access frequency index of the <key>. The returned integer is",
    "    proportional to the logarithm of the recent access frequency of the key.",
    "IDLETIME <key>",
    "    Return the idle time of the <key>, that is the approximated number of",
    "    seconds elapsed since the last access to the key.",
    "REFCOUNT <key>",
    "    Return the number of references of the value associated with the specified",
    "    <key>.",
    "HELP",
    "    Print this help.",
];

/// `OBJECT HELP`.
#[derive(Debug, Clone, Copy)]
pub struct ObjectHelp;

/// Lines of text.
#[derive(Debug, Clone, Copy)]
pub struct Help(pub &'static [&'static str]);

impl Emit for Help {
    fn emit(self, to: &mut dyn Sink) {
        to.array(self.0.len());
        self.0.iter().for_each(|line| to.status(line));
    }
}

impl<'a> Command<'a> for ObjectHelp {
    const SPEC: Spec = Spec {
        id: 0x021D,
        name: "OBJECT|HELP",
        usage: "",
        arity: 2,
        flags: LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Generic,
        since: "6.2.0",
        complexity: "O(1)",
        summary: "Returns helpful text about the different subcommands.",
    };
    type Owned = Help;
    type Out<'k> = Help;

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn keys(&self, _: &mut dyn FnMut(&'a [u8])) {}

    fn run<'k>(&self, _: &'k mut View<'_>) -> Result<Help> {
        Ok(Help(LINES))
    }
}

crate::cmd::row!(ObjectHelp);
