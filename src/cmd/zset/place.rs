//! The commands that tell a rank: ZRANK and ZREVRANK.
use crate::{
    base::{
        atom::Args,
        emit::{Emit, Sink},
        error::{Error, Result},
    },
    cmd::{Command, FAST, Group, READ, Spec},
    keyspace::view::View,
    value::{ZSet, zset::Order},
};
use std::marker::PhantomData;

/// What tells the commands of the family apart.
pub trait Way {
    const SPEC: Spec;
    /// Ascending: the lowest score has rank 0.
    const ORDER: Order;
}

/// A command that returns the rank of a member, or nothing.
#[derive(Debug)]
pub struct Place<'a, W> {
    pub key: &'a [u8],
    pub member: &'a [u8],
    /// `WITHSCORE`: the reply has the score too. The typed result always has it.
    pub score: bool,
    way: PhantomData<W>,
}

impl<'a, W> Place<'a, W> {
    /// Asks for the rank of `member`.
    pub fn new(key: &'a (impl AsRef<[u8]> + ?Sized), member: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self { key: key.as_ref(), member: member.as_ref(), score: true, way: PhantomData }
    }
}

/// A rank and a score, or nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed {
    found: Option<(u64, f64)>,
    score: bool,
}

impl Emit for Placed {
    fn emit(self, to: &mut dyn Sink) {
        match (self.found, self.score) {
            (None, true) => to.nil_array(),
            (None, false) => to.nil(),
            (Some((rank, _)), false) => rank.emit(to),
            (Some((rank, score)), true) => {
                to.array(2);
                rank.emit(to);
                to.float(score);
            }
        }
    }
}

impl From<Placed> for Option<(u64, f64)> {
    fn from(placed: Placed) -> Self {
        placed.found
    }
}

/// The facts that both share.
pub const fn spec(id: u16, name: &'static str, summary: &'static str) -> Spec {
    Spec {
        id,
        name,
        usage: "key member [WITHSCORE]",
        arity: -3,
        flags: READ | FAST,
        keys: (1, 1, 1),
        group: Group::SortedSet,
        since: "2.0.0",
        complexity: "O(log(N))",
        summary,
    }
}

impl<'a, W: Way + 'static> Command<'a> for Place<'a, W> {
    const SPEC: Spec = W::SPEC;
    type Owned = Option<(u64, f64)>;
    type Out<'k> = Placed;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        if args.len() > 3 {
            return Err(Error::arity(Self::SPEC.name));
        }
        let (key, member) = (args.bytes()?, args.bytes()?);
        Ok(Self { key, member, score: args.token("WITHSCORE"), way: PhantomData })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Placed> {
        let found = view.get::<ZSet>(self.key)?.and_then(|set| match W::ORDER {
            Order::Ascending => set.rank(self.member),
            Order::Descending => set.rev_rank(self.member),
        });
        Ok(Placed { found: found.map(|(rank, score)| (rank as u64, score)), score: self.score })
    }
}
