//! The commands that count a range: ZCOUNT and ZLEXCOUNT.
use super::select::{By, Measure};
use crate::{
    base::{atom::Args, error::Result},
    cmd::{Command, FAST, Group, READ, Spec},
    keyspace::view::View,
    value::{ZSet, zset::Order},
};
use std::marker::PhantomData;

/// What tells the commands of the family apart.
pub trait Way {
    const SPEC: Spec;
    const MEASURE: Measure;
}

/// A command that returns the number of members in a range.
#[derive(Debug)]
pub struct Counted<'a, W> {
    pub key: &'a [u8],
    pub by: By<'a>,
    way: PhantomData<W>,
}

impl<'a, W> Counted<'a, W> {
    /// Counts what `by` means.
    pub fn new(key: &'a (impl AsRef<[u8]> + ?Sized), by: By<'a>) -> Self {
        Self { key: key.as_ref(), by, way: PhantomData }
    }
}

/// The facts that both share.
pub const fn spec(id: u16, name: &'static str, since: &'static str, summary: &'static str) -> Spec {
    Spec {
        id,
        name,
        usage: "key min max",
        arity: 4,
        flags: READ | FAST,
        keys: (1, 1, 1),
        group: Group::SortedSet,
        since,
        complexity: "O(log(N)) with N being the number of elements in the sorted set.",
        summary,
    }
}

impl<'a, W: Way + 'static> Command<'a> for Counted<'a, W> {
    const SPEC: Spec = W::SPEC;
    type Owned = u64;
    type Out<'k> = u64;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self::new(args.bytes()?, By::parse(args, W::MEASURE, Order::Ascending)?))
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<u64> {
        let set = view.get::<ZSet>(self.key)?;
        Ok(set.map_or(0, |set| self.by.ranks(set, Order::Ascending).len()) as u64)
    }
}
