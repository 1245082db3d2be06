//! SUBSTR: a part of a string.
use super::piece::{Name, Piece};
use crate::cmd::{Group, READ, Spec};

/// `SUBSTR key start end`.
pub type SubStr<'a> = Piece<'a, Named>;

/// See [`SubStr`].
#[derive(Debug, Clone, Copy)]
pub enum Named {}

impl Name for Named {
    const SPEC: Spec = Spec {
        id: 0x010F,
        name: "SUBSTR",
        usage: "key start end",
        arity: 4,
        flags: READ,
        keys: (1, 1, 1),
        group: Group::String,
        since: "1.0.0",
        complexity: "O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.",
        summary: "Returns a substring from a string value.",
    };
}

crate::cmd::row!(SubStr<'_>);
