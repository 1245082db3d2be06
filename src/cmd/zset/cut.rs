//! The commands that remove a range: ZREMRANGEBYRANK, ZREMRANGEBYSCORE, ZREMRANGEBYLEX.
use super::{
    select::{By, Measure},
    zremrangebyrank::ZRemRangeByRank,
};
use crate::{
    base::{
        atom::{Args, Record},
        emit::{Emit, Sink},
        error::Result,
    },
    cmd::{Command, Group, Spec, WRITE},
    keyspace::{notes::Classes, view::View},
    value::{ZSet, zset::Order},
};
use std::marker::PhantomData;

/// What tells the commands of the family apart.
pub trait Way {
    const SPEC: Spec;
    const MEASURE: Measure;
}

/// A command that removes the members of a range, and returns how many there were.
#[derive(Debug)]
pub struct Cut<'a, W> {
    pub key: &'a [u8],
    pub by: By<'a>,
    way: PhantomData<W>,
}

impl<'a, W> Cut<'a, W> {
    /// Removes what `by` means.
    pub fn new(key: &'a (impl AsRef<[u8]> + ?Sized), by: By<'a>) -> Self {
        Self { key: key.as_ref(), by, way: PhantomData }
    }
}

/// What was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removed {
    /// The rank that the first of them had.
    first: usize,
    count: usize,
}

impl Emit for Removed {
    fn emit(self, to: &mut dyn Sink) {
        self.count.emit(to);
    }
}

impl From<Removed> for u64 {
    fn from(removed: Removed) -> Self {
        removed.count as u64
    }
}

/// The facts that all of them share.
pub const fn spec(
    id: u16,
    name: &'static str,
    usage: &'static str,
    since: &'static str,
    summary: &'static str,
) -> Spec {
    Spec {
        id,
        name,
        usage,
        arity: 4,
        flags: WRITE,
        keys: (1, 1, 1),
        group: Group::SortedSet,
        since,
        complexity: "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation, or of those that stay if they are fewer.",
        summary,
    }
}

impl<'a, W: Way + 'static> Command<'a> for Cut<'a, W> {
    const SPEC: Spec = W::SPEC;
    type Owned = u64;
    type Out<'k> = Removed;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self::new(args.bytes()?, By::parse(args, W::MEASURE, Order::Ascending)?))
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Removed> {
        let Some(mut set) = view.get_mut::<ZSet>(self.key)? else {
            return Ok(Removed { first: 0, count: 0 });
        };
        let ranks = self.by.ranks(&set, Order::Ascending);
        let (first, count) = (ranks.start, ranks.len());
        if count == 0 {
            set.unchanged();
            return Ok(Removed { first, count });
        }
        set.notify(Classes::ZSET, W::MEASURE.cut());
        if count == set.len() {
            drop(set);
            view.delete(self.key);
        } else if let Some(rest) = set.remove_ranks(ranks) {
            set.bury(rest);
        }
        Ok(Removed { first, count })
    }

    fn log(&self, removed: &Removed, rec: &mut Record, _now_ms: u64) {
        let Removed { first, count } = *removed;
        if count > 0 {
            // By rank: what a range of members means may depend on the form the set has.
            rec.command(ZRemRangeByRank::SPEC.id).bytes(self.key);
            rec.int(first as i64).int((first + count - 1) as i64);
        }
    }
}
