//! The keys of a command that is only spoken of.
use crate::{
    base::{
        atom::{Args, atoms},
        error::{Error, Result},
    },
    cmd::{Exec, MOVABLE_KEYS, Row, Spec, table},
};

/// Returns the row of `argv` and the keys it names.
pub fn of<'a>(argv: &[&'a [u8]]) -> Result<(&'static Row, Vec<&'a [u8]>)> {
    let (row, words) = lookup(argv).ok_or_else(|| Error::command("ERR Invalid command specified"))?;
    let has_keys = row.spec.keys.0 > 0 || row.spec.has(MOVABLE_KEYS);
    if !has_keys {
        return Err(Error::command("ERR The command has no key arguments"));
    }
    let (given, arity) = (argv.len() as i64, i64::from(row.spec.arity));
    if (arity > 0 && arity != given) || given < -arity {
        return Err(Error::command("ERR Invalid number of arguments specified for command"));
    }
    let keys =
        if row.spec.has(MOVABLE_KEYS) { by_parsing(row, &argv[words..])? } else { by_place(row.spec, argv) };
    Ok((row, keys))
}

/// Returns the row of `argv` and how many words its name takes.
fn lookup(argv: &[&[u8]]) -> Option<(&'static Row, usize)> {
    let row = table::lookup(argv.first()?)?;
    let has_subcommands = table::subcommands(row).next().is_some();
    match argv.get(1) {
        Some(sub) if has_subcommands => Some((table::lookup_sub(row.spec.name, sub)?, 2)),
        _ => Some((row, 1)),
    }
}

/// By the places that the facts of the command tell.
fn by_place<'a>(spec: &Spec, argv: &[&'a [u8]]) -> Vec<&'a [u8]> {
    let (first, last, step) = spec.keys;
    let last = if last < 0 { argv.len() as i64 + i64::from(last) } else { i64::from(last) };
    let places = (i64::from(first)..=last).step_by(usize::try_from(step).unwrap_or(1).max(1));
    places.filter_map(|at| argv.get(usize::try_from(at).ok()?).copied()).collect()
}

/// By the command's own parser.
fn by_parsing<'a>(row: &'static Row, argv: &[&'a [u8]]) -> Result<Vec<&'a [u8]>> {
    let atoms = atoms(argv);
    let mut keys = Vec::new();
    let mut add = |key: &[u8]| {
        // The same bytes, for as long as the arguments live.
        let same = argv.iter().find(|arg| std::ptr::eq(**arg, key));
        keys.extend(same.or_else(|| argv.iter().find(|arg| **arg == key)).copied());
    };
    match row.exec {
        Exec::Keys { plan, .. } => plan(Args::new(&atoms))
            .map_err(|_| Error::command("ERR Invalid arguments specified for command"))?
            .keys(&mut add),
        // The other ones with keys that move are scripts.
        #[cfg(feature = "lua")]
        _ => keys_of_script(Args::new(&atoms)).into_iter().for_each(add),
        #[cfg(not(feature = "lua"))]
        _ => {}
    }
    Ok(keys)
}

/// The keys of a script. Their number is wrong: none, as in Redis.
#[cfg(feature = "lua")]
fn keys_of_script<'a>(mut args: Args<'a>) -> Vec<&'a [u8]> {
    let keys = args.bytes().and_then(|_| crate::cmd::script::call::keys_and_args(&mut args));
    keys.map(|[keys, _]| keys).unwrap_or_default()
}
