//! XINFO HELP: what XINFO can do.
use crate::cmd::{
    Group, Spec,
    help::{Help, Helpful, spec},
};

/// `XINFO HELP`.
#[derive(Debug, Clone, Copy)]
pub enum Lines {}

impl Helpful for Lines {
    const SPEC: Spec = spec(0x0A2C, "XINFO|HELP", Group::Stream, "5.0.0");
    const LINES: &[&str] = &[
        "CONSUMERS <key> <groupname>",
        "    Show consumers of <groupname>.",
        "GROUPS <key>",
        "    Show the stream consumer groups.",
        "STREAM <key> [FULL [COUNT <count>]",
        "    Show information about the stream.",
    ];
}

crate::cmd::session_row!(Help<Lines>);
