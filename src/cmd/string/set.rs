//! SET: a string at a key, under conditions, with a time to live.
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        emit::{Emit, Sink},
        error::{Error, Result},
    },
    cmd::{
        Command, DENYOOM, Group, Spec, WRITE,
        args::expiry::{Expiry, Said},
    },
    keyspace::{
        strings::{Str, Ttl},
        view::View,
    },
};

/// `SET key value [NX | XX | IFEQ comparison-value] [GET] [EX seconds | PX milliseconds |
/// EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]`.
#[derive(Debug, Clone, Copy)]
pub struct Set<'a> {
    pub key: &'a [u8],
    pub value: &'a [u8],
    pub when: When<'a>,
    pub expiry: Option<Expiry>,
    pub keep_ttl: bool,
    pub get: bool,
}

/// On what condition the key is set.
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

/// What SET did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The condition held.
    pub set: bool,
    /// With `GET`: what was there before.
    pub old: Option<Bytes>,
    get: bool,
    /// The deadline that was set, in Unix milliseconds.
    at_ms: Option<u64>,
}

impl Emit for Done {
    fn emit(self, to: &mut dyn Sink) {
        match (self.get, self.set) {
            (true, _) => self.old.emit(to),
            (false, true) => to.status("OK"),
            (false, false) => to.nil(),
        }
    }
}

impl<'a> Set<'a> {
    /// `SET key value`, without conditions.
    pub fn new(key: &'a (impl AsRef<[u8]> + ?Sized), value: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        let (key, value) = (key.as_ref(), value.as_ref());
        Self { key, value, when: When::Always, expiry: None, keep_ttl: false, get: false }
    }

    /// Only if there is no such key (`NX`).
    pub fn only_new(mut self) -> Self {
        self.when = When::Absent;
        self
    }

    /// Only if the key exists (`XX`).
    pub fn only_existing(mut self) -> Self {
        self.when = When::Present;
        self
    }

    /// Only if the key holds just `expected` (`IFEQ`).
    pub fn only_if_equal(mut self, expected: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.when = When::Equal(expected.as_ref());
        self
    }

    /// The key shall live for `ms` milliseconds (`PX`), which must be above 0.
    pub fn expire_in_ms(mut self, ms: i64) -> Self {
        self.expiry = Some(Expiry::In(ms));
        self
    }

    /// The key shall keep its time to live (`KEEPTTL`).
    pub fn keep_ttl(mut self) -> Self {
        self.keep_ttl = true;
        self
    }

    /// Returns what was there before (`GET`).
    pub fn returning_old(mut self) -> Self {
        self.get = true;
        self
    }

    fn holds(&self, old: Option<Str<'_>>, exists: bool) -> bool {
        match self.when {
            When::Always => true,
            When::Absent => !exists,
            When::Present => exists,
            When::Equal(expected) => old.is_some_and(|old| old.with(|old| old == expected)),
        }
    }
}

impl<'a> Command<'a> for Set<'a> {
    const SPEC: Spec = Spec {
        id: 0x0103,
        name: "SET",
        usage: "key value [NX | XX | IFEQ comparison-value] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]",
        arity: -3,
        flags: WRITE | DENYOOM,
        keys: (1, 1, 1),
        group: Group::String,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Sets the string value of a key, ignoring its type. The key is created if it doesn't exist.",
    };
    type Owned = Done;
    type Out<'k> = Done;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let mut set = Self::new(args.bytes()?, args.bytes()?);
        let mut said: Option<Said<'a>> = None;
        while !args.is_empty() {
            // The same word twice is no contradiction.
            if matches!(set.when, When::Always | When::Absent) && args.token("NX") {
                set.when = When::Absent;
            } else if matches!(set.when, When::Always | When::Present) && args.token("XX") {
                set.when = When::Present;
            } else if set.when == When::Always && args.token("IFEQ") {
                set.when = When::Equal(args.take(1)?.bytes()?);
            } else if args.token("GET") {
                set.get = true;
            } else if said.is_none() && args.token("KEEPTTL") {
                set.keep_ttl = true;
            } else {
                let next = Said::parse(args)?.ok_or_else(Error::syntax)?;
                if set.keep_ttl || said.is_some_and(|said| said.unit != next.unit) {
                    return Err(Error::syntax());
                }
                said = Some(next);
            }
        }
        set.expiry = said.map(|said| said.settle(Self::SPEC.name)).transpose()?;
        Ok(set)
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Done> {
        let at_ms = self.expiry.map(|e| e.at_ms(view.now_ms, Self::SPEC.name)).transpose()?;
        let mut done = Done { set: true, old: None, get: self.get, at_ms };
        if self.get || self.when != When::Always {
            let needs_string = self.get || matches!(self.when, When::Equal(_));
            let exists = view.exists(self.key);
            let old = if needs_string { view.string(self.key)? } else { None };
            done.set = self.holds(old, exists);
            done.old = old.filter(|_| self.get).map(Str::to_owned);
        }
        if done.set {
            let ttl = if self.keep_ttl { Ttl::Keep } else { at_ms.map_or(Ttl::Clear, Ttl::At) };
            view.set(self.key, self.value, ttl);
        }
        Ok(done)
    }

    fn log(&self, done: &Done, rec: &mut Record, _now_ms: u64) {
        if !done.set {
            return;
        }
        rec.command(Self::SPEC.id).bytes(self.key).bytes(self.value);
        if let Some(at_ms) = done.at_ms {
            rec.bytes(b"PXAT").int(at_ms as i64);
        } else if self.keep_ttl {
            rec.bytes(b"KEEPTTL");
        }
    }
}

crate::cmd::row!(Set<'_>);
