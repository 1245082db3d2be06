//! XGROUP: what can be done to consumer groups.
use crate::cmd::{Group, Spec};

crate::cmd::container_row!(Spec {
    id: 0x0A20,
    name: "XGROUP",
    usage: "",
    arity: -2,
    flags: 0,
    keys: (0, 0, 0),
    group: Group::Stream,
    since: "5.0.0",
    complexity: "Depends on subcommand.",
    summary: "A container for consumer groups commands.",
});
