//! XINFO: what a stream knows of itself.
use crate::cmd::{Group, Spec};

crate::cmd::container_row!(Spec {
    id: 0x0A28,
    name: "XINFO",
    usage: "",
    arity: -2,
    flags: 0,
    keys: (0, 0, 0),
    group: Group::Stream,
    since: "5.0.0",
    complexity: "Depends on subcommand.",
    summary: "A container for stream introspection commands.",
});
