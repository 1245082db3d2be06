//! COMMAND HELP.
use crate::cmd::{
    Group, Spec,
    help::{Help, Helpful, spec},
};

/// `COMMAND HELP`.
#[derive(Debug, Clone, Copy)]
pub enum Lines {}

impl Helpful for Lines {
    const SPEC: Spec = spec(0x0717, "COMMAND|HELP", Group::Server, "5.0.0");
    const LINES: &[&str] = &[
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
}

crate::cmd::session_row!(Help<Lines>);
