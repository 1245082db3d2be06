//! The commands that return a range: ZRANGE and its older relatives.
use super::{
    members::{Members, Shown},
    select::{Measure, Preset, Select},
};
use crate::{
    base::{atom::Args, error::Result},
    cmd::{Command, Group, READ, Spec},
    keyspace::view::View,
    value::{ZSet, zset::Order},
};
use std::marker::PhantomData;

/// What tells the commands of the family apart.
pub trait Way {
    const SPEC: Spec;
    /// What the name says; nothing: the options do.
    const MEASURE: Option<Measure>;
    /// What the name says; nothing: the options do.
    const ORDER: Option<Order>;
}

/// A command that returns the members of a range.
#[derive(Debug)]
pub struct Ranged<'a, W> {
    pub key: &'a [u8],
    pub select: Select<'a>,
    /// `WITHSCORES`: the reply has the scores too. The typed result always has them.
    pub scores: bool,
    way: PhantomData<W>,
}

impl<'a, W> Ranged<'a, W> {
    /// Returns the members that `select` means.
    pub fn new(key: &'a (impl AsRef<[u8]> + ?Sized), select: Select<'a>) -> Self {
        Self { key: key.as_ref(), select, scores: true, way: PhantomData }
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
        arity: -4,
        flags: READ,
        keys: (1, 1, 1),
        group: Group::SortedSet,
        since,
        complexity: "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned; long ranges are written after the locks have gone.",
        summary,
    }
}

impl<'a, W: Way + 'static> Command<'a> for Ranged<'a, W> {
    const SPEC: Spec = W::SPEC;
    type Owned = Members;
    type Out<'k> = Shown<'k>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let key = args.bytes()?;
        let preset = Preset { measure: W::MEASURE, order: W::ORDER, scores: true };
        let (select, scores) = Select::parse(args, preset)?;
        Ok(Self { key, select, scores, way: PhantomData })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Shown<'k>> {
        let Some(set) = view.get::<ZSet>(self.key)? else { return Ok(Shown::nothing()) };
        Ok(Shown::ranks(set, self.select.ranks_in(set), self.select.order, self.scores))
    }
}
