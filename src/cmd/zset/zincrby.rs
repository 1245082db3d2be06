//! ZINCRBY: adds to a score.
use super::zadd::ZAdd;
use crate::{
    base::{
        atom::{Args, Record},
        emit::{Emit, Sink},
        error::{Error, Result},
    },
    cmd::{Command, DENYOOM, FAST, Group, Spec, WRITE},
    keyspace::view::View,
};

/// `ZINCRBY key increment member`. Returns the resulting score: [`ZAdd`] with `INCR`.
#[derive(Debug, Clone, Copy)]
pub struct ZIncrBy<'a> {
    pub key: &'a [u8],
    pub increment: f64,
    pub member: &'a [u8],
}

/// The score that came of it.
#[derive(Debug, Clone, Copy)]
pub struct Incremented {
    score: f64,
    /// False: nothing was added to it, or too little to make a difference.
    changed: bool,
}

impl From<Incremented> for f64 {
    fn from(done: Incremented) -> Self {
        done.score
    }
}

impl Emit for Incremented {
    fn emit(self, to: &mut dyn Sink) {
        self.score.emit(to);
    }
}

impl<'a> ZIncrBy<'a> {
    fn add(&self) -> ZAdd<'_> {
        ZAdd::new(self.key, self.increment, self.member).incrementing()
    }
}

impl<'a> Command<'a> for ZIncrBy<'a> {
    const SPEC: Spec = Spec {
        id: 0x0602,
        name: "ZINCRBY",
        usage: "key increment member",
        arity: 4,
        flags: WRITE | DENYOOM | FAST,
        keys: (1, 1, 1),
        group: Group::SortedSet,
        since: "1.2.0",
        complexity: "O(log(N)) where N is the number of elements in the sorted set.",
        summary: "Increments the score of a member in a sorted set.",
    };
    type Owned = f64;
    type Out<'k> = Incremented;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        // Read as ZADD: a word that ZADD takes for an option is a syntax error here.
        let add = ZAdd::read(args, true)?;
        let [(increment, member)] = *add.pairs else { return Err(Error::syntax()) };
        Ok(Self { key: add.key, increment, member })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Incremented> {
        let done = self.add().run(view)?;
        // Without conditions there always is a score.
        let score = done.score.unwrap_or(self.increment);
        Ok(Incremented { score, changed: done.added + done.updated > 0 })
    }

    fn log(&self, done: &Incremented, rec: &mut Record, _now_ms: u64) {
        if done.changed {
            rec.command(ZAdd::SPEC.id).bytes(self.key).float(done.score).bytes(self.member);
        }
    }
}

crate::cmd::row!(ZIncrBy<'_>);
