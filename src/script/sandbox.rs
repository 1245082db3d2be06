//! What scripts find: Lua's own libraries without what reaches the system, those of Redis, and nothing that they could change.
use super::lib::{bit, cjson, cmsgpack, random, redis, structs};
use tenondb_lua::{Open, Raise, State};

/// The libraries, by the names of their globals.
const LIBRARIES: &[(&str, Open)] = &[
    ("redis", redis::open),
    ("cjson", cjson::open),
    ("cmsgpack", cmsgpack::open),
    ("struct", structs::open),
    ("bit", bit::open),
];

/// Other names for globals that are there.
const ALIASES: &[(&str, &str)] = &[("server", "redis")];

/// Opens the libraries in a new state and seals it.
pub fn furnish(state: &mut State) -> Result<(), Raise> {
    for (name, open) in LIBRARIES {
        state.set_up(name, *open)?;
    }
    for (alias, name) in ALIASES {
        state.alias(alias, name)?;
    }
    state.amend("math", random::amend)?;
    state.seal();
    Ok(())
}
