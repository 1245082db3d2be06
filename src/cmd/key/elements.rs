//! What SORT sorts: the elements of a list, set or sorted set, in their own order or another.
use super::pattern::Pattern;
use crate::{
    base::{
        bytes::Bytes,
        error::{Error, Result},
        num,
    },
    keyspace::view::View,
    value::{List, Set, Type, ZSet},
};
use std::ops::Range;

/// A collection, cloned: its elements are read while other keys are looked at.
pub enum Source {
    Nothing,
    List(List),
    Set(Set),
    ZSet(ZSet),
}

impl Source {
    /// Takes the collection at `key`. Another type: WRONGTYPE.
    pub fn of(view: &mut View<'_>, key: &[u8]) -> Result<Self> {
        Ok(match view.kind(key) {
            None => Self::Nothing,
            Some(Type::Set) => view.get::<Set>(key)?.cloned().map_or(Self::Nothing, Self::Set),
            Some(Type::ZSet) => view.get::<ZSet>(key)?.cloned().map_or(Self::Nothing, Self::ZSet),
            Some(_) => view.get::<List>(key)?.cloned().map_or(Self::Nothing, Self::List),
        })
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::List(list) => list.len(),
            Self::Set(set) => set.len(),
            Self::ZSet(zset) => zset.len(),
        }
    }

    /// Returns the elements of some places in the collection's own order, or, except for a set, in the opposite one.
    pub fn elements(&self, places: Range<usize>, reversed: bool) -> Vec<Bytes> {
        let len = self.len();
        let indices = if reversed { len - places.end..len - places.start } else { places.clone() };
        match (self, reversed) {
            (Self::Nothing, _) => Vec::new(),
            (Self::List(list), false) => list.range(indices).map(Bytes::copy).collect(),
            (Self::List(list), true) => list.range(indices).rev().map(Bytes::copy).collect(),
            (Self::ZSet(zset), false) => zset.range(indices).map(|(member, _)| Bytes::copy(member)).collect(),
            (Self::ZSet(zset), true) => {
                zset.range(indices).rev().map(|(member, _)| Bytes::copy(member)).collect()
            }
            (Self::Set(set), _) => {
                set.iter().skip(places.start).take(places.len()).map(|member| Bytes::copy(&member)).collect()
            }
        }
    }
}

/// By what elements are sorted, and in which direction.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// By what belongs to them, not by themselves.
    pub by: Option<Pattern<'a>>,
    /// As bytes, not as numbers.
    pub alpha: bool,
    pub descending: bool,
}

impl Order<'_> {
    /// Sorts `elements`.
    ///
    /// # Errors
    /// Numbers are wanted, and something is none.
    pub fn sort(&self, view: &mut View<'_>, elements: Vec<Bytes>) -> Result<Vec<Bytes>> {
        let mut key = Vec::new();
        let mut weight = |element: &Bytes| match &self.by {
            Some(pattern) => pattern.look_up(view, element, &mut key),
            None => Some(element.clone()),
        };
        if self.alpha {
            let weighted = elements.into_iter().map(|element| (weight(&element), element)).collect();
            return Ok(self.arrange(weighted, |a, b| a.0.cmp(&b.0)));
        }
        let weighed = elements.into_iter().map(|element| Ok((score(weight(&element))?, element)));
        let weighted = weighed.collect::<Result<Vec<(f64, Bytes)>>>()?;
        // A score is never NaN. Of equal ones the elements decide.
        Ok(self.arrange(weighted, |a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1))))
    }

    fn arrange<W>(
        &self,
        mut weighted: Vec<(W, Bytes)>,
        compare: impl Fn(&(W, Bytes), &(W, Bytes)) -> std::cmp::Ordering,
    ) -> Vec<Bytes> {
        if self.descending {
            weighted.sort_by(|a, b| compare(b, a));
        } else {
            weighted.sort_by(compare);
        }
        weighted.into_iter().map(|(_, element)| element).collect()
    }
}

/// What has no weight weighs nothing.
fn score(weight: Option<Bytes>) -> Result<f64> {
    let Some(weight) = weight else { return Ok(0.0) };
    // As in Redis, a NUL ends the number. -0 weighs as much as 0.
    let number = weight.split(|b| *b == 0).next().unwrap_or_default();
    let score = num::parse_float(number).map(|score| score + 0.0);
    score.ok_or_else(|| Error::command("ERR One or more scores can't be converted into double"))
}
