//! SCRIPT HELP.
use crate::cmd::{
    Group, Spec,
    help::{Help, Helpful, spec},
};

/// `SCRIPT HELP`.
#[derive(Debug, Clone, Copy)]
pub enum Lines {}

impl Helpful for Lines {
    const SPEC: Spec = spec(0x0C14, "SCRIPT|HELP", Group::Scripting, "5.0.0");
    const LINES: &[&str] = &[
        "DEBUG (YES|SYNC|NO)",
        "    There is no debugger for scripts: only NO is taken.",
        "EXISTS <sha1> [<sha1> ...]",
        "    Return information about the existence of the scripts in the script cache.",
        "FLUSH [ASYNC|SYNC]",
        "    Flush the Lua scripts cache.",
        "KILL",
        "    Kill the currently executing Lua script.",
        "LOAD <script>",
        "    Load a script into the scripts cache without executing it.",
        "SHOW <sha1>",
        "    Show a script from the scripts cache.",
    ];
}

crate::cmd::session_row!(Help<Lines>);
