//! MEMORY HELP.
use crate::cmd::{
    Group, Spec,
    help::{Help, Helpful, spec},
};

/// `MEMORY HELP`.
#[derive(Debug, Clone, Copy)]
pub enum Lines {}

impl Helpful for Lines {
    const SPEC: Spec = spec(0x0722, "MEMORY|HELP", Group::Server, "4.0.0");
    const LINES: &[&str] = &[
        "USAGE <key> [SAMPLES <count>]",
        "    Return memory in bytes used by <key> and its value. The number is",
        "    exact: nothing is sampled.",
    ];
}

crate::cmd::session_row!(Help<Lines>);
