//! The small form of a sorted set: members and scores in one packed buffer, lowest first.
//!
//! ```text
//!   Packed: member, score (8 bytes, little-endian), member, score, …     ascending by (score, member)
//! ```
//!
//! Everything is a scan; with the usual 128 members of at most 64 bytes that is shorter than two cache misses
//! in the index of the large form would be.
use super::range::{LexRange, Order, Range, read_score};
use crate::ds::packed::{At, Packed};
use std::ops::Range as Ranks;

/// Where a member is: its position, its rank, its score.
pub(super) struct Found {
    at: At,
    pub(super) rank: usize,
    pub(super) score: f64,
}

/// Members and scores in one buffer.
#[derive(Clone, Default)]
pub(super) struct Small(pub(super) Packed);

/// The bytes a score is kept in. The sign of a zero is lost here, as in Redis's listpacks, which keep integers as such.
fn stored(score: f64) -> [u8; 8] {
    (score + 0.0).to_le_bytes()
}

impl Small {
    pub(super) const fn new() -> Self {
        Self(Packed::new())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len() / 2
    }

    pub(super) fn range(&self, ranks: Ranks<usize>) -> Range<'_> {
        Range::small(&self.0, ranks)
    }

    pub(super) fn iter(&self) -> Range<'_> {
        self.range(0..self.len())
    }

    /// Returns the score of a member, without its rank.
    pub(super) fn score(&self, member: &[u8]) -> Option<f64> {
        let at = self.0.find(member, self.0.first()?, 2)?;
        Some(read_score(self.0.read(self.0.next(at)?)))
    }

    pub(super) fn find(&self, member: &[u8]) -> Option<Found> {
        let at = self.0.find(member, self.0.first()?, 2)?;
        let score = read_score(self.0.read(self.0.next(at)?));
        Some(Found { at, rank: self.0.iter_until(at).count() / 2, score })
    }

    /// Tells whether a member of that length fits the format beside the others.
    pub(super) fn fits(&self, member_len: usize) -> bool {
        self.0.fits(Packed::entry_bytes(member_len) + Packed::entry_bytes(8))
    }

    /// Inserts a member that is not there yet.
    pub(super) fn insert(&mut self, member: &[u8], score: f64) {
        let before = |(m, s): (&[u8], f64)| s < score || (s == score && m < member);
        // From the back: boards and queues grow there.
        let mut at = self.0.end();
        while let Some((pair, found)) = self.pair_before(at)
            && !before(found)
        {
            at = pair;
        }
        self.0.insert_before(at, &[member, &stored(score)]);
    }

    /// Appends a member that comes after all others.
    pub(super) fn push_back(&mut self, member: &[u8], score: f64) {
        self.0.extend_back(&[member, &stored(score)]);
    }

    fn pair_before(&self, at: At) -> Option<(At, (&[u8], f64))> {
        let score = self.0.prev(at)?;
        let member = self.0.prev(score)?;
        Some((member, (self.0.read(member), read_score(self.0.read(score)))))
    }

    /// Gives a member another score.
    pub(super) fn update(&mut self, found: &Found, member: &[u8], score: f64) {
        self.0.remove(found.at, 2);
        self.insert(member, score);
    }

    pub(super) fn remove(&mut self, member: &[u8]) -> Option<f64> {
        let found = self.find(member)?;
        self.0.remove(found.at, 2);
        Some(found.score)
    }

    pub(super) fn remove_ranks(&mut self, ranks: Ranks<usize>) {
        if let Some(at) = self.0.at(ranks.start.saturating_mul(2)) {
            self.0.remove(at, ranks.len().saturating_mul(2));
        }
    }

    /// Counts the members before the first one that `is_before` answers false for.
    pub(super) fn rank_where(&self, mut is_before: impl FnMut(&[u8], f64) -> bool) -> usize {
        self.iter().take_while(|&(member, score)| is_before(member, score)).count()
    }

    /// Returns the ranks that a walk in that direction finds in a range of members. Where scores differ the members
    /// are not in order, and Redis answers whatever its walk meets; so does this.
    pub(super) fn lex_ranks(&self, range: &LexRange<'_>, order: Order) -> Ranks<usize> {
        let (Some(first), Some(last)) = (self.iter().next(), self.iter().next_back()) else { return 0..0 };
        if range.is_void() || range.is_below(last.0) || !range.is_up_to(first.0) {
            return 0..0;
        }
        match order {
            Order::Ascending => {
                let start = self.rank_where(|member, _| range.is_below(member));
                let rest = self.range(start..self.len());
                start..start + rest.take_while(|&(member, _)| range.is_up_to(member)).count()
            }
            Order::Descending => {
                let end =
                    self.len() - self.iter().rev().take_while(|&(member, _)| !range.is_up_to(member)).count();
                let within =
                    self.range(0..end).rev().take_while(|&(member, _)| !range.is_below(member)).count();
                end - within..end
            }
        }
    }
}
