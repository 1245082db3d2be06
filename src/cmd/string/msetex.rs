//! MSETEX: several keys at once, under conditions, with a time to live.
use super::{
    mset::MSet,
    options::{self, Life, Options, When, Whose},
    set::Set,
};
use crate::{
    base::{
        atom::{Args, Record},
        emit::{Emit, Sink},
        error::{Error, Result},
    },
    cmd::{Command, DENYOOM, Group, MOVABLE_KEYS, Spec, WRITE, args::expiry::Expiry},
    keyspace::{strings::Ttl, view::View},
};

/// `MSETEX numkeys key value [key value ...] [NX | XX] [EX seconds | PX milliseconds | EXAT unix-time-seconds |
/// PXAT unix-time-milliseconds | KEEPTTL]`. Sets all keys, or none when the condition fails for one of them.
#[derive(Debug, Clone)]
pub struct MSetEx<'a> {
    pub pairs: Vec<(&'a [u8], &'a [u8])>,
    /// Never [`When::Equal`].
    pub when: When<'a>,
    pub life: Life,
}

/// Whether the keys were set, and how long they live.
#[derive(Debug, Clone, Copy)]
pub struct Done {
    set: bool,
    ttl: Ttl,
}

impl Emit for Done {
    fn emit(self, to: &mut dyn Sink) {
        self.set.emit(to);
    }
}

impl From<Done> for bool {
    fn from(done: Done) -> Self {
        done.set
    }
}

impl<'a> MSetEx<'a> {
    /// Sets all of `pairs`, without conditions.
    pub fn new(pairs: &'a [(impl AsRef<[u8]>, impl AsRef<[u8]>)]) -> Self {
        Self { pairs: MSet::new(pairs).pairs, when: When::Always, life: Life::Unsaid }
    }

    /// Only if none of the keys exists (`NX`).
    pub fn only_new(mut self) -> Self {
        self.when = When::Absent;
        self
    }

    /// Only if all keys exist (`XX`).
    pub fn only_existing(mut self) -> Self {
        self.when = When::Present;
        self
    }

    /// The keys shall live for `ms` milliseconds (`PX`), which must be above 0.
    pub fn expire_in_ms(mut self, ms: i64) -> Self {
        self.life = Life::Until(Expiry::In(ms));
        self
    }

    /// The keys shall live until `at_ms`, in Unix milliseconds (`PXAT`).
    pub fn expire_at_ms(mut self, at_ms: i64) -> Self {
        self.life = Life::Until(Expiry::At(at_ms));
        self
    }

    /// The keys shall keep their time to live (`KEEPTTL`).
    pub fn keep_ttl(mut self) -> Self {
        self.life = Life::Keep;
        self
    }
}

impl<'a> Command<'a> for MSetEx<'a> {
    const SPEC: Spec = Spec {
        id: 0x0117,
        name: "MSETEX",
        usage: "numkeys key value [key value ...] [NX | XX] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]",
        arity: -4,
        flags: WRITE | DENYOOM | MOVABLE_KEYS,
        keys: (0, 0, 0),
        group: Group::String,
        since: "9.1.0",
        complexity: "O(N) where N is the number of keys to set.",
        summary: "Atomically creates or modifies the string values of one or more keys, and optionally set their expiration.",
    };
    type Owned = bool;
    type Out<'k> = Done;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let bad = || Error::command("ERR invalid numkeys value or out of range");
        let count = args.int_or(bad)?;
        let count = i32::try_from(count).ok().filter(|count| *count > 0).ok_or_else(bad)?;
        let mut given = args.take(count as usize * 2)?;
        let mut pairs = Vec::with_capacity(count as usize);
        while !given.is_empty() {
            pairs.push((given.bytes()?, given.bytes()?));
        }
        let Options { when, life, .. } = Options::parse(args, Whose::MSetEx, Self::SPEC.name)?;
        Ok(Self { pairs, when, life })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.pairs.iter().for_each(|(key, _)| each(key));
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Done> {
        let ttl = self.life.ttl(view.now_ms, Self::SPEC.name)?;
        let mut keys = self.pairs.iter().map(|(key, _)| key);
        let set = match self.when {
            When::Absent => !keys.any(|key| view.exists_to_write(key)),
            When::Present => keys.all(|key| view.exists_to_write(key)),
            When::Always | When::Equal(_) => true,
        };
        if set {
            for (key, value) in &self.pairs {
                Set::put(view, key, value, ttl);
            }
        }
        Ok(Done { set, ttl })
    }

    fn log(&self, done: &Done, rec: &mut Record, _now_ms: u64) {
        if !done.set {
            return;
        }
        rec.command(Self::SPEC.id).int(self.pairs.len() as i64);
        for (key, value) in &self.pairs {
            rec.bytes(key).bytes(value);
        }
        options::log(rec, done.ttl);
    }
}

crate::cmd::row!(MSetEx<'_>);
