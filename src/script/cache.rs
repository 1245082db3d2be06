//! The scripts that are known, by the SHA-1 of their texts.
//!
//! One that SCRIPT LOAD has brought stays until SCRIPT FLUSH. One that EVAL has brought may have to make room: who writes his
//! arguments into the text of his scripts brings a new one with every call. Those are 500 at most, and the one that was run longest ago goes.
use super::shebang::{self, Flags};
use crate::{
    base::{bytes::Bytes, error::Result},
    cmd::session::SHA_DIGITS,
};
use std::{collections::HashMap, sync::Arc};

/// The most scripts that EVAL has brought.
const EVALUATED_MAX: usize = 500;

/// The SHA-1 of a script's text.
pub type Sha = [u8; 20];

/// A script.
#[derive(Debug)]
pub struct Script {
    pub sha: Sha,
    pub text: Bytes,
    /// Where Lua begins: behind the first line's `#!…`.
    pub start: usize,
    /// What its first line says of it; `None`: it has no such line.
    pub flags: Option<Flags>,
}

/// How long a script stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// While it is among those that were used last.
    WhileUsed,
    UntilFlushed,
}

struct Entry {
    script: Arc<Script>,
    keep: Keep,
    /// The look-up that found it last.
    used: u64,
}

/// The scripts.
#[derive(Default)]
pub struct Cache {
    scripts: HashMap<Sha, Entry, foldhash::fast::FixedState>,
    evaluated: usize,
    text_bytes: usize,
    lookups: u64,
    evicted: u64,
}

impl Script {
    /// Reads the first line of a script.
    pub fn new(sha: Sha, text: &[u8]) -> Result<Self> {
        let (start, flags) = shebang::read(text)?;
        Ok(Self { sha, text: Bytes::copy(text), start, flags })
    }

    /// What the compiler is given.
    pub fn code(&self) -> &[u8] {
        &self.text[self.start..]
    }
}

/// The SHA-1 of a text.
pub fn digest(text: &[u8]) -> Sha {
    sha1_smol::Sha1::from(text).digest().bytes()
}

/// Reads a digest in hexadecimal digits.
pub fn read_sha(digits: &[u8]) -> Option<Sha> {
    let digits: &[u8; SHA_DIGITS] = digits.try_into().ok()?;
    let mut sha = [0; 20];
    for (byte, pair) in sha.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |at: usize| char::from(pair[at]).to_digit(16);
        *byte = (digit(0)? * 16 + digit(1)?) as u8;
    }
    Some(sha)
}

/// Writes a digest in hexadecimal digits.
pub fn write_sha(sha: &Sha) -> String {
    use std::fmt::Write;
    sha.iter().fold(String::with_capacity(SHA_DIGITS), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Cache {
    /// The script, which counts as used, and stays if that is wanted from now on.
    pub fn find(&mut self, sha: &Sha, keep: Keep) -> Option<Arc<Script>> {
        self.lookups += 1;
        let entry = self.scripts.get_mut(sha)?;
        entry.used = self.lookups;
        if keep == Keep::UntilFlushed && entry.keep == Keep::WhileUsed {
            entry.keep = keep;
            self.evaluated -= 1;
        }
        Some(Arc::clone(&entry.script))
    }

    /// The script, if it is known.
    pub fn peek(&self, sha: &Sha) -> Option<&Arc<Script>> {
        self.scripts.get(sha).map(|entry| &entry.script)
    }

    /// Keeps a script.
    pub fn add(&mut self, script: Arc<Script>, keep: Keep) {
        if self.find(&script.sha, keep).is_some() {
            // Somebody else was faster.
            return;
        }
        if keep == Keep::WhileUsed {
            if self.evaluated == EVALUATED_MAX {
                self.evict();
            }
            self.evaluated += 1;
        }
        self.text_bytes += script.text.len();
        self.scripts.insert(script.sha, Entry { script, keep, used: self.lookups });
    }

    fn evict(&mut self) {
        let may_go = self.scripts.values().filter(|entry| entry.keep == Keep::WhileUsed);
        let Some(sha) = may_go.min_by_key(|entry| entry.used).map(|entry| entry.script.sha) else { return };
        if let Some(entry) = self.scripts.remove(&sha) {
            self.text_bytes -= entry.script.text.len();
            self.evaluated -= 1;
            self.evicted += 1;
        }
    }

    pub fn len(&self) -> usize {
        self.scripts.len()
    }

    /// Bytes of the texts.
    pub fn text_bytes(&self) -> usize {
        self.text_bytes
    }

    /// How many had to make room.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str) -> Arc<Script> {
        Arc::new(Script::new(digest(text.as_bytes()), text.as_bytes()).unwrap())
    }

    #[test]
    fn a_sha_is_written_as_it_is_read() {
        let sha = digest(b"return 1");
        assert_eq!(write_sha(&sha), "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
        assert_eq!(read_sha(b"E0E1F9FABFC9D4800C877A703B823AC0578FF8DB"), Some(sha));
        assert_eq!(read_sha(b"e0e1"), None);
        assert_eq!(read_sha(b"g0e1f9fabfc9d4800c877a703b823ac0578ff8db"), None);
    }

    #[test]
    fn those_used_longest_ago_make_room_but_loaded_ones_stay() {
        let mut cache = Cache::default();
        cache.add(script("loaded"), Keep::UntilFlushed);
        cache.add(script("promoted"), Keep::WhileUsed);
        assert!(cache.find(&digest(b"promoted"), Keep::UntilFlushed).is_some());
        for n in 0..EVALUATED_MAX {
            cache.add(script(&n.to_string()), Keep::WhileUsed);
        }
        assert_eq!((cache.len(), cache.evicted()), (EVALUATED_MAX + 2, 0));
        assert!(cache.find(&digest(b"0"), Keep::WhileUsed).is_some());
        cache.add(script("one more"), Keep::WhileUsed);
        assert_eq!((cache.len(), cache.evicted()), (EVALUATED_MAX + 2, 1));
        for (text, stays) in [("0", true), ("1", false), ("2", true), ("loaded", true), ("promoted", true)] {
            assert_eq!(cache.peek(&digest(text.as_bytes())).is_some(), stays, "{text}");
        }
        assert_eq!(
            cache.text_bytes(),
            cache.scripts.values().map(|entry| entry.script.text.len()).sum::<usize>()
        );
    }
}
