//! The options that SET, MSETEX and GETEX share. As in Redis, saying one of them twice is no contradiction, and
//! numbers are read when all words are known to be right.
use crate::{
    base::{
        atom::{Args, Record},
        error::{Error, Result},
    },
    cmd::args::expiry::{Expiry, Said},
    keyspace::strings::Ttl,
};

/// On what condition a key is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum When<'a> {
    #[default]
    Always,
    /// `NX`: there is no such key.
    Absent,
    /// `XX`: there is one.
    Present,
    /// `IFEQ`: it holds just this string.
    Equal(&'a [u8]),
}

/// What becomes of a key's time to live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Life {
    #[default]
    Unsaid,
    /// `KEEPTTL`.
    Keep,
    /// `PERSIST`.
    Persist,
    /// `EX`, `PX`, `EXAT`, `PXAT`.
    Until(Expiry),
}

/// Whose options they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    Set,
    MSetEx,
    GetEx,
}

/// The options that were said.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    pub when: When<'a>,
    pub get: bool,
    pub life: Life,
}

impl<'a> Options<'a> {
    /// Reads everything that is left. `name` is the command's, for the error.
    #[inline]
    pub fn parse(args: &mut Args<'a>, whose: Whose, name: &str) -> Result<Self> {
        if args.is_empty() { Ok(Self::default()) } else { Self::parse_words(args, whose, name) }
    }

    fn parse_words(args: &mut Args<'a>, whose: Whose, name: &str) -> Result<Self> {
        let (mut options, mut said) = (Self::default(), None::<Said<'a>>);
        while !args.is_empty() {
            if options.word(args, whose, said.is_none())? {
                continue;
            }
            let next = Said::parse(args)?.ok_or_else(Error::syntax)?;
            if options.life != Life::Unsaid || said.is_some_and(|said| said.unit != next.unit) {
                return Err(Error::syntax());
            }
            said = Some(next);
        }
        if let Some(said) = said {
            options.life = Life::Until(said.settle(name)?);
        }
        Ok(options)
    }

    /// Takes a word that is no time, when that is what comes next.
    fn word(&mut self, args: &mut Args<'a>, whose: Whose, timeless: bool) -> Result<bool> {
        let sets = whose != Whose::GetEx;
        if sets && matches!(self.when, When::Always | When::Absent) && args.token("NX") {
            self.when = When::Absent;
        } else if sets && matches!(self.when, When::Always | When::Present) && args.token("XX") {
            self.when = When::Present;
        } else if whose == Whose::Set && self.when == When::Always && args.token("IFEQ") {
            self.when = When::Equal(args.bytes()?);
        } else if whose == Whose::Set && args.token("GET") {
            self.get = true;
        } else if sets && timeless && args.token("KEEPTTL") {
            self.life = Life::Keep;
        } else if !sets && timeless && args.token("PERSIST") {
            self.life = Life::Persist;
        } else {
            return Ok(false);
        }
        Ok(true)
    }
}

impl Life {
    /// What that means at `now_ms`. `name` is the command's, for the error.
    pub fn ttl(self, now_ms: u64, name: &str) -> Result<Ttl> {
        Ok(match self {
            Self::Unsaid | Self::Persist => Ttl::Clear,
            Self::Keep => Ttl::Keep,
            Self::Until(expiry) => Ttl::At(expiry.at_ms(now_ms, name)?),
        })
    }
}

/// Adds the settled option to a record.
pub fn log(rec: &mut Record, ttl: Ttl) {
    match ttl {
        Ttl::Clear => rec,
        Ttl::Keep => rec.bytes(b"KEEPTTL"),
        Ttl::At(at_ms) => rec.bytes(b"PXAT").int(at_ms as i64),
    };
}
