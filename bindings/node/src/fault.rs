//! Kinds of errors by the names that `err.kind` has.
use tenondb::Kind;

/// The name of a kind. A kind that this binding does not know yet is `internal`.
pub fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Command => "command",
        Kind::WrongType => "wrong-type",
        Kind::Conflict => "conflict",
        Kind::Limit => "limit",
        Kind::Busy => "busy",
        Kind::Io => "io",
        Kind::Corrupt => "corrupt",
        Kind::Closed => "closed",
        Kind::Misuse => "misuse",
        _ => "internal",
    }
}
