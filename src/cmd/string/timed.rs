//! What SETEX and PSETEX share.
use super::set::Set;
use crate::{
    base::{
        atom::{Args, Record},
        emit::{Emit, Sink},
        error::Result,
    },
    cmd::{Command, Spec, args::expiry::Expiry},
    keyspace::{strings::Ttl, view::View},
};
use std::marker::PhantomData;

/// What tells the two commands apart.
pub trait Unit {
    const SPEC: Spec;
    /// The milliseconds of one unit.
    const MS: i64;
}

/// Done; the string lives until then, in Unix milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Until(u64);

impl Emit for Until {
    fn emit(self, to: &mut dyn Sink) {
        to.status("OK");
    }
}

impl From<Until> for () {
    fn from(_: Until) {}
}

/// `key time value`. Sets a string that lives for a time.
#[derive(Debug, Clone, Copy)]
pub struct Timed<'a, U> {
    pub key: &'a [u8],
    pub value: &'a [u8],
    pub expiry: Expiry,
    unit: PhantomData<U>,
}

impl<'a, U: Unit> Timed<'a, U> {
    /// The string shall live for `time` units, which must be more than 0.
    ///
    /// # Errors
    /// `ERR invalid expire time …`.
    pub fn new(
        key: &'a (impl AsRef<[u8]> + ?Sized),
        time: i64,
        value: &'a (impl AsRef<[u8]> + ?Sized),
    ) -> Result<Self> {
        let expiry = Expiry::of(time, U::MS, true, U::SPEC.name)?;
        Ok(Self { key: key.as_ref(), value: value.as_ref(), expiry, unit: PhantomData })
    }
}

impl<'a, U: Unit> Command<'a> for Timed<'a, U> {
    const SPEC: Spec = U::SPEC;
    type Owned = ();
    type Out<'k> = Until;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let (key, time) = (args.bytes()?, args.int()?);
        Self::new(key, time, args.bytes()?)
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Until> {
        let at_ms = self.expiry.at_ms(view.now_ms, U::SPEC.name)?;
        Set::put(view, self.key, self.value, Ttl::At(at_ms));
        Ok(Until(at_ms))
    }

    fn log(&self, until: &Until, rec: &mut Record, _now_ms: u64) {
        Set::record(rec, self.key, self.value, Ttl::At(until.0));
    }
}
