//! MEMORY: what keys take.
use crate::cmd::{Group, Row, Spec};

pub mod help;
pub mod usage;

crate::cmd::container_row!(Spec {
    id: 0x0720,
    name: "MEMORY",
    usage: "",
    arity: -2,
    flags: 0,
    keys: (0, 0, 0),
    group: Group::Server,
    since: "4.0.0",
    complexity: "Depends on subcommand.",
    summary: "A container for memory diagnostics commands.",
});

/// The command and its subcommands.
pub static ROWS: &[&Row] = &[&ROW, &help::ROW, &usage::ROW];
