//! SET: a string at a key, under conditions, with a time to live.
use super::options::{self, Options, Whose};
pub use super::options::{Life, When};
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        emit::{Emit, Sink},
        error::Result,
    },
    cmd::{Command, DENYOOM, Group, Spec, WRITE, args::expiry::Expiry},
    keyspace::{
        notes::Classes,
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
    pub life: Life,
    pub get: bool,
}

/// What SET did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The condition held.
    pub set: bool,
    /// With `GET`: what was there before.
    pub old: Option<Bytes>,
    get: bool,
    ttl: Ttl,
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
        Self { key, value, when: When::Always, life: Life::Unsaid, get: false }
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
        self.life = Life::Until(Expiry::In(ms));
        self
    }

    /// The key shall live until `at_ms`, in Unix milliseconds (`PXAT`).
    pub fn expire_at_ms(mut self, at_ms: i64) -> Self {
        self.life = Life::Until(Expiry::At(at_ms));
        self
    }

    /// The key shall keep its time to live (`KEEPTTL`).
    pub fn keep_ttl(mut self) -> Self {
        self.life = Life::Keep;
        self
    }

    /// Returns what was there before (`GET`).
    pub fn returning_old(mut self) -> Self {
        self.get = true;
        self
    }

    /// Sets `key` to a string, whatever was there, and says so: what SET and its relatives have in common.
    pub(super) fn put(view: &mut View<'_>, key: &[u8], value: &[u8], ttl: Ttl) {
        if view.set(key, value, ttl) {
            view.notify(Classes::STRING, "set", key);
            if matches!(ttl, Ttl::At(_)) {
                view.notify(Classes::GENERIC, "expire", key);
            }
        }
    }

    /// Writes the SET that gives `key` its value and time to live.
    pub fn record(rec: &mut Record, key: &[u8], value: &[u8], ttl: Ttl) {
        rec.command(Self::SPEC.id).bytes(key).bytes(value);
        options::log(rec, ttl);
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

    #[inline]
    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let (key, value) = (args.bytes()?, args.bytes()?);
        let Options { when, get, life } = Options::parse(args, Whose::Set, Self::SPEC.name)?;
        Ok(Self { key, value, when, life, get })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Done> {
        let ttl = self.life.ttl(view.now_ms, Self::SPEC.name)?;
        let mut done = Done { set: true, old: None, get: self.get, ttl };
        if self.get || self.when != When::Always {
            let needs_string = self.get || matches!(self.when, When::Equal(_));
            let old = if self.get { view.string(self.key) } else { view.string_to_write(self.key) };
            let (exists, old) = match old {
                Ok(old) => (old.is_some(), old),
                Err(error) if needs_string => return Err(error),
                Err(_) => (true, None),
            };
            done.set = self.holds(old, exists);
            done.old = old.filter(|_| self.get).map(Str::to_owned);
        }
        if done.set {
            Self::put(view, self.key, self.value, ttl);
        }
        Ok(done)
    }

    fn log(&self, done: &Done, rec: &mut Record, _now_ms: u64) {
        if done.set {
            Self::record(rec, self.key, self.value, done.ttl);
        }
    }
}

crate::cmd::row!(Set<'_>);
