//! What the generator knows of the commands: their names and usage lines.
use crate::{
    compare::value,
    pools, rules,
    side::Side,
    tnt::{Value, wire},
};
use tenondb::Usage;

/// Compares arity, keys and the flags `write`, `readonly` and `fast` of every row with what a server says of itself.
pub fn check(side: &mut dyn Side) -> Vec<String> {
    side.start(&[]);
    let mut faults = Vec::new();
    for spec in tenondb::commands() {
        let mut wire = Vec::new();
        wire::write_command(&mut wire, &["COMMAND", "INFO", spec.name]);
        let reply = side.exchange(&wire, 1).pop().unwrap_or_default();
        let Value::List(rows) = value(&reply) else { continue };
        // A command that this server does not have.
        let Some(Value::List(row)) = rows.first() else { continue };
        let (first, last, step) = spec.keys;
        let numbers = [spec.arity, first, last, step].map(|n| Value::Int(n.into()));
        let theirs: Vec<_> = [1, 3, 4, 5].iter().filter_map(|at| row.get(*at)).cloned().collect();
        if theirs != numbers {
            faults.push(format!("{}: arity and keys are {theirs:?}, ours {numbers:?}", spec.name));
        }
        let flags = row.get(2).and_then(Value::items).unwrap_or_default();
        for (name, flag) in [("write", 1), ("readonly", 1 << 1), ("fast", 1 << 2)] {
            if flags.contains(&Value::Status(name.into())) != spec.has(flag) {
                faults.push(format!("{}: the flag {name} is not theirs", spec.name));
            }
        }
    }
    faults
}

/// One command that is sent.
pub struct Fact {
    /// `ZADD`, `CLIENT|ID`.
    pub name: String,
    pub usage: Usage<'static>,
    /// It has arguments that are times.
    pub times: bool,
    pub weight: usize,
}

/// Makes the facts of a command from its row.
pub fn fact(name: &str, usage: &'static str) -> Fact {
    let usage = pools::comparable_usage(name).unwrap_or(usage);
    let tree = Usage::parse(usage).unwrap_or_else(|fault| panic!("usage of {name}: {fault}: {usage}"));
    let name = name.to_ascii_uppercase();
    Fact { weight: rules::weight(&name), times: pools::has_times(usage), usage: tree, name }
}
