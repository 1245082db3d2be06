//! Hash commands as methods.
use super::strings::fit;
use crate::{
    base::{bytes::Bytes, error::Result, long_double::LongDouble},
    cmd::{
        Run,
        args::{pairs::Pairs, scan::Scan, several::Several},
        hash::{
            hdel::HDel,
            hexists::HExists,
            hget::HGet,
            hgetall::HGetAll,
            hgetdel::HGetDel,
            hincrby::HIncrBy,
            hincrbyfloat::HIncrByFloat,
            hkeys::HKeys,
            hlen::HLen,
            hmget::HMGet,
            hrandfield::{HRandField, Owned},
            hscan::HScan,
            hset::HSet,
            hsetnx::HSetNx,
            hstrlen::HStrLen,
            hvals::HVals,
        },
    },
};

/// Hash commands, wherever commands run: on a [`crate::Db`], in a [`crate::Txn`]. All of them fail with `WRONGTYPE`
/// when the key holds another type. A hash that is not there has no fields; one that loses its last is gone.
pub trait Hashes: Run {
    /// Sets fields to values and returns how many of the fields are new. O(1) for each.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn hset(&self, key: impl AsRef<[u8]>, pairs: &[(impl AsRef<[u8]>, impl AsRef<[u8]>)]) -> Result<u64> {
        self.run(HSet { key: key.as_ref(), pairs: Pairs::of(pairs) })
    }

    /// Sets a field that is not there yet, and tells whether it did. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn hsetnx(
        &self,
        key: impl AsRef<[u8]>,
        field: impl AsRef<[u8]>,
        value: impl AsRef<[u8]>,
    ) -> Result<bool> {
        self.run(HSetNx { key: key.as_ref(), field: field.as_ref(), value: value.as_ref() })
    }

    /// Returns the value of a field, or nothing. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn hget(&self, key: impl AsRef<[u8]>, field: impl AsRef<[u8]>) -> Result<Option<Bytes>> {
        self.run(HGet { key: key.as_ref(), field: field.as_ref() })
    }

    /// Copies the value of a field to the front of `into` when it fits in there, and returns its length, or nothing. Nothing is
    /// allocated. O(length).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn hget_into(
        &self,
        key: impl AsRef<[u8]>,
        field: impl AsRef<[u8]>,
        into: &mut [u8],
    ) -> Result<Option<usize>> {
        let op = HGet { key: key.as_ref(), field: field.as_ref() };
        self.with(&op, |found| found.0.map(|value| fit(value, into)))
    }

    /// Returns the value of each field, or nothing in its place. O(fields).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn hmget(&self, key: impl AsRef<[u8]>, fields: &[impl AsRef<[u8]>]) -> Result<Vec<Option<Bytes>>> {
        self.run(HMGet { key: key.as_ref(), fields: Several::of(fields) })
    }

    /// Returns all fields with their values, in no particular order. O(n); a long hash is copied after the locks have
    /// gone.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn hgetall(&self, key: impl AsRef<[u8]>) -> Result<Vec<(Bytes, Bytes)>> {
        self.run(HGetAll::new(key.as_ref())).map(|kept| kept.pairs())
    }

    /// Returns all fields, in no particular order. O(n); a long hash is copied after the locks have gone.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn hkeys(&self, key: impl AsRef<[u8]>) -> Result<Vec<Bytes>> {
        self.run(HKeys::new(key.as_ref())).map(|kept| kept.fields())
    }

    /// Returns all values, in the order of [`Hashes::hkeys`]. O(n); a long hash is copied after the locks have gone.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn hvals(&self, key: impl AsRef<[u8]>) -> Result<Vec<Bytes>> {
        self.run(HVals::new(key.as_ref())).map(|kept| kept.values())
    }

    /// Returns the number of fields. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn hlen(&self, key: impl AsRef<[u8]>) -> Result<u64> {
        self.run(HLen { key: key.as_ref() })
    }

    /// Tells whether there is a field. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn hexists(&self, key: impl AsRef<[u8]>, field: impl AsRef<[u8]>) -> Result<bool> {
        self.run(HExists { key: key.as_ref(), field: field.as_ref() })
    }

    /// Returns the length of a field's value in bytes; 0 when there is no such field. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn hstrlen(&self, key: impl AsRef<[u8]>, field: impl AsRef<[u8]>) -> Result<u64> {
        self.run(HStrLen { key: key.as_ref(), field: field.as_ref() })
    }

    /// Removes fields and returns how many were there. O(1) for each.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn hdel(&self, key: impl AsRef<[u8]>, fields: &[impl AsRef<[u8]>]) -> Result<u64> {
        self.run(HDel { key: key.as_ref(), fields: Several::of(fields) })
    }

    /// Removes fields and returns what they held. O(1) for each.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn hgetdel(&self, key: impl AsRef<[u8]>, fields: &[impl AsRef<[u8]>]) -> Result<Vec<Option<Bytes>>> {
        self.run(HGetDel(HDel { key: key.as_ref(), fields: Several::of(fields) }))
    }

    /// Adds to a field that holds an integer, and returns the sum; what is not there counts as 0. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`; `ERR hash value is not an integer`; `ERR increment or decrement would overflow`.
    fn hincrby(&self, key: impl AsRef<[u8]>, field: impl AsRef<[u8]>, increment: i64) -> Result<i64> {
        self.run(HIncrBy { key: key.as_ref(), field: field.as_ref(), increment })
    }

    /// Adds to a field that holds a number, and returns the sum as it now stands there: in Redis's digits, which are
    /// those of 80-bit arithmetic. What is not there counts as 0. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`; `ERR hash value is not a float`; `ERR value is NaN or Infinity`; `ERR increment would produce NaN or
    /// Infinity`.
    fn hincrbyfloat(&self, key: impl AsRef<[u8]>, field: impl AsRef<[u8]>, increment: f64) -> Result<Bytes> {
        let increment = LongDouble::of_f64(increment);
        self.run(HIncrByFloat::new(key.as_ref(), field.as_ref(), increment)?)
    }

    /// Returns fields drawn at random, with their values: `count` different ones, all when there are fewer; when it is
    /// negative, so many draws of which each may return any field. O(count).
    ///
    /// # Errors
    /// `WRONGTYPE`; `ERR value is out of range`: more than 16,777,216 draws with repetitions.
    fn hrandfield(&self, key: impl AsRef<[u8]>, count: i64) -> Result<Vec<(Bytes, Bytes)>> {
        self.run(HRandField { key: key.as_ref(), count: Some(count), with_values: true }).map(Owned::pairs)
    }

    /// Returns about `count` fields with their values, and the cursor to go on with: 0 after the last; 0 starts. A
    /// field that is there from the first call to the last is returned at least once. O(count).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn hscan(&self, key: impl AsRef<[u8]>, cursor: u64, count: usize) -> Result<(u64, Vec<(Bytes, Bytes)>)> {
        let scan = Scan::new(cursor).counting(count);
        let page = self.run(HScan::new(key.as_ref(), scan))?.page();
        Ok((page.next, page.to_pairs()))
    }
}
impl<T: Run + ?Sized> Hashes for T {}
