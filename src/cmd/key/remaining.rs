//! What TTL, PTTL, EXPIRETIME and PEXPIRETIME share.
use crate::{
    base::{
        atom::Args,
        emit::{Emit, Sink},
        error::Result,
    },
    cmd::{Command, Spec},
    keyspace::view::View,
};
use std::marker::PhantomData;

/// What tells the four commands apart.
pub trait Unit {
    const SPEC: Spec;
    /// The milliseconds of one unit. The answer is rounded to the nearest, as Redis does.
    const MS: u64;
    /// The time is counted from now, not from 1970.
    const FROM_NOW: bool;
}

/// `key`. Returns when the key dies.
#[derive(Debug, Clone, Copy)]
pub struct Remaining<'a, U> {
    pub key: &'a [u8],
    unit: PhantomData<U>,
}

/// When a key dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// There is no such key: −2 in Redis.
    NoKey,
    /// It lives for ever: −1 in Redis.
    Forever,
    /// In the command's unit.
    Time(u64),
}

impl Left {
    /// The time, when there is one.
    pub fn time(self) -> Option<u64> {
        match self {
            Self::Time(time) => Some(time),
            Self::NoKey | Self::Forever => None,
        }
    }
}

impl Emit for Left {
    fn emit(self, to: &mut dyn Sink) {
        to.int(match self {
            Self::NoKey => -2,
            Self::Forever => -1,
            Self::Time(time) => time as i64,
        });
    }
}

impl<'a, U> Remaining<'a, U> {
    /// When `key` dies.
    pub fn new(key: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self { key: key.as_ref(), unit: PhantomData }
    }
}

impl<'a, U: Unit> Command<'a> for Remaining<'a, U> {
    const SPEC: Spec = U::SPEC;
    type Owned = Left;
    type Out<'k> = Left;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, unit: PhantomData })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Left> {
        let base = if U::FROM_NOW { view.now_ms } else { 0 };
        Ok(match view.read_expire_at_ms(self.key) {
            None => Left::NoKey,
            Some(None) => Left::Forever,
            Some(Some(at_ms)) => Left::Time((at_ms.saturating_sub(base) + U::MS / 2) / U::MS),
        })
    }
}
