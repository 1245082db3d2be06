//! What EXPIRE, PEXPIRE, EXPIREAT and PEXPIREAT share.
use super::{del::Del, pexpireat::PExpireAt};
use crate::{
    base::{
        atom::{Args, Record},
        bytes::until_zero,
        emit::{Emit, Sink},
        error::{Error, Kind, Result},
    },
    cmd::{Command, Spec, args::expiry::invalid},
    keyspace::view::View,
};
use std::marker::PhantomData;

/// What tells the four commands apart.
pub trait Unit {
    const SPEC: Spec;
    /// The milliseconds of one unit.
    const MS: i64;
    /// The time is counted from now, not from 1970.
    const FROM_NOW: bool;
}

/// On what condition a deadline is set. A key that lives for ever has the latest deadline of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Only {
    /// `NX`: the key has none.
    pub absent: bool,
    /// `XX`: it has one.
    pub present: bool,
    /// `GT`: the new one is later.
    pub later: bool,
    /// `LT`: the new one is earlier.
    pub earlier: bool,
}

/// `key time [NX | XX | GT | LT]`. Returns whether the deadline was set. One that has passed removes the key.
#[derive(Debug, Clone, Copy)]
pub struct Deadline<'a, U> {
    pub key: &'a [u8],
    /// In the command's unit; it may lie in the past.
    pub time: i64,
    pub only: Only,
    unit: PhantomData<U>,
}

/// What became of a key.
#[derive(Debug, Clone, Copy)]
pub enum Fate {
    Unchanged,
    Until(u64),
    Removed,
}

impl From<Fate> for bool {
    fn from(fate: Fate) -> Self {
        !matches!(fate, Fate::Unchanged)
    }
}

impl Emit for Fate {
    fn emit(self, to: &mut dyn Sink) {
        bool::from(self).emit(to);
    }
}

impl Only {
    fn parse(args: &mut Args<'_>) -> Result<Self> {
        let mut only = Self::default();
        while !args.is_empty() {
            if args.token("NX") {
                only.absent = true;
            } else if args.token("XX") {
                only.present = true;
            } else if args.token("GT") {
                only.later = true;
            } else if args.token("LT") {
                only.earlier = true;
            } else {
                return Err(unsupported(args.bytes()?));
            }
        }
        if only.absent && (only.present || only.later || only.earlier) {
            let text = "ERR NX and XX, GT or LT options at the same time are not compatible";
            return Err(Error::command(text));
        }
        if only.later && only.earlier {
            return Err(Error::command("ERR GT and LT options at the same time are not compatible"));
        }
        Ok(only)
    }

    fn holds(self, old: Option<u64>, new: Option<u64>) -> bool {
        let (old, new) = (old.map(i128::from), new.map_or(-1, i128::from));
        !(self.absent && old.is_some()
            || self.present && old.is_none()
            || self.later && old.is_none_or(|old| new <= old)
            || self.earlier && old.is_some_and(|old| new >= old))
    }
}

/// Redis quotes up to the first zero byte.
#[cold]
fn unsupported(word: &[u8]) -> Error {
    let word = until_zero(word);
    Error::quoting(Kind::Command, [b"ERR Unsupported option ", word].concat())
}

impl<'a, U: Unit> Deadline<'a, U> {
    /// Sets the deadline of `key`, whatever it was.
    pub fn new(key: &'a (impl AsRef<[u8]> + ?Sized), time: i64) -> Self {
        Self { key: key.as_ref(), time, only: Only::default(), unit: PhantomData }
    }

    /// Only if the key has no deadline (`NX`).
    pub fn only_new(mut self) -> Self {
        self.only.absent = true;
        self
    }

    /// Only if the key has a deadline (`XX`).
    pub fn only_existing(mut self) -> Self {
        self.only.present = true;
        self
    }

    /// Only if the new deadline is later (`GT`).
    pub fn only_later(mut self) -> Self {
        self.only.later = true;
        self
    }

    /// Only if the new deadline is earlier (`LT`).
    pub fn only_earlier(mut self) -> Self {
        self.only.earlier = true;
        self
    }

    /// The deadline in Unix milliseconds; nothing when that lies before 1970.
    fn at_ms(&self, now_ms: u64) -> Result<Option<u64>> {
        let base = if U::FROM_NOW { now_ms } else { 0 };
        let at = self.time.checked_mul(U::MS).and_then(|ms| ms.checked_add_unsigned(base));
        at.map(|at| u64::try_from(at).ok()).ok_or_else(|| invalid(U::SPEC.name))
    }
}

impl<'a, U: Unit> Command<'a> for Deadline<'a, U> {
    const SPEC: Spec = U::SPEC;
    type Owned = bool;
    type Out<'k> = Fate;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let key = args.bytes()?;
        let mut time = args.take(1)?;
        // Redis reads the words before the number.
        let only = Only::parse(args)?;
        Ok(Self { key, time: time.int()?, only, unit: PhantomData })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Fate> {
        let at_ms = self.at_ms(view.now_ms)?;
        let Some(old) = view.expire_at_ms(self.key) else { return Ok(Fate::Unchanged) };
        if !self.only.holds(old, at_ms) {
            return Ok(Fate::Unchanged);
        }
        view.set_expire_at_ms(self.key, Some(at_ms.unwrap_or(0)));
        Ok(match at_ms {
            Some(at_ms) if at_ms > view.now_ms => Fate::Until(at_ms),
            _ => Fate::Removed,
        })
    }

    fn log(&self, fate: &Fate, rec: &mut Record, _now_ms: u64) {
        match fate {
            Fate::Unchanged => {}
            Fate::Until(at_ms) => PExpireAt::record(rec, self.key, *at_ms),
            Fate::Removed => Del::record(rec, self.key),
        }
    }
}
