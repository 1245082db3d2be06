//! Every command, by name and by id. A row stands in its family's table; nothing is said twice here.
#[cfg(feature = "lua")]
use super::script;
use super::{Row, admin, conn, hash, key, list, pubsub, set, stream, string, txn, zset};
use std::sync::LazyLock;

/// The families, each with its rows.
static FAMILIES: &[&[&Row]] = &[
    string::ROWS,
    hash::ROWS,
    key::ROWS,
    list::ROWS,
    set::ROWS,
    zset::ROWS,
    stream::ROWS,
    pubsub::ROWS,
    conn::ROWS,
    conn::client::ROWS,
    txn::ROWS,
    admin::ROWS,
    admin::command::ROWS,
    admin::config::ROWS,
    admin::memory::ROWS,
    #[cfg(feature = "lua")]
    script::ROWS,
    #[cfg(feature = "lua")]
    script::kept::ROWS,
];

struct Index {
    by_name: hashbrown::HashTable<&'static Row>,
    /// Some thousand places, most of them empty: recovery looks up every record here.
    by_id: Vec<Option<&'static Row>>,
    sorted: Vec<&'static Row>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut sorted: Vec<&'static Row> = FAMILIES.iter().flat_map(|rows| rows.iter().copied()).collect();
    sorted.sort_by_key(|row| row.spec.name);
    let mut by_name = hashbrown::HashTable::with_capacity(sorted.len());
    for row in &sorted {
        by_name.insert_unique(fold(row.spec.name.as_bytes()), *row, |row| fold(row.spec.name.as_bytes()));
    }
    let largest = sorted.iter().map(|row| usize::from(row.spec.id)).max().unwrap_or(0);
    let mut by_id = vec![None; largest + 1];
    for row in &sorted {
        by_id[usize::from(row.spec.id)] = Some(*row);
    }
    Index { by_name, by_id, sorted }
});

/// Hashes a name whatever its case: FNV-1a, which is enough for a fixed table of short names.
fn fold(name: &[u8]) -> u64 {
    name.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_uppercase())).wrapping_mul(0x0100_0000_01B3)
    })
}

const NAME_MAX: usize = 32;

/// Finds a command by its name, whatever its case.
pub fn lookup(name: &[u8]) -> Option<&'static Row> {
    if name.len() > NAME_MAX {
        return None;
    }
    INDEX.by_name.find(fold(name), |row| row.spec.name.as_bytes().eq_ignore_ascii_case(name)).copied()
}

/// Finds a subcommand.
pub fn lookup_sub(name: &str, sub: &[u8]) -> Option<&'static Row> {
    if name.len() + 1 + sub.len() > NAME_MAX {
        return None;
    }
    let mut full = [0; NAME_MAX];
    let len = name.len() + 1 + sub.len();
    full[..name.len()].copy_from_slice(name.as_bytes());
    full[name.len()] = b'|';
    full[name.len() + 1..len].copy_from_slice(sub);
    lookup(&full[..len])
}

/// Finds a command by the id that log records carry.
pub fn by_id(id: u16) -> Option<&'static Row> {
    INDEX.by_id.get(usize::from(id)).copied().flatten()
}

/// All commands in the order of their names, subcommands included.
pub fn all() -> &'static [&'static Row] {
    &INDEX.sorted
}

/// All commands that are not subcommands, in the order of their names.
pub fn commands() -> impl Iterator<Item = &'static Row> {
    all().iter().copied().filter(|row| !row.spec.name.contains('|'))
}

/// The subcommands of a command.
pub fn subcommands(row: &Row) -> impl Iterator<Item = &'static Row> {
    let name = row.spec.name;
    let is_sub =
        move |row: &&'static Row| row.spec.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('|'));
    all().iter().copied().filter(is_sub)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ids_are_used_once() {
        assert!(all().windows(2).all(|w| w[0].spec.name < w[1].spec.name), "a name is used twice");
        assert_eq!(INDEX.by_id.iter().flatten().count(), all().len(), "an id is used twice");
        for row in all() {
            let found = lookup(row.spec.name.to_ascii_lowercase().as_bytes()).unwrap();
            assert!(std::ptr::eq(found, *row) && std::ptr::eq(by_id(row.spec.id).unwrap(), *row));
            assert!(row.spec.name.len() <= NAME_MAX && row.spec.name == row.spec.name.to_ascii_uppercase());
        }
        assert!(lookup(b"no such command").is_none());
    }
}
