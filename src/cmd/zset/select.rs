//! Which members of a sorted set are meant: by rank, score or member, in either direction, and a part of those.
use crate::{
    base::{
        atom::Args,
        error::{Error, Result},
    },
    cmd::args::{
        indices,
        limit::Limit,
        range::{members, scores},
    },
    value::{
        ZSet,
        zset::{LexBound, LexRange, Order, ScoreBound, ScoreRange},
    },
};
use std::ops::{Bound, Range, RangeBounds};

/// What a range is measured in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum By<'a> {
    /// Ranks from the first to the second, both included, counted from the end when negative; in descending order the
    /// highest score has rank 0.
    Rank(i64, i64),
    Score(ScoreRange),
    Member(LexRange<'a>),
}

/// Which of them: what a command's name says before its options do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    Rank,
    Score,
    Member,
}

impl Measure {
    /// The event of a range that was removed.
    pub fn cut(self) -> &'static str {
        match self {
            Self::Rank => "zremrangebyrank",
            Self::Score => "zremrangebyscore",
            Self::Member => "zremrangebylex",
        }
    }
}

/// Some members of a sorted set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Select<'a> {
    pub by: By<'a>,
    pub order: Order,
    pub limit: Limit,
}

/// What a command of the family has decided before its options are read.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// Nothing: `BYSCORE` and `BYLEX` may be said, and ranks are meant otherwise.
    pub measure: Option<Measure>,
    /// Nothing: `REV` may be said.
    pub order: Option<Order>,
    /// `WITHSCORES` may be said.
    pub scores: bool,
}

impl<'a> By<'a> {
    /// Takes the two ends of a range.
    pub fn parse(args: &mut Args<'a>, measure: Measure, order: Order) -> Result<Self> {
        Ok(match measure {
            Measure::Rank => Self::Rank(args.int()?, args.int()?),
            Measure::Score => Self::Score(scores(args, order)?),
            Measure::Member => Self::Member(members(args, order)?),
        })
    }

    /// Returns the ranks, lowest score first, of what is meant in `set`.
    pub fn ranks(&self, set: &ZSet, order: Order) -> Range<usize> {
        match self {
            Self::Rank(start, stop) => {
                let len = set.len();
                let ranks = indices::range(*start, *stop, len);
                match order {
                    Order::Ascending => ranks,
                    Order::Descending => len - ranks.end..len - ranks.start,
                }
            }
            Self::Score(range) => set.score_ranks(range),
            Self::Member(range) => set.lex_ranks(range, order),
        }
    }
}

impl<'a> Select<'a> {
    /// Ranks from `start` to `stop`, both included, counted from the end when negative.
    pub fn ranks(start: i64, stop: i64) -> Self {
        Self::new(By::Rank(start, stop))
    }

    /// Scores in a range: `1.0..=2.0`, `..5.0`, `..`.
    pub fn scores(range: impl RangeBounds<f64>) -> Self {
        let end = |bound: Bound<&f64>, open: f64| match bound {
            Bound::Included(score) => ScoreBound::Including(*score),
            Bound::Excluded(score) => ScoreBound::Excluding(*score),
            Bound::Unbounded => ScoreBound::Including(open),
        };
        Self::new(By::Score(ScoreRange {
            min: end(range.start_bound(), f64::NEG_INFINITY),
            max: end(range.end_bound(), f64::INFINITY),
        }))
    }

    /// Members in a range, of a set whose scores are all the same.
    pub fn members<M: AsRef<[u8]> + ?Sized>(from: Bound<&'a M>, to: Bound<&'a M>) -> Self {
        let end = |bound: Bound<&'a M>, open| match bound {
            Bound::Included(member) => LexBound::Including(member.as_ref()),
            Bound::Excluded(member) => LexBound::Excluding(member.as_ref()),
            Bound::Unbounded => open,
        };
        let (min, max) = (end(from, LexBound::Lowest), end(to, LexBound::Highest));
        Self::new(By::Member(LexRange { min, max }))
    }

    fn new(by: By<'a>) -> Self {
        Self { by, order: Order::Ascending, limit: Limit::ALL }
    }

    /// Goes from the highest score to the lowest; ranks count from the highest.
    pub fn rev(mut self) -> Self {
        self.order = Order::Descending;
        self
    }

    /// Leaves out the first `offset` members and takes up to `count` then. It says nothing about ranks.
    pub fn limit(mut self, offset: u32, count: u32) -> Self {
        if !matches!(self.by, By::Rank(..)) {
            self.limit = Limit { offset: offset.into(), count: count.into() };
        }
        self
    }

    /// Takes the two ends and all options; the second result tells whether scores are asked for. The ends are read
    /// after the options, as Redis does.
    pub fn parse(args: &mut Args<'a>, preset: Preset) -> Result<(Self, bool)> {
        let mut ends = args.take(2)?;
        let Preset { mut measure, mut order, .. } = preset;
        let (mut limit, mut scores) = (Limit::ALL, false);
        while !args.is_empty() {
            if preset.scores && args.token("WITHSCORES") {
                scores = true;
            } else if let Some(said) = Limit::parse(args)? {
                limit = said;
            } else if order.is_none() && args.token("REV") {
                order = Some(Order::Descending);
            } else if measure.is_none() && args.token("BYLEX") {
                measure = Some(Measure::Member);
            } else if measure.is_none() && args.token("BYSCORE") {
                measure = Some(Measure::Score);
            } else {
                return Err(Error::syntax());
            }
        }
        let (measure, order) = (measure.unwrap_or(Measure::Rank), order.unwrap_or(Order::Ascending));
        if measure == Measure::Rank && limit.count != -1 {
            return Err(Error::command(
                "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
            ));
        }
        if measure == Measure::Member && scores {
            return Err(Error::command(
                "ERR syntax error, WITHSCORES not supported in combination with BYLEX",
            ));
        }
        if measure == Measure::Rank {
            // A limit that takes all is let through, and ignored.
            limit = Limit::ALL;
        }
        Ok((Self { by: By::parse(&mut ends, measure, order)?, order, limit }, scores))
    }

    /// Returns the ranks, lowest score first, of what is meant in `set`.
    pub fn ranks_in(&self, set: &ZSet) -> Range<usize> {
        self.limit.cut(self.by.ranks(set, self.order), self.order)
    }
}
