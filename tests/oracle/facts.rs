//! What the generator knows of the commands: their names and usage lines.
use crate::{pools, rules};
use tenondb::Usage;

/// One command that is sent.
pub struct Fact {
    /// `ZADD`, `CLIENT|ID`.
    pub name: String,
    pub arity: i64,
    pub usage: Usage<'static>,
    /// It has arguments that are times.
    pub times: bool,
    pub weight: usize,
}

/// Makes the facts of a command from its row.
pub fn fact(name: &str, arity: i64, usage: &'static str) -> Fact {
    let tree = Usage::parse(usage).unwrap_or_else(|fault| panic!("usage of {name}: {fault}: {usage}"));
    let name = name.to_ascii_uppercase();
    Fact { weight: rules::weight(&name), times: pools::has_times(usage), usage: tree, arity, name }
}
