//! OBJECT HELP: what OBJECT can do.
use crate::cmd::{
    Group, Spec,
    help::{Help, Helpful, spec},
};

/// `OBJECT HELP`.
#[derive(Debug, Clone, Copy)]
pub enum Lines {}

impl Helpful for Lines {
    const SPEC: Spec = spec(0x021D, "OBJECT|HELP", Group::Generic, "6.2.0");
    const LINES: &[&str] = &[
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
    ];
}

crate::cmd::session_row!(Help<Lines>);
