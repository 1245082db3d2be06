//! CONFIG: what can be changed while a database runs.
use crate::cmd::{Group, Row, Spec};

mod durability;
pub mod get;
pub mod help;
mod parameter;
pub mod resetstat;
pub mod rewrite;
pub mod set;
mod values;

crate::cmd::container_row!(Spec {
    id: 0x0700,
    name: "CONFIG",
    usage: "",
    arity: -2,
    flags: 0,
    keys: (0, 0, 0),
    group: Group::Server,
    since: "2.0.0",
    complexity: "Depends on subcommand.",
    summary: "A container for server configuration commands.",
});

/// The command and its subcommands.
pub static ROWS: &[&Row] = &[&ROW, &get::ROW, &help::ROW, &resetstat::ROW, &rewrite::ROW, &set::ROW];
