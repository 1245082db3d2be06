//! What the doors have to know of a command before it runs: may it wait, may it take long, does it write.
use crate::word::Word;
use std::{collections::HashMap, sync::LazyLock};
use tenondb::{
    Spec,
    flags::{BLOCKING, FAST, WRITE},
};

/// The longest name of a command that is looked up.
const NAME_MAX: usize = 32;

/// Commands that wait for the disk: no flag says so.
const SYNC: [&str; 2] = ["SAVE", "WAITAOF"];

/// Commands that may run a script, or one that is queued.
const SCRIPTS: [&str; 5] = ["EVAL", "EVALSHA", "EVALSHA_RO", "EVAL_RO", "EXEC"];

/// How the complexities of commands begin that take no time to speak of: keys that were given were copied already.
const QUICK: [&str; 2] = ["O(1)", "O(N) where N is the number of provided keys"];

/// Facts about all commands of one name, subcommands included.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// It may wait for a key.
    pub waits: bool,
    /// It may take longer than it takes to let other threads run meanwhile and to come back.
    pub slow: bool,
    /// It may change keys.
    pub writes: bool,
    /// It may change the settings.
    pub configures: bool,
    /// It waits for the disk, whatever the handle.
    pub syncs: bool,
    /// It may run a script, which may not end.
    pub scripts: bool,
}

/// Of a command nobody knows: it is refused at once.
const UNKNOWN: Facts =
    Facts { waits: false, slow: false, writes: false, configures: false, syncs: false, scripts: false };

impl Facts {
    fn of(spec: &Spec) -> Self {
        let syncs = SYNC.contains(&spec.name);
        Self {
            waits: spec.has(BLOCKING),
            slow: syncs || !(spec.has(FAST) || QUICK.iter().any(|quick| spec.complexity.starts_with(quick))),
            writes: spec.has(WRITE),
            configures: spec.name.starts_with("CONFIG"),
            syncs,
            scripts: SCRIPTS.contains(&spec.name),
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            waits: self.waits || other.waits,
            slow: self.slow || other.slow,
            writes: self.writes || other.writes,
            configures: self.configures || other.configures,
            syncs: self.syncs || other.syncs,
            scripts: self.scripts || other.scripts,
        }
    }
}

static TABLE: LazyLock<HashMap<&'static [u8], Facts>> = LazyLock::new(|| {
    let mut table: HashMap<&'static [u8], Facts> = HashMap::new();
    for spec in tenondb::commands() {
        let name = spec.name.split('|').next().unwrap_or(spec.name).as_bytes();
        let facts = Facts::of(spec);
        table.entry(name).and_modify(|known| *known = known.or(facts)).or_insert(facts);
    }
    table
});

/// Looks a command up by the first of its words.
pub fn facts_of(words: &[Word<'_>]) -> Facts {
    facts(words.first().map_or(b"", Word::as_ref))
}

/// Looks a command up by its name, in any case.
pub fn facts(name: &[u8]) -> Facts {
    let mut capitals = [0; NAME_MAX];
    let Some(capitals) = capitals.get_mut(..name.len()) else { return UNKNOWN };
    capitals.copy_from_slice(name);
    capitals.make_ascii_uppercase();
    TABLE.get(&*capitals).copied().unwrap_or(UNKNOWN)
}
