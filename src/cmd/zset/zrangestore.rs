//! ZRANGESTORE: a range as a sorted set of its own.
use super::{
    full,
    select::{By, Preset, Select},
    stored::Stored,
};
use crate::{
    base::{
        atom::{Args, Record},
        emit::{Emit, Sink},
        error::Result,
        limits::Encodings,
    },
    cmd::{Command, DENYOOM, Group, Spec, WRITE, args::several::Several, key::del::Del},
    keyspace::view::View,
    value::ZSet,
};
use std::ops::Range;

/// `ZRANGESTORE dst src min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]`. Returns the number of members stored.
#[derive(Debug, Clone, Copy)]
pub struct ZRangeStore<'a> {
    pub target: &'a [u8],
    pub source: &'a [u8],
    pub select: Select<'a>,
}

/// What was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    stored: Stored,
    /// The rank of the first of them.
    first: usize,
}

impl Emit for Copied {
    fn emit(self, to: &mut dyn Sink) {
        self.stored.emit(to);
    }
}

impl From<Copied> for u64 {
    fn from(copied: Copied) -> Self {
        copied.stored.count
    }
}

/// Copies the members of some ranks out of `set`.
fn part(set: &ZSet, ranks: Range<usize>, by: &By<'_>, limits: &Encodings) -> Result<ZSet> {
    if ranks.len() == set.len() {
        // All of it: a clone, whose blocks are shared.
        let mut all = set.clone();
        all.settle(limits);
        return Ok(all);
    }
    // Redis knows the size beforehand when ranks are named.
    let size = if let By::Rank(..) = by { ranks.len() } else { 0 };
    let mut part = ZSet::for_size(size, 0, limits);
    for (member, score) in set.range(ranks) {
        if !part.has_room_for(1, member.len()) {
            return Err(full());
        }
        part.insert(member, score, limits);
    }
    Ok(part)
}

impl<'a> Command<'a> for ZRangeStore<'a> {
    const SPEC: Spec = Spec {
        id: 0x060C,
        name: "ZRANGESTORE",
        usage: "dst src min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]",
        arity: -5,
        flags: WRITE | DENYOOM,
        keys: (1, 2, 1),
        group: Group::SortedSet,
        since: "6.2.0",
        complexity: "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements stored into the destination key.",
        summary: "Stores a range of members from sorted set in a key.",
    };
    type Owned = u64;
    type Out<'k> = Copied;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let (target, source) = (args.bytes()?, args.bytes()?);
        let (select, _) = Select::parse(args, Preset { measure: None, order: None, scores: false })?;
        Ok(Self { target, source, select })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.target);
        each(self.source);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Copied> {
        let limits = view.limits();
        let (set, first) = match view.get::<ZSet>(self.source)? {
            Some(set) => {
                let ranks = self.select.ranks_in(set);
                let first = ranks.start;
                (part(set, ranks, &self.select.by, &limits)?, first)
            }
            None => (ZSet::new(), 0),
        };
        Ok(Copied { stored: Stored::put(view, self.target, set, "zrangestore"), first })
    }

    fn log(&self, copied: &Copied, rec: &mut Record, now_ms: u64) {
        let Copied { stored, first } = copied;
        if stored.count > 0 {
            // By rank: what a range of members means may depend on the form the set has.
            rec.command(Self::SPEC.id).bytes(self.target).bytes(self.source);
            rec.int(*first as i64).int((first + stored.count as usize - 1) as i64);
        } else if stored.changed {
            Del { keys: Several::One(self.target) }.log(&1, rec, now_ms);
        }
    }
}

crate::cmd::row!(ZRangeStore<'_>);
