//! SCRIPT: the scripts that are kept.
use crate::cmd::{Group, Row, Spec};

pub mod debug;
pub mod exists;
pub mod flush;
pub mod help;
pub mod kill;
pub mod load;
pub mod show;

crate::cmd::container_row!(Spec {
    id: 0x0C10,
    name: "SCRIPT",
    usage: "",
    arity: -2,
    flags: 0,
    keys: (0, 0, 0),
    group: Group::Scripting,
    since: "2.6.0",
    complexity: "Depends on subcommand.",
    summary: "A container for Lua scripts management commands.",
});

/// The command and its subcommands.
pub static ROWS: &[&Row] =
    &[&ROW, &debug::ROW, &exists::ROW, &flush::ROW, &help::ROW, &kill::ROW, &load::ROW, &show::ROW];

/// The facts that the subcommands share.
const fn spec(
    (id, name, usage): (u16, &'static str, &'static str),
    arity: i8,
    flags: u32,
    since: &'static str,
    [complexity, summary]: [&'static str; 2],
) -> Spec {
    Spec {
        id,
        name,
        usage,
        arity,
        flags: flags | crate::cmd::NOSCRIPT,
        keys: (0, 0, 0),
        group: Group::Scripting,
        since,
        complexity,
        summary,
    }
}
