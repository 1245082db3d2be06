//! Sorted-set commands as methods.
use crate::{
    base::{bytes::Bytes, error::Result},
    cmd::{
        Run,
        args::several::Several,
        zset::{
            algebra::Operands,
            select::Select,
            zadd::{Scored, ZAdd},
            zcard::ZCard,
            zcount::ZCount,
            zdiff::ZDiff,
            zdiffstore::ZDiffStore,
            zincrby::ZIncrBy,
            zinter::ZInter,
            zintercard::ZInterCard,
            zinterstore::ZInterStore,
            zmscore::ZMScore,
            zpopmax::ZPopMax,
            zpopmin::ZPopMin,
            zrange::ZRange,
            zrangestore::ZRangeStore,
            zrank::ZRank,
            zrem::ZRem,
            zremrangebyrank::ZRemRangeByRank,
            zremrangebyscore::ZRemRangeByScore,
            zrevrank::ZRevRank,
            zscore::ZScore,
            zunion::ZUnion,
            zunionstore::ZUnionStore,
        },
    },
};
use std::ops::RangeBounds;

/// A member with its score.
pub type Pair = (Bytes, f64);

/// Sorted-set commands, wherever commands run: on a [`crate::Db`], in a [`crate::Txn`]. All of them fail with
/// `WRONGTYPE` when a key holds another type. Ranks count from the lowest score, 0 being the first and −1 the last; equal
/// scores are in the order of the members' bytes. N is the number of members of the set.
pub trait SortedSets: Run {
    /// Sets the score of a member, and tells whether the member is new. O(log N). Conditions (`NX`, `XX`, `GT`, `LT`) are
    /// said with [`ZAdd`] and [`Run::run`].
    ///
    /// # Errors
    /// `WRONGTYPE`; a score that is no number.
    fn zadd(&self, key: impl AsRef<[u8]>, score: f64, member: impl AsRef<[u8]>) -> Result<bool> {
        self.run(ZAdd::new(&key, score, &member)).map(|done| done.added > 0)
    }

    /// Sets the scores of several members in one step, and returns how many of them are new. O(log N) for each.
    ///
    /// # Errors
    /// `WRONGTYPE`; a score that is no number: then nothing has changed.
    fn zadd_all(&self, key: impl AsRef<[u8]>, pairs: &[(f64, impl AsRef<[u8]>)]) -> Result<u64> {
        let pairs = Scored::Many(pairs.iter().map(|(score, member)| (*score, member.as_ref())).collect());
        self.run(ZAdd::many(&key, pairs)).map(|done| done.added)
    }

    /// Adds to the score of a member, which starts at 0, and returns the sum. O(log N).
    ///
    /// # Errors
    /// `WRONGTYPE`; a result that is no number.
    fn zincrby(&self, key: impl AsRef<[u8]>, increment: f64, member: impl AsRef<[u8]>) -> Result<f64> {
        self.run(ZIncrBy { key: key.as_ref(), increment, member: member.as_ref() })
    }

    /// Returns the score of a member, or nothing. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn zscore(&self, key: impl AsRef<[u8]>, member: impl AsRef<[u8]>) -> Result<Option<f64>> {
        self.run(ZScore { key: key.as_ref(), member: member.as_ref() })
    }

    /// Returns the scores of several members. O(1) for each.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn zmscore(&self, key: impl AsRef<[u8]>, members: &[impl AsRef<[u8]>]) -> Result<Vec<Option<f64>>> {
        self.run(ZMScore { key: key.as_ref(), members: Several::of(members) })
    }

    /// Removes members, and returns how many of them were there. O(log N) for each.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn zrem(&self, key: impl AsRef<[u8]>, members: &[impl AsRef<[u8]>]) -> Result<u64> {
        self.run(ZRem { key: key.as_ref(), members: Several::of(members) })
    }

    /// Returns the number of members, 0 when there is no such key. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn zcard(&self, key: impl AsRef<[u8]>) -> Result<u64> {
        self.run(ZCard { key: key.as_ref() })
    }

    /// Counts the members whose scores are in a range. O(log N).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn zcount(&self, key: impl AsRef<[u8]>, scores: impl RangeBounds<f64>) -> Result<u64> {
        self.run(ZCount::new(&key, Select::scores(scores).by))
    }

    /// Returns the rank of a member, or nothing. O(log N).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn zrank(&self, key: impl AsRef<[u8]>, member: impl AsRef<[u8]>) -> Result<Option<u64>> {
        Ok(self.run(ZRank::new(&key, &member))?.map(|(rank, _)| rank))
    }

    /// Returns the rank of a member counted from the highest score, or nothing. O(log N).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn zrevrank(&self, key: impl AsRef<[u8]>, member: impl AsRef<[u8]>) -> Result<Option<u64>> {
        Ok(self.run(ZRevRank::new(&key, &member))?.map(|(rank, _)| rank))
    }

    /// Returns the members of some ranks, both ends included. O(log N + result).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn zrange(&self, key: impl AsRef<[u8]>, start: i64, stop: i64) -> Result<Vec<Bytes>> {
        self.run(ZRange::new(&key, Select::ranks(start, stop))).map(|members| members.into_members())
    }

    /// Returns the members that `select` means, with their scores. O(log N + result).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn zselect(&self, key: impl AsRef<[u8]>, select: Select<'_>) -> Result<Vec<Pair>> {
        self.run(ZRange::new(&key, select)).map(|members| members.into_pairs())
    }

    /// Keeps the members of `source` that `select` means at `target`, whatever was there, and returns how many they
    /// are. O(log N + result).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn zrangestore(
        &self,
        target: impl AsRef<[u8]>,
        source: impl AsRef<[u8]>,
        select: Select<'_>,
    ) -> Result<u64> {
        self.run(ZRangeStore { target: target.as_ref(), source: source.as_ref(), select })
    }

    /// Removes the members of some ranks, both ends included, and returns how many there were. O(log N + result).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn zremrangebyrank(&self, key: impl AsRef<[u8]>, start: i64, stop: i64) -> Result<u64> {
        self.run(ZRemRangeByRank::new(&key, Select::ranks(start, stop).by))
    }

    /// Removes the members whose scores are in a range, and returns how many there were. O(log N + result).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn zremrangebyscore(&self, key: impl AsRef<[u8]>, scores: impl RangeBounds<f64>) -> Result<u64> {
        self.run(ZRemRangeByScore::new(&key, Select::scores(scores).by))
    }

    /// Removes up to `count` members with the lowest scores and returns them. O(log N) for each.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn zpopmin(&self, key: impl AsRef<[u8]>, count: u64) -> Result<Vec<Pair>> {
        self.run(ZPopMin::new(&key, count)).map(|members| members.into_pairs())
    }

    /// Removes up to `count` members with the highest scores and returns them, highest first. O(log N) for each.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn zpopmax(&self, key: impl AsRef<[u8]>, count: u64) -> Result<Vec<Pair>> {
        self.run(ZPopMax::new(&key, count)).map(|members| members.into_pairs())
    }

    /// Returns the members of any of the sets, with the sums of their scores. Weights and other aggregates are said with
    /// [`Operands`](crate::Operands) and [`Run::run`]. O(members of all + R log R) for R results.
    ///
    /// # Errors
    /// `WRONGTYPE`; no key at all.
    fn zunion(&self, keys: &[impl AsRef<[u8]>]) -> Result<Vec<Pair>> {
        self.run(ZUnion::new(Operands::of(keys)?)).map(|members| members.into_pairs())
    }

    /// Returns the members that all sets have, with the sums of their scores. O(members of the smallest × sets + R log R).
    ///
    /// # Errors
    /// `WRONGTYPE`; no key at all.
    fn zinter(&self, keys: &[impl AsRef<[u8]>]) -> Result<Vec<Pair>> {
        self.run(ZInter::new(Operands::of(keys)?)).map(|members| members.into_pairs())
    }

    /// Counts the members that all sets have. O(members of the smallest × sets).
    ///
    /// # Errors
    /// `WRONGTYPE`; no key at all.
    fn zintercard(&self, keys: &[impl AsRef<[u8]>]) -> Result<u64> {
        self.run(ZInterCard { operands: Operands::of(keys)?, limit: 0 })
    }

    /// Returns the members that only the first set has. O(members of the first × sets + R log R).
    ///
    /// # Errors
    /// `WRONGTYPE`; no key at all.
    fn zdiff(&self, keys: &[impl AsRef<[u8]>]) -> Result<Vec<Pair>> {
        self.run(ZDiff::new(Operands::of(keys)?)).map(|members| members.into_pairs())
    }

    /// Keeps the result of [`SortedSets::zunion`] at `target`, whatever was there, and returns its number of members.
    ///
    /// # Errors
    /// `WRONGTYPE`; no key at all.
    fn zunionstore(&self, target: impl AsRef<[u8]>, keys: &[impl AsRef<[u8]>]) -> Result<u64> {
        self.run(ZUnionStore::new(&target, Operands::of(keys)?))
    }

    /// Keeps the result of [`SortedSets::zinter`] at `target`, whatever was there, and returns its number of members.
    ///
    /// # Errors
    /// `WRONGTYPE`; no key at all.
    fn zinterstore(&self, target: impl AsRef<[u8]>, keys: &[impl AsRef<[u8]>]) -> Result<u64> {
        self.run(ZInterStore::new(&target, Operands::of(keys)?))
    }

    /// Keeps the result of [`SortedSets::zdiff`] at `target`, whatever was there, and returns its number of members.
    ///
    /// # Errors
    /// `WRONGTYPE`; no key at all.
    fn zdiffstore(&self, target: impl AsRef<[u8]>, keys: &[impl AsRef<[u8]>]) -> Result<u64> {
        self.run(ZDiffStore::new(&target, Operands::of(keys)?))
    }
}
impl<T: Run + ?Sized> SortedSets for T {}
