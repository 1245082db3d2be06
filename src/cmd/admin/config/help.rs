//! CONFIG HELP.
use crate::cmd::{
    Group, Spec,
    help::{Help, Helpful, spec},
};

/// `CONFIG HELP`.
#[derive(Debug, Clone, Copy)]
pub enum Lines {}

impl Helpful for Lines {
    const SPEC: Spec = spec(0x0705, "CONFIG|HELP", Group::Server, "5.0.0");
    const LINES: &[&str] = &[
        "GET <pattern>",
        "    Return parameters matching the glob-like <pattern> and their values.",
        "SET <directive> <value>",
        "    Set the configuration <directive> to <value>.",
        "RESETSTAT",
        "    Reset statistics reported by the INFO command.",
        "REWRITE",
        "    Rewrite the configuration file.",
    ];
}

crate::cmd::session_row!(Help<Lines>);
