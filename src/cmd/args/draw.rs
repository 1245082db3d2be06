//! Draws at random: HRANDFIELD, SRANDMEMBER and ZRANDMEMBER with a count.
use crate::base::{
    error::{Error, Kind, Result},
    limits::REPEATED_DRAWS_MAX,
    rng::Rng,
};

/// So many different elements, or, when the count is negative, so many draws of which each may hit any element.
#[derive(Debug, Clone)]
pub struct Draw {
    pub count: i64,
    rng: Rng,
}

impl Draw {
    /// A draw of `count` elements.
    pub fn new(count: i64, rng: Rng) -> Self {
        Self { count, rng }
    }

    /// Refuses what nobody could keep in memory. Redis has no such limit.
    ///
    /// # Errors
    /// `ERR value is out of range`: more than [`REPEATED_DRAWS_MAX`] draws from a collection that has elements.
    pub fn check(&self, len: usize) -> Result<()> {
        if self.count < 0 && len > 0 && self.count.unsigned_abs() > REPEATED_DRAWS_MAX {
            return Err(Error::new(Kind::Limit, "ERR value is out of range"));
        }
        Ok(())
    }

    /// The number of elements that are drawn from a collection of `len`.
    pub fn len(&self, len: usize) -> usize {
        let count = usize::try_from(self.count.unsigned_abs()).unwrap_or(usize::MAX);
        match self.count {
            0.. => count.min(len),
            _ if len > 0 => count,
            _ => 0,
        }
    }

    /// Draws from a collection with the elements `all`: `sample` returns so many different ones, `one` any of them.
    /// Exactly [`Draw::len`] elements are visited.
    pub fn each<T: Copy>(
        &self,
        all: impl ExactSizeIterator<Item = T>,
        sample: impl FnOnce(usize, &mut Rng) -> Vec<T>,
        mut one: impl FnMut(&mut Rng) -> Option<T>,
        mut visit: impl FnMut(T),
    ) {
        let (mut rng, drawn) = (self.rng.clone(), self.len(all.len()));
        if self.count >= 0 {
            sample(drawn, &mut rng).into_iter().for_each(visit);
        } else if all.len() <= drawn {
            // One walk is cheaper than many draws from a packed form.
            let all: Vec<T> = all.collect();
            (0..drawn).for_each(|_| visit(all[rng.below(all.len() as u64) as usize]));
        } else {
            (0..drawn).filter_map(|_| one(&mut rng)).for_each(visit);
        }
    }
}
