//! LCS: what two strings have in common.
use super::common::{self, Match};
use crate::{
    base::{
        atom::Args,
        bytes::Bytes,
        emit::{Emit, Sink},
        error::{Error, Kind, Result},
        limits::STRING_BYTES_MAX,
    },
    cmd::{Command, Group, READ, Spec},
    keyspace::{strings::Str, view::View},
};

/// Pairs of bytes up to which the strings are compared under the lock.
const INLINE_PAIRS_MAX: usize = 4096;

/// `LCS key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]`.
///
/// Strings of which the product of lengths is large are compared after their keys have been unlocked.
#[derive(Debug, Clone)]
pub struct Lcs<'a> {
    pub keys: [&'a [u8]; 2],
    pub ask: Ask,
    /// Redis looks at the keys before it complains of an option.
    wrong: Option<Error>,
}

/// What is asked for; nothing said: the common subsequence itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ask {
    pub len: bool,
    pub places: bool,
    /// Shorter matches are left out of the places.
    pub match_len_min: i64,
    pub match_lens: bool,
}

/// The two strings, still to be compared.
#[derive(Debug, Clone)]
pub struct Common {
    strings: [Bytes; 2],
    ask: Ask,
}

impl<'a> Lcs<'a> {
    /// Compares the strings at two keys.
    pub fn new(a: &'a (impl AsRef<[u8]> + ?Sized), b: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self { keys: [a.as_ref(), b.as_ref()], ask: Ask::default(), wrong: None }
    }

    fn options(args: &mut Args<'a>) -> Result<Ask> {
        let mut ask = Ask::default();
        while !args.is_empty() {
            if args.token("IDX") {
                ask.places = true;
            } else if args.token("LEN") {
                ask.len = true;
            } else if args.token("WITHMATCHLEN") {
                ask.match_lens = true;
            } else if args.token("MINMATCHLEN") {
                ask.match_len_min = args.int()?;
            } else {
                return Err(Error::syntax());
            }
        }
        if ask.len && ask.places {
            let text = "ERR If you want both the length and indexes, please just use IDX.";
            return Err(Error::command(text));
        }
        Ok(ask)
    }
}

impl Common {
    /// The number of bytes in common. Takes time in proportion to the product of both lengths.
    #[expect(clippy::len_without_is_empty, reason = "it costs as much as the length")]
    pub fn len(&self) -> usize {
        common::len(&self.strings[0], &self.strings[1])
    }

    /// The longest common subsequence. Takes time in proportion to the product of both lengths.
    pub fn text(&self) -> Bytes {
        common::trace(&self.strings[0], &self.strings[1]).0.into()
    }

    /// Where it stands in both strings, from the end to the start, and its length. Takes time in proportion to the
    /// product of both lengths.
    pub fn matches(&self) -> (Vec<Match>, usize) {
        let (text, mut matches) = common::trace(&self.strings[0], &self.strings[1]);
        matches.retain(|found| found.len() as i64 >= self.ask.match_len_min);
        (matches, text.len())
    }

    fn write(&self, to: &mut dyn Sink) {
        if self.ask.len {
            return to.int(self.len() as i64);
        }
        if !self.ask.places {
            return to.bytes(&self.text());
        }
        let (matches, len) = self.matches();
        to.map(2);
        to.bytes(b"matches");
        to.array(matches.len());
        for found in matches {
            to.array(2 + usize::from(self.ask.match_lens));
            for (first, last) in [found.a, found.b] {
                to.array(2);
                to.int(first as i64);
                to.int(last as i64);
            }
            if self.ask.match_lens {
                to.int(found.len() as i64);
            }
        }
        to.bytes(b"len");
        to.int(len as i64);
    }
}

impl Emit for Common {
    fn emit(self, to: &mut dyn Sink) {
        let [a, b] = &self.strings;
        if a.len() * b.len() <= INLINE_PAIRS_MAX {
            self.write(to);
        } else {
            to.later(Box::new(move |to: &mut dyn Sink| self.write(to)));
        }
    }
}

/// Redis's table has four bytes a cell, and its limit is kept although ours has one bit.
fn check_size(a: &[u8], b: &[u8]) -> Result<()> {
    const TOO_LARGE: &str = "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len";
    let bytes = (a.len() as u64 + 1) * (b.len() as u64 + 1) * 4;
    if bytes > STRING_BYTES_MAX as u64 { Err(Error::new(Kind::Limit, TOO_LARGE)) } else { Ok(()) }
}

impl<'a> Command<'a> for Lcs<'a> {
    const SPEC: Spec = Spec {
        id: 0x0118,
        name: "LCS",
        usage: "key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]",
        arity: -3,
        flags: READ,
        keys: (1, 2, 1),
        group: Group::String,
        since: "7.0.0",
        complexity: "O(N*M) where N and M are the lengths of s1 and s2, respectively",
        summary: "Finds the longest common substring.",
    };
    type Owned = Common;
    type Out<'k> = Common;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let keys = [args.bytes()?, args.bytes()?];
        let (ask, wrong) = match Self::options(args) {
            Ok(ask) => (ask, None),
            Err(error) => (Ask::default(), Some(error)),
        };
        args.take(args.len())?;
        Ok(Self { keys, ask, wrong })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.keys.iter().for_each(|key| each(key));
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Common> {
        let mut string = |key: &[u8]| match view.string(key) {
            Ok(found) => Ok(found.map(Str::to_owned).unwrap_or_default()),
            Err(_) => Err(Error::command("ERR The specified keys must contain string values")),
        };
        let strings = [string(self.keys[0])?, string(self.keys[1])?];
        if let Some(error) = &self.wrong {
            return Err(error.clone());
        }
        check_size(&strings[0], &strings[1])?;
        Ok(Common { strings, ask: self.ask })
    }
}

crate::cmd::row!(Lcs<'_>);
