//! The sorted set: members with scores, in the order of their scores. Packed while it is small, indexed above.
//!
//! | form | `OBJECT ENCODING` | what it is |
//! |---|---|---|
//! | small | `listpack` | one buffer of alternating members and scores, in order |
//! | large | `skiplist` | a blocked skip list with spans, and a table of members |
//!
//! A set leaves the small form for good when it gets more members than `zset-max-listpack-entries` or one longer than
//! `zset-max-listpack-value`; what a command stores as a whole chooses its form by what it has become
//! ([`ZSet::settle`]).
//!
//! Every part of a set is first of all a run of *ranks*: a range of scores or of members is turned into ranks
//! ([`ZSet::score_ranks`], [`ZSet::lex_ranks`]), and then counted, cut by `LIMIT`, read in either direction or removed
//! by the same few functions.
//!
//! | operation | small (n members) | large |
//! |---|---|---|
//! | score | O(n) | O(1) |
//! | insert, remove, rank, ranks of a range | O(n) | O(log n); a removal now and then moves a page of members closer to others |
//! | remove k members from a rank | O(n) | O(k), O(n − k) where more go than stay |
//! | read k members from a rank | O(n) | O(log n + k) |
//! | pop an end | O(n) | O(1) amortised |
//! | clone | one copy | a counted reference per page and segment; of the order alone: per page |
//!
//! Scores are never NaN (the caller refuses them). −0 and 0 are the same score; in the large form the sign of the first one
//! stays, the small form knows no sign of zero, both as in Redis.
mod large;
pub mod range;
mod small;
#[cfg(test)]
mod tests;

use crate::{
    base::{limits::Encodings, rng::Rng},
    ds::shared::Shared,
    value::dict,
};
use large::{Indexed, Large};
pub use range::{LexBound, LexRange, Order, Range, ScoreBound, ScoreRange};
use small::Small;
use std::{collections::BTreeSet, ops::Range as Ranks};

/// Members with scores, lowest first; equal scores in the order of the members' bytes.
#[derive(Clone)]
pub struct ZSet {
    form: Form,
}

#[derive(Clone)]
enum Form {
    Small(Small),
    /// Counted: cloning the set clones no directory, which for ten million members takes milliseconds.
    Large(Shared<Indexed>),
}

impl Default for ZSet {
    fn default() -> Self {
        Self::new()
    }
}

impl ZSet {
    /// Makes an empty set in the small form. Allocates nothing.
    pub const fn new() -> Self {
        Self { form: Form::Small(Small::new()) }
    }

    /// Makes an empty set for `members` members, the longest that is known of `member_len` bytes.
    pub fn for_size(members: usize, member_len: usize, limits: &Encodings) -> Self {
        let mut new = Self::new();
        if members > limits.zset_max_listpack_entries || member_len > limits.zset_max_listpack_value {
            new.enlarge();
        }
        new
    }

    /// Makes an empty set in the large form.
    pub fn indexed() -> Self {
        Self { form: Form::Large(Shared::new(Indexed::new())) }
    }

    /// Tells whether the set is in the large form.
    pub fn is_indexed(&self) -> bool {
        matches!(self.form, Form::Large(_))
    }

    /// Prepares for a command that names `members` members: more than the small form takes make it large at once,
    /// whether or not they repeat, as in Redis.
    pub fn expect(&mut self, members: usize, limits: &Encodings) {
        if members > limits.zset_max_listpack_entries {
            self.enlarge();
        }
    }

    /// Chooses the form by what the set has become, in either direction: for a result that is stored as a whole.
    pub fn settle(&mut self, limits: &Encodings) {
        let Form::Large(large) = &self.form else { return };
        let small_enough = large.ordered.len() <= limits.zset_max_listpack_entries
            && self.iter().all(|(member, _)| member.len() <= limits.zset_max_listpack_value);
        if !small_enough {
            return;
        }
        let mut small = Small::new();
        for (member, score) in self.iter() {
            if !small.fits(member.len()) {
                return;
            }
            small.push_back(member, score);
        }
        self.form = Form::Small(small);
    }

    /// Returns the number of members.
    #[inline]
    pub fn len(&self) -> usize {
        match &self.form {
            Form::Small(small) => small.len(),
            Form::Large(large) => large.ordered.len(),
        }
    }

    /// Tells whether there are no members.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns Redis's name of the present form.
    pub fn encoding(&self) -> &'static str {
        match self.form {
            Form::Small(_) => "listpack",
            Form::Large(_) => "skiplist",
        }
    }

    /// Returns the bytes allocated beside the `ZSet` itself; blocks that a clone holds, too, in full. O(1).
    pub fn mem_bytes(&self) -> usize {
        match &self.form {
            Form::Small(small) => small.0.mem_bytes(),
            Form::Large(large) => Shared::<Indexed>::block_bytes() + large.mem_bytes(),
        }
    }

    /// Returns the score of a member.
    #[inline]
    pub fn score(&self, member: &[u8]) -> Option<f64> {
        match &self.form {
            Form::Small(small) => small.score(member),
            Form::Large(large) => large.find(member).map(|found| found.score),
        }
    }

    /// Returns the rank of a member, counted from the lowest score, and its score.
    pub fn rank(&self, member: &[u8]) -> Option<(usize, f64)> {
        match &self.form {
            Form::Small(small) => small.find(member).map(|found| (found.rank, found.score)),
            Form::Large(large) => large.find(member).map(|found| (large.rank(found, member), found.score)),
        }
    }

    /// Returns the rank of a member, counted from the highest score, and its score.
    pub fn rev_rank(&self, member: &[u8]) -> Option<(usize, f64)> {
        self.rank(member).map(|(rank, score)| (self.len() - 1 - rank, score))
    }

    /// Sets the score of a member, which must not be NaN. Returns the score it had.
    #[inline]
    pub fn insert(&mut self, member: &[u8], score: f64, limits: &Encodings) -> Option<f64> {
        self.change(member, limits, |_| Some(score))
    }

    /// Sets the score of a member to what `decide` makes of the one it has, which must not be NaN; nothing leaves the
    /// set as it is. Returns the score the member had. One look-up, whatever the decision.
    #[inline]
    pub fn change(
        &mut self,
        member: &[u8],
        limits: &Encodings,
        decide: impl FnOnce(Option<f64>) -> Option<f64>,
    ) -> Option<f64> {
        let small = match &mut self.form {
            Form::Large(large) => return large.make_mut().change(member, decide),
            Form::Small(small) => small,
        };
        let found = small.find(member);
        let old = found.as_ref().map(|found| found.score);
        let Some(score) = decide(old) else { return old };
        debug_assert!(!score.is_nan(), "a score has a place in the order");
        if let Some(found) = found {
            if found.score != score {
                small.update(&found, member, score);
            }
            return old;
        }
        let stays = small.len() < limits.zset_max_listpack_entries
            && member.len() <= limits.zset_max_listpack_value
            && small.fits(member.len());
        if stays {
            small.insert(member, score);
            return None;
        }
        self.enlarge().change(member, |_| Some(score))
    }

    /// Tells whether more members, of so many bytes together, are certain to find room: there is an end after about
    /// 32 GiB. O(1).
    pub fn has_room_for(&self, members: usize, bytes: usize) -> bool {
        match &self.form {
            Form::Small(_) => true,
            Form::Large(large) => large.has_room_for(members, bytes),
        }
    }

    /// Removes a member and returns its score.
    pub fn remove(&mut self, member: &[u8]) -> Option<f64> {
        match &mut self.form {
            Form::Small(small) => small.remove(member),
            Form::Large(large) => large.make_mut().remove(member),
        }
    }

    /// Removes the members of some ranks; those above the length are left out. Where more go than stay, what is to be
    /// freed is returned, so that it can be freed where nobody waits.
    pub fn remove_ranks(&mut self, ranks: Ranks<usize>) -> Option<Self> {
        match &mut self.form {
            Form::Small(small) => {
                small.remove_ranks(ranks);
                None
            }
            Form::Large(large) => {
                let old = large.make_mut().remove_ranks(ranks)?;
                Some(Self { form: Form::Large(Shared::new(old)) })
            }
        }
    }

    /// Removes the member of the lowest score after showing it to `see`.
    pub fn pop_first<R>(&mut self, see: impl FnOnce(&[u8], f64) -> R) -> Option<R> {
        self.pop(Order::Ascending, see)
    }

    /// Removes the member of the highest score after showing it to `see`.
    pub fn pop_last<R>(&mut self, see: impl FnOnce(&[u8], f64) -> R) -> Option<R> {
        self.pop(Order::Descending, see)
    }

    /// Removes the member that comes first in that order after showing it to `see`.
    pub fn pop<R>(&mut self, order: Order, see: impl FnOnce(&[u8], f64) -> R) -> Option<R> {
        match &mut self.form {
            Form::Small(small) => {
                let (member, score) = match order {
                    Order::Ascending => small.iter().next()?,
                    Order::Descending => small.iter().next_back()?,
                };
                let result = see(member, score);
                let rank = if order == Order::Ascending { 0 } else { small.len() - 1 };
                small.remove_ranks(rank..rank + 1);
                Some(result)
            }
            Form::Large(large) => large.make_mut().pop(order == Order::Descending, see),
        }
    }

    /// Returns the members of some ranks with their scores; those above the length are left out.
    #[inline]
    pub fn range(&self, ranks: Ranks<usize>) -> Range<'_> {
        match &self.form {
            Form::Small(small) => small.range(ranks),
            Form::Large(large) => Range::large(&large.ordered, ranks),
        }
    }

    /// Returns all members with their scores, lowest first.
    pub fn iter(&self) -> Range<'_> {
        self.range(0..self.len())
    }

    /// Returns the ranks of a range of scores.
    pub fn score_ranks(&self, range: &ScoreRange) -> Ranks<usize> {
        let (start, end) = match &self.form {
            Form::Small(small) => (
                small.rank_where(|_, score| range.is_below(score)),
                small.rank_where(|_, score| range.is_up_to(score)),
            ),
            Form::Large(large) => (
                large.ordered.rank_by_score(|score| range.is_below(score)),
                large.ordered.rank_by_score(|score| range.is_up_to(score)),
            ),
        };
        start..end.max(start)
    }

    /// Returns the ranks of a range of members, which is to be gone through in that order.
    ///
    /// # Compatibility
    /// The range means something only where all scores are equal. Where they are not, a small set answers as Redis
    /// does, which depends on the direction; a large one does not depend on chance, as Redis does.
    pub fn lex_ranks(&self, range: &LexRange<'_>, order: Order) -> Ranks<usize> {
        match &self.form {
            Form::Small(small) => small.lex_ranks(range, order),
            Form::Large(_) if range.is_void() => 0..0,
            Form::Large(large) => {
                let start = large.ordered.rank_by_member(|member| range.is_below(member));
                let end = large.ordered.rank_by_member(|member| range.is_up_to(member));
                start..end.max(start)
            }
        }
    }

    /// Returns a member with its score, each with the same chance. O(log n).
    pub fn random(&self, rng: &mut Rng) -> Option<(&[u8], f64)> {
        random(self.len(), |ranks| self.range(ranks), rng)
    }

    /// Returns `count` different members (all when there are fewer) in order, every choice with the same chance.
    /// O(count log n), O(n) when most of them are wanted.
    pub fn sample(&self, count: usize, rng: &mut Rng) -> Vec<(&[u8], f64)> {
        let by_rank = matches!(self.form, Form::Large(_));
        sample(self.len(), by_rank, |ranks| self.range(ranks), count, rng)
    }

    /// Shows a part of the members to `visit` and returns the cursor of the next part, 0 after the last. A call shows
    /// about `count` members; the small form is shown whole. Whoever is there from the first call to the last is
    /// shown.
    pub fn scan(&self, cursor: u64, count: usize, visit: &mut dyn FnMut(&[u8], f64)) -> u64 {
        match &self.form {
            Form::Small(small) => {
                small.iter().for_each(|(member, score)| visit(member, score));
                0
            }
            Form::Large(large) => large.scan(cursor, count, visit),
        }
    }

    /// Returns a clone of what is needed to read members in order: the member index, the larger part of a clone's
    /// cost, is left out.
    pub fn ordered(&self) -> Ordered {
        match &self.form {
            Form::Small(small) => Ordered(OrderedForm::Small(small.clone())),
            Form::Large(large) => Ordered(OrderedForm::Large(large.ordered.clone())),
        }
    }

    /// Frees a bounded part of the set, which is not to be used any more; tells whether more remains.
    pub fn free_step(&mut self) -> bool {
        match &mut self.form {
            Form::Small(small) => {
                small.0.clear();
                false
            }
            // Whoever else holds it frees it.
            Form::Large(large) => large.get_mut().is_some_and(Indexed::free_step),
        }
    }

    /// Brings the set into the large form, if it is not in it yet.
    fn enlarge(&mut self) -> &mut Indexed {
        if let Form::Small(small) = &self.form {
            let mut large = Indexed::new();
            for (member, score) in small.iter() {
                large.change(member, |_| Some(score));
            }
            self.form = Form::Large(Shared::new(large));
        }
        match &mut self.form {
            Form::Large(large) => large.make_mut(),
            Form::Small(_) => unreachable!("it was just made large"),
        }
    }
}

/// The members of a set in order, held apart from it: to be read after the set itself is free to change.
#[derive(Clone)]
pub struct Ordered(OrderedForm);

#[derive(Clone)]
enum OrderedForm {
    Small(Small),
    Large(Large),
}

impl Ordered {
    /// Returns the number of members.
    pub fn len(&self) -> usize {
        match &self.0 {
            OrderedForm::Small(small) => small.len(),
            OrderedForm::Large(large) => large.len(),
        }
    }

    /// Tells whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns a member with its score, each with the same chance. O(log n).
    pub fn random(&self, rng: &mut Rng) -> Option<(&[u8], f64)> {
        random(self.len(), |ranks| self.range(ranks), rng)
    }

    /// Returns `count` different members, as [`ZSet::sample`] does.
    pub fn sample(&self, count: usize, rng: &mut Rng) -> Vec<(&[u8], f64)> {
        let by_rank = matches!(self.0, OrderedForm::Large(_));
        sample(self.len(), by_rank, |ranks| self.range(ranks), count, rng)
    }

    /// Returns the members of some ranks with their scores; those above the length are left out.
    pub fn range(&self, ranks: Ranks<usize>) -> Range<'_> {
        match &self.0 {
            OrderedForm::Small(small) => small.range(ranks),
            OrderedForm::Large(large) => Range::large(large, ranks),
        }
    }
}

fn random<'a>(
    len: usize,
    range: impl Fn(Ranks<usize>) -> Range<'a>,
    rng: &mut Rng,
) -> Option<(&'a [u8], f64)> {
    if len == 0 {
        return None;
    }
    let rank = rng.below(len as u64) as usize;
    range(rank..rank + 1).next()
}

/// Draws from `len` members; `by_rank`: one is found by its rank without a walk.
fn sample<'a>(
    len: usize,
    by_rank: bool,
    range: impl Fn(Ranks<usize>) -> Range<'a>,
    count: usize,
    rng: &mut Rng,
) -> Vec<(&'a [u8], f64)> {
    if count >= len {
        return range(0..len).collect();
    }
    if count > len / 4 || !by_rank {
        return dict::choose(range(0..len), len, count, rng);
    }
    // Floyd's: a rank that was drawn before stands for the highest one that could be drawn now.
    let mut ranks = BTreeSet::new();
    for top in len - count..len {
        let rank = rng.below(top as u64 + 1) as usize;
        if !ranks.insert(rank) {
            ranks.insert(top);
        }
    }
    ranks.into_iter().filter_map(|rank| range(rank..rank + 1).next()).collect()
}
