//! Members with scores as results: borrowed while the keys are locked, owned afterwards.
//!
//! Few of them are read where they are. What may be long is a clone of the set's order instead, or what is needed to find
//! them, and is gone through when the locks have gone.
use crate::{
    base::{
        bytes::Bytes,
        emit::{Emit, Sink},
        limits::INLINE_RESULT_LEN_MAX,
    },
    value::{
        ZSet,
        zset::{Order, Ordered, Range},
    },
};
use std::ops::Range as Ranks;

/// Members with their scores, owned.
pub type Pairs = Vec<(Bytes, f64)>;

/// Finds members when the locks have gone.
pub type Search = Box<dyn FnOnce() -> Pairs + Send>;

/// Members as a command hands them out.
pub struct Shown<'k> {
    part: Part<'k>,
    order: Order,
    scores: Scores,
}

/// How scores are part of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scores {
    No,
    /// Pairs side by side in RESP2, lists of two in RESP3.
    Yes,
    /// Lists of two in either protocol.
    Nested,
}

impl From<bool> for Scores {
    fn from(wanted: bool) -> Self {
        if wanted { Self::Yes } else { Self::No }
    }
}

enum Part<'k> {
    Few(Range<'k>),
    Many(Ordered, Ranks<usize>),
    Made(Pairs),
    Search(Search),
}

impl<'k> Shown<'k> {
    /// The members of some ranks.
    pub fn ranks(set: &'k ZSet, ranks: Ranks<usize>, order: Order, scores: bool) -> Self {
        let scores = scores.into();
        let part = if ranks.len() > INLINE_RESULT_LEN_MAX {
            Part::Many(set.ordered(), ranks)
        } else {
            Part::Few(set.range(ranks))
        };
        Self { part, order, scores }
    }

    /// All members of a set that is to be given up.
    pub fn whole(set: &ZSet, order: Order) -> Self {
        Self { part: Part::Many(set.ordered(), 0..set.len()), order, scores: Scores::Yes }
    }

    /// Members that were put together for this reply.
    pub fn made(pairs: Pairs, scores: bool) -> Self {
        Self { part: Part::Made(pairs), order: Order::Ascending, scores: scores.into() }
    }

    /// Members that are found when the locks have gone.
    pub fn search(search: Search, scores: bool) -> Self {
        Self { part: Part::Search(search), order: Order::Ascending, scores: scores.into() }
    }

    /// The same, every member and its score as a list of two in either protocol.
    pub fn nested(mut self) -> Self {
        self.scores = Scores::Nested;
        self
    }

    /// No members.
    pub fn nothing() -> Self {
        Self::made(Vec::new(), false)
    }
}

/// Writes members, with or without scores.
fn write<'a>(to: &mut dyn Sink, pairs: impl ExactSizeIterator<Item = (&'a [u8], f64)>, scores: Scores) {
    match scores {
        Scores::Yes => to.pairs(pairs.len()),
        Scores::No | Scores::Nested => to.array(pairs.len()),
    }
    for (member, score) in pairs {
        match scores {
            Scores::No => {
                to.bytes(member);
                continue;
            }
            Scores::Yes => to.pair(),
            Scores::Nested => to.array(2),
        }
        to.bytes(member);
        to.float(score);
    }
}

fn write_made(to: &mut dyn Sink, pairs: &[(Bytes, f64)], scores: Scores) {
    write(to, pairs.iter().map(|(member, score)| (&**member, *score)), scores);
}

fn write_range(to: &mut dyn Sink, range: Range<'_>, order: Order, scores: Scores) {
    match order {
        Order::Ascending => write(to, range, scores),
        Order::Descending => write(to, range.rev(), scores),
    }
}

fn collect(range: Range<'_>, order: Order) -> Pairs {
    let own = |(member, score)| (Bytes::copy(member), score);
    match order {
        Order::Ascending => range.map(own).collect(),
        Order::Descending => range.rev().map(own).collect(),
    }
}

impl Emit for Shown<'_> {
    fn emit(self, to: &mut dyn Sink) {
        let Self { part, order, scores } = self;
        match part {
            Part::Few(range) => write_range(to, range, order, scores),
            Part::Made(pairs) => write_made(to, &pairs, scores),
            Part::Many(set, ranks) => to.later(Box::new(move |to: &mut dyn Sink| {
                write_range(to, set.range(ranks), order, scores);
            })),
            Part::Search(search) => to.later(Box::new(move |to: &mut dyn Sink| {
                write_made(to, &search(), scores);
            })),
        }
    }
}

/// Members with their scores, as the caller of the typed API keeps them. Long results are copied out of the set only when
/// they are asked for.
pub struct Members(Kept);

enum Kept {
    Made(Pairs),
    Many(Ordered, Ranks<usize>, Order),
    Search(Search),
}

impl From<Shown<'_>> for Members {
    fn from(shown: Shown<'_>) -> Self {
        Self(match shown.part {
            Part::Few(range) => Kept::Made(collect(range, shown.order)),
            Part::Made(pairs) => Kept::Made(pairs),
            Part::Many(set, ranks) => Kept::Many(set, ranks, shown.order),
            Part::Search(search) => Kept::Search(search),
        })
    }
}

impl Members {
    /// Returns the members with their scores.
    pub fn into_pairs(self) -> Pairs {
        match self.0 {
            Kept::Made(pairs) => pairs,
            Kept::Many(set, ranks, order) => collect(set.range(ranks), order),
            Kept::Search(search) => search(),
        }
    }

    /// Returns the members without their scores.
    pub fn into_members(self) -> Vec<Bytes> {
        self.into_pairs().into_iter().map(|(member, _)| member).collect()
    }
}
