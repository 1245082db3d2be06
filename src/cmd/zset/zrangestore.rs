//! ZRANGESTORE: a range as a sorted set of its own.
use super::{
    full,
    select::{Preset, Select},
    stored::Stored,
};
use crate::{
    base::{
        atom::{Args, Record},
        error::Result,
        limits::Encodings,
    },
    cmd::{Command, DENYOOM, Group, Spec, WRITE},
    keyspace::view::View,
    value::ZSet,
};

/// `ZRANGESTORE dst src min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]`. Returns the number of members stored.
#[derive(Debug, Clone, Copy)]
pub struct ZRangeStore<'a> {
    pub target: &'a [u8],
    pub source: &'a [u8],
    pub select: Select<'a>,
}

/// Copies what `select` means out of `set`.
fn part(set: &ZSet, select: &Select<'_>, limits: &Encodings) -> Result<ZSet> {
    let ranks = select.ranks_in(set);
    if ranks.len() == set.len() {
        // All of it: a clone, whose blocks are shared.
        let mut all = set.clone();
        all.settle(limits);
        return Ok(all);
    }
    let mut part = ZSet::new();
    for (member, score) in set.range(ranks) {
        if !part.has_room_for(1) {
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
    type Out<'k> = Stored;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let (target, source) = (args.bytes()?, args.bytes()?);
        let (select, _) = Select::parse(args, Preset { measure: None, order: None, scores: false })?;
        Ok(Self { target, source, select })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.target);
        each(self.source);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Stored> {
        let limits = view.limits();
        let set = match view.get::<ZSet>(self.source)? {
            Some(set) => part(set, &self.select, &limits)?,
            None => ZSet::new(),
        };
        Ok(Stored::put(view, self.target, set))
    }

    fn log(&self, stored: &Stored, rec: &mut Record, _now_ms: u64) {
        if stored.changed {
            rec.command(Self::SPEC.id).bytes(self.target).bytes(self.source);
            self.select.log(rec);
        }
    }
}

crate::cmd::row!(ZRangeStore<'_>);
