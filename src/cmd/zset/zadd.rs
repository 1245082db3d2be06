//! ZADD: members and their scores.
use super::full;
use crate::{
    base::{
        atom::{Args, Record},
        emit::{Emit, Sink},
        error::{Error, Result},
    },
    cmd::{Command, DENYOOM, FAST, Group, Spec, WRITE},
    keyspace::{
        notes::Classes,
        view::{Mut, View},
    },
    value::ZSet,
};
use std::ops::Deref;

/// `ZADD key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]`.
#[derive(Debug, Clone)]
pub struct ZAdd<'a> {
    pub key: &'a [u8],
    pub when: When,
    pub then: Then,
    /// `CH`: the reply counts updated members as well as new ones.
    pub count_updated: bool,
    /// `INCR`: the only pair's score is added to the member's.
    pub increment: bool,
    pub pairs: Scored<'a>,
}

/// Which members are touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum When {
    #[default]
    Always,
    /// `NX`: only new ones.
    Absent,
    /// `XX`: only those that are there.
    Present,
}

/// Which scores replace the ones that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Then {
    #[default]
    Any,
    /// `GT`.
    Greater,
    /// `LT`.
    Less,
}

/// Members with their scores: the usual single one without an allocation.
#[derive(Debug, Clone)]
pub enum Scored<'a> {
    One([(f64, &'a [u8]); 1]),
    Many(Vec<(f64, &'a [u8])>),
}

impl<'a> Deref for Scored<'a> {
    type Target = [(f64, &'a [u8])];
    fn deref(&self) -> &Self::Target {
        match self {
            Self::One(one) => one,
            Self::Many(many) => many,
        }
    }
}

/// What ZADD did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Added {
    /// The number of members that are new.
    pub added: u64,
    /// The number of members whose score has changed.
    pub updated: u64,
    /// With `INCR`: the resulting score, or nothing when a condition did not hold.
    pub score: Option<f64>,
    reply: Reply,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reply {
    Added,
    Changed,
    Score,
}

impl Emit for Added {
    fn emit(self, to: &mut dyn Sink) {
        match self.reply {
            Reply::Added => self.added.emit(to),
            Reply::Changed => (self.added + self.updated).emit(to),
            Reply::Score => self.score.emit(to),
        }
    }
}

/// What became of one pair.
enum Fate {
    Added,
    Updated,
    Same,
    Refused,
    NotANumber,
}

impl<'a> ZAdd<'a> {
    /// `ZADD key score member`, without conditions.
    pub fn new(
        key: &'a (impl AsRef<[u8]> + ?Sized),
        score: f64,
        member: &'a (impl AsRef<[u8]> + ?Sized),
    ) -> Self {
        Self::many(key, Scored::One([(score, member.as_ref())]))
    }

    /// Several pairs, without conditions.
    pub fn many(key: &'a (impl AsRef<[u8]> + ?Sized), pairs: Scored<'a>) -> Self {
        Self {
            key: key.as_ref(),
            when: When::Always,
            then: Then::Any,
            count_updated: false,
            increment: false,
            pairs,
        }
    }

    /// Only members that are not there yet (`NX`).
    pub fn only_new(mut self) -> Self {
        self.when = When::Absent;
        self
    }

    /// Only members that are there (`XX`).
    pub fn only_existing(mut self) -> Self {
        self.when = When::Present;
        self
    }

    /// Only scores above the present one, and new members (`GT`).
    pub fn only_greater(mut self) -> Self {
        self.then = Then::Greater;
        self
    }

    /// Only scores below the present one, and new members (`LT`).
    pub fn only_less(mut self) -> Self {
        self.then = Then::Less;
        self
    }

    /// The only pair's score is added to the member's (`INCR`).
    pub fn incrementing(mut self) -> Self {
        self.increment = true;
        self
    }

    /// Takes the options and pairs; `increment` when the command's name says so.
    pub(super) fn read(args: &mut Args<'a>, increment: bool) -> Result<Self> {
        let mut add = Self::many(args.bytes()?, Scored::Many(Vec::new()));
        add.increment = increment;
        let (mut nx, mut xx, mut gt, mut lt) = (false, false, false, false);
        loop {
            let flags: [(&str, &mut bool); 6] = [
                ("NX", &mut nx),
                ("XX", &mut xx),
                ("GT", &mut gt),
                ("LT", &mut lt),
                ("CH", &mut add.count_updated),
                ("INCR", &mut add.increment),
            ];
            let Some((_, flag)) = flags.into_iter().find(|(word, _)| args.token(word)) else { break };
            *flag = true;
        }
        if args.is_empty() || !args.len().is_multiple_of(2) {
            return Err(Error::syntax());
        }
        if nx && xx {
            return Err(Error::command("ERR XX and NX options at the same time are not compatible"));
        }
        if (nx && (gt || lt)) || (gt && lt) {
            return Err(Error::command("ERR GT, LT, and/or NX options at the same time are not compatible"));
        }
        if add.increment && args.len() > 2 {
            return Err(Error::command("ERR INCR option supports a single increment-element pair"));
        }
        add.when = if nx {
            When::Absent
        } else if xx {
            When::Present
        } else {
            When::Always
        };
        add.then = if gt {
            Then::Greater
        } else if lt {
            Then::Less
        } else {
            Then::Any
        };
        add.pairs = pairs(args)?;
        Ok(add)
    }

    /// Adds one pair; returns what became of it and, with `INCR`, the resulting score.
    fn add(
        &self,
        set: &mut ZSet,
        score: f64,
        member: &[u8],
        limits: &crate::base::limits::Encodings,
    ) -> (Fate, f64) {
        let mut result = (Fate::Refused, score);
        set.change(member, limits, |old| {
            let Some(old) = old else {
                let wanted = self.when != When::Present;
                result.0 = if wanted { Fate::Added } else { Fate::Refused };
                return wanted.then_some(score);
            };
            if self.when == When::Absent {
                return None;
            }
            let new = if self.increment { old + score } else { score };
            result = (Fate::NotANumber, new);
            if new.is_nan() {
                return None;
            }
            let holds = match self.then {
                Then::Any => true,
                Then::Greater => new > old,
                Then::Less => new < old,
            };
            result.0 = match holds {
                false => Fate::Refused,
                true if new == old => Fate::Same,
                true => Fate::Updated,
            };
            holds.then_some(new)
        });
        result
    }

    fn add_all(&self, mut set: Mut<'_, ZSet>) -> Result<Added> {
        let limits = set.limits();
        let bytes = self.pairs.iter().map(|(_, member)| member.len()).sum();
        if !set.has_room_for(self.pairs.len(), bytes) {
            set.unchanged();
            return Err(full());
        }
        set.expect(self.pairs.len(), &limits);
        let mut done = self.nothing();
        for (score, member) in self.pairs.iter() {
            let (fate, score) = self.add(&mut set, *score, member, &limits);
            match fate {
                Fate::Added => done.added += 1,
                Fate::Updated => done.updated += 1,
                Fate::Same => {}
                Fate::Refused => continue,
                Fate::NotANumber => {
                    // Only INCR makes such a score, and then there is one pair: nothing has changed.
                    set.unchanged();
                    return Err(Error::command("ERR resulting score is not a number (NaN)"));
                }
            }
            done.score = Some(score);
        }
        if done.added + done.updated == 0 {
            set.unchanged();
        } else {
            set.notify(Classes::ZSET, if self.increment { "zincr" } else { "zadd" });
        }
        Ok(done)
    }

    fn nothing(&self) -> Added {
        let reply = match (self.increment, self.count_updated) {
            (true, _) => Reply::Score,
            (false, true) => Reply::Changed,
            (false, false) => Reply::Added,
        };
        Added { added: 0, updated: 0, score: None, reply }
    }
}

fn pairs<'a>(args: &mut Args<'a>) -> Result<Scored<'a>> {
    if args.len() == 2 {
        return Ok(Scored::One([(args.float()?, args.bytes()?)]));
    }
    let mut pairs = Vec::with_capacity(args.len() / 2);
    while !args.is_empty() {
        pairs.push((args.float()?, args.bytes()?));
    }
    Ok(Scored::Many(pairs))
}

impl<'a> Command<'a> for ZAdd<'a> {
    const SPEC: Spec = Spec {
        id: 0x0601,
        name: "ZADD",
        usage: "key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]",
        arity: -4,
        flags: WRITE | DENYOOM | FAST,
        keys: (1, 1, 1),
        group: Group::SortedSet,
        since: "1.2.0",
        complexity: "O(log(N)) for each item added, where N is the number of elements in the sorted set.",
        summary: "Adds one or more members to a sorted set, or updates their scores. Creates the key if it doesn't exist.",
    };
    type Owned = Added;
    type Out<'k> = Added;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Self::read(args, false)
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Added> {
        if self.pairs.iter().any(|(score, _)| score.is_nan()) {
            // Parsers refuse it; a typed caller may still say it.
            return Err(Error::not_a_float());
        }
        if self.when == When::Present {
            return view.get_mut(self.key)?.map_or_else(|| Ok(self.nothing()), |set| self.add_all(set));
        }
        self.add_all(view.get_or_new(self.key, ZSet::new)?)
    }

    fn log(&self, done: &Added, rec: &mut Record, _now_ms: u64) {
        if done.added + done.updated == 0 {
            return;
        }
        rec.command(Self::SPEC.id).bytes(self.key);
        if let (true, [(_, member)], Some(score)) = (self.increment, &*self.pairs, done.score) {
            rec.float(score).bytes(member);
            return;
        }
        match self.when {
            When::Always => {}
            When::Absent => _ = rec.bytes(b"NX"),
            When::Present => _ = rec.bytes(b"XX"),
        }
        match self.then {
            Then::Any => {}
            Then::Greater => _ = rec.bytes(b"GT"),
            Then::Less => _ = rec.bytes(b"LT"),
        }
        for (score, member) in self.pairs.iter() {
            rec.float(*score).bytes(member);
        }
    }
}

crate::cmd::row!(ZAdd<'_>);
