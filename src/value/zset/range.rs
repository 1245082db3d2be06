//! Parts of a sorted set: by score, by member; and iteration over a run of ranks.
use super::large::{Large, Run};
use crate::ds::packed::{Packed, cursor};
use std::{
    iter::{FusedIterator, Skip, Take},
    ops::Range as Ranks,
};

/// One end of a range of scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ScoreBound {
    /// `5`.
    Including(f64),
    /// `(5`.
    Excluding(f64),
}

/// Members from one score to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreRange {
    pub min: ScoreBound,
    pub max: ScoreBound,
}

impl ScoreRange {
    /// Every score.
    pub const ALL: Self =
        Self { min: ScoreBound::Including(f64::NEG_INFINITY), max: ScoreBound::Including(f64::INFINITY) };

    /// Tells whether a score is below the range.
    #[inline]
    pub fn is_below(&self, score: f64) -> bool {
        match self.min {
            ScoreBound::Including(min) => score < min,
            ScoreBound::Excluding(min) => score <= min,
        }
    }

    /// Tells whether a score is not above the range.
    #[inline]
    pub fn is_up_to(&self, score: f64) -> bool {
        match self.max {
            ScoreBound::Including(max) => score <= max,
            ScoreBound::Excluding(max) => score < max,
        }
    }
}

/// One end of a range of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LexBound<'a> {
    /// `-`: before every member.
    Lowest,
    /// `+`: after every member.
    Highest,
    /// `[member`.
    Including(&'a [u8]),
    /// `(member`.
    Excluding(&'a [u8]),
}

/// Members from one to another, in the order of their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LexRange<'a> {
    pub min: LexBound<'a>,
    pub max: LexBound<'a>,
}

impl LexRange<'_> {
    /// Tells whether a member is below the range.
    #[inline]
    pub fn is_below(&self, member: &[u8]) -> bool {
        match self.min {
            LexBound::Lowest => false,
            LexBound::Highest => true,
            LexBound::Including(min) => member < min,
            LexBound::Excluding(min) => member <= min,
        }
    }

    /// Tells whether a member is not above the range.
    #[inline]
    pub fn is_up_to(&self, member: &[u8]) -> bool {
        match self.max {
            LexBound::Lowest => false,
            LexBound::Highest => true,
            LexBound::Including(max) => member <= max,
            LexBound::Excluding(max) => member < max,
        }
    }

    /// Tells whether no member can be in the range, because it ends before it begins.
    pub fn is_void(&self) -> bool {
        use LexBound::{Excluding, Highest, Including, Lowest};
        match (self.min, self.max) {
            (Including(min), Including(max)) => min > max,
            (Including(min) | Excluding(min), Excluding(max) | Including(max)) => min >= max,
            (Highest, Highest) | (Lowest, _) | (_, Highest) => false,
            (Highest, _) | (_, Lowest) => true,
        }
    }
}

/// The direction in which a range is gone through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Lowest score first.
    Ascending,
    /// Highest score first.
    Descending,
}

/// Members with their scores, of a run of ranks. Runs in both directions.
#[derive(Clone)]
pub struct Range<'a>(Form<'a>);

#[derive(Clone)]
enum Form<'a> {
    Small(Take<Skip<cursor::Iter<'a>>>),
    Large(Run<'a>),
}

impl<'a> Range<'a> {
    /// Iterates over a packed form: alternating members and scores.
    pub(super) fn small(packed: &'a Packed, ranks: Ranks<usize>) -> Self {
        let end = ranks.end.min(packed.len() / 2);
        let count = end.saturating_sub(ranks.start);
        Self(Form::Small(packed.iter().skip(ranks.start.min(end) * 2).take(count * 2)))
    }

    pub(super) fn large(large: &'a Large, ranks: Ranks<usize>) -> Self {
        Self(Form::Large(large.range(ranks)))
    }
}

impl<'a> Iterator for Range<'a> {
    type Item = (&'a [u8], f64);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Form::Small(entries) => {
                let member = entries.next()?;
                Some((member, read_score(entries.next()?)))
            }
            Form::Large(run) => run.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = match &self.0 {
            Form::Small(entries) => entries.len() / 2,
            Form::Large(run) => run.len(),
        };
        (left, Some(left))
    }
}

impl DoubleEndedIterator for Range<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Form::Small(entries) => {
                let score = read_score(entries.next_back()?);
                Some((entries.next_back()?, score))
            }
            Form::Large(run) => run.next_back(),
        }
    }
}

impl ExactSizeIterator for Range<'_> {}
impl FusedIterator for Range<'_> {}

/// Reads a score from the eight bytes that it is kept in.
#[inline]
pub(super) fn read_score(bytes: &[u8]) -> f64 {
    bytes.first_chunk().map_or(0.0, |bytes| f64::from_le_bytes(*bytes))
}
