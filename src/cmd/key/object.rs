//! OBJECT: how a value is kept.
use crate::cmd::{Group, Spec};

crate::cmd::container_row!(Spec {
    id: 0x0218,
    name: "OBJECT",
    usage: "",
    arity: -2,
    flags: 0,
    keys: (0, 0, 0),
    group: Group::Generic,
    since: "2.2.3",
    complexity: "Depends on subcommand.",
    summary: "A container for object introspection commands.",
});
