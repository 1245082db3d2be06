//! Commands that wait: refused where nobody can, promises elsewhere.
use crate::{
    napi::{Fault, Outcome},
    words::Words,
};
use std::{collections::HashSet, sync::LazyLock};
use tenondb::{Error, Kind, Spec};

/// The names of the commands that may wait.
static NAMES: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| tenondb::commands().filter(|spec| may_wait(spec)).map(|spec| spec.name).collect());

/// Tells whether a command may wait.
pub fn may_wait(spec: &Spec) -> bool {
    // As `COMMAND INFO` shows it; the core does not name the bit in public.
    const BLOCKING: u32 = 1 << 6;
    spec.has(BLOCKING)
}

/// Tells whether these words may wait. `XREAD` and `XREADGROUP` do when they say so.
pub fn waits(words: &Words) -> bool {
    let name = words.get(0);
    // Most names are told by their first letter.
    if !matches!(name.first(), Some(b'B' | b'b' | b'X' | b'x' | b'W' | b'w')) {
        return false;
    }
    let name = String::from_utf8_lossy(name).to_ascii_uppercase();
    NAMES.contains(&*name)
        && (!name.starts_with("XREAD") || words.iter().any(|word| word.eq_ignore_ascii_case(b"BLOCK")))
}

/// A call that blocked the thread would stop everything that could end its wait.
pub fn refuse_waiting(words: &Words) -> Outcome<()> {
    if waits(words) { Err(would_wait()) } else { Ok(()) }
}

#[cold]
fn would_wait() -> Fault {
    let text = "ERR this command may have to wait: call it by its own method, or by callAsync";
    Fault::Db(Error::new(Kind::Misuse, text))
}
