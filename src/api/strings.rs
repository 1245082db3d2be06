//! String commands as methods.
use crate::{
    base::{bytes::Bytes, error::Result},
    cmd::{
        Run,
        args::several::Several,
        string::{
            append::Append, decr::Decr, decrby::DecrBy, delifeq::DelIfEq, get::Get, getdel::GetDel,
            getex::GetEx, getrange::GetRange, getset::GetSet, incr::Incr, incrby::IncrBy,
            incrbyfloat::IncrByFloat, lcs::Lcs, mget::MGet, mset::MSet, msetnx::MSetNx, piece::Part,
            psetex::PSetEx, set::Set, setex::SetEx, setnx::SetNx, setrange::SetRange, strlen::StrLen,
        },
    },
};

/// String commands, wherever commands run: on a [`crate::Db`], in a [`crate::Txn`].
pub trait Strings: Run {
    /// Returns the string at `key`, or nothing. O(1) beside the copy of a short string; a long one is shared.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn get(&self, key: impl AsRef<[u8]>) -> Result<Option<Bytes>> {
        self.run(Get { key: key.as_ref() })
    }

    /// Copies the string at `key` to the front of `into` when it fits in there, and returns its length, or nothing. Nothing is
    /// allocated. O(length).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    ///
    /// # Examples
    /// ```
    /// use tenondb::{Db, Strings};
    /// let db = Db::memory();
    /// db.set("greeting", "good morning")?;
    /// let mut room = [0; 64];
    /// let len = db.get_into("greeting", &mut room)?.unwrap_or(0);
    /// assert_eq!(&room[..len], b"good morning");
    /// // Too long for four bytes: they stay as they were.
    /// assert_eq!(db.get_into("greeting", &mut room[..4])?, Some(12));
    /// # Ok::<(), tenondb::Error>(())
    /// ```
    #[inline]
    fn get_into(&self, key: impl AsRef<[u8]>, into: &mut [u8]) -> Result<Option<usize>> {
        self.with(&Get { key: key.as_ref() }, |found| found.0.map(|value| value.with(|data| fit(data, into))))
    }

    /// Sets `key` to `value`, whatever was there; its time to live is gone. [`op::Set`](crate::op::Set) has options. O(1).
    ///
    /// # Errors
    /// None of its own.
    fn set(&self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<()> {
        self.run(Set::new(&key, &value)).map(drop)
    }

    /// Sets `key` to `value` when there is no such key, and tells whether it did. O(1).
    ///
    /// # Errors
    /// None of its own.
    fn setnx(&self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<bool> {
        self.run(SetNx { key: key.as_ref(), value: value.as_ref() })
    }

    /// Sets `key` to `value` for some seconds, at least 1. O(1).
    ///
    /// # Errors
    /// `ERR invalid expire time …`.
    fn setex(&self, key: impl AsRef<[u8]>, seconds: i64, value: impl AsRef<[u8]>) -> Result<()> {
        self.run(SetEx::new(&key, seconds, &value)?)
    }

    /// Sets `key` to `value` for some milliseconds, at least 1. O(1).
    ///
    /// # Errors
    /// `ERR invalid expire time …`.
    fn psetex(&self, key: impl AsRef<[u8]>, ms: i64, value: impl AsRef<[u8]>) -> Result<()> {
        self.run(PSetEx::new(&key, ms, &value)?)
    }

    /// Sets `key` to `value` and returns the string that was there. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn getset(&self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<Option<Bytes>> {
        self.run(GetSet { key: key.as_ref(), value: value.as_ref() })
    }

    /// Returns the string at `key` and removes the key. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn getdel(&self, key: impl AsRef<[u8]>) -> Result<Option<Bytes>> {
        self.run(GetDel { key: key.as_ref() })
    }

    /// Returns the string at `key`, which shall live for `ms` milliseconds from now on, at least 1. [`op::GetEx`](crate::op::GetEx) has
    /// other options. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`; `ERR invalid expire time …`.
    fn getex(&self, key: impl AsRef<[u8]>, ms: i64) -> Result<Option<Bytes>> {
        self.run(GetEx::new(&key).expire_in_ms(ms))
    }

    /// Removes `key` when it holds just `value`, and tells whether it did: so a lock is given back. O(value).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn delifeq(&self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<bool> {
        self.run(DelIfEq { key: key.as_ref(), value: value.as_ref() })
    }

    /// Returns the length of the string at `key` in bytes, 0 when there is none. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn strlen(&self, key: impl AsRef<[u8]>) -> Result<u64> {
        self.run(StrLen { key: key.as_ref() })
    }

    /// Adds `value` at the end of the string at `key` and returns the new length. O(value), on average.
    ///
    /// # Errors
    /// `WRONGTYPE`; `ERR string exceeds maximum allowed size …`: more than 512 MiB.
    fn append(&self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<u64> {
        self.run(Append { key: key.as_ref(), value: value.as_ref() })
    }

    /// Writes `value` over the string at `key` from `offset` on, after zero bytes where it is too short, and returns the new
    /// length. O(value).
    ///
    /// # Errors
    /// `WRONGTYPE`; `ERR string exceeds maximum allowed size …`: more than 512 MiB.
    fn setrange(&self, key: impl AsRef<[u8]>, offset: usize, value: impl AsRef<[u8]>) -> Result<u64> {
        self.run(SetRange { key: key.as_ref(), offset, value: value.as_ref() })
    }

    /// Returns the bytes from `start` to `end`, both included, counted from the end when negative. A part of a long string
    /// shares it: O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn getrange(&self, key: impl AsRef<[u8]>, start: i64, end: i64) -> Result<Part> {
        self.run(GetRange::new(&key, start, end))
    }

    /// Adds 1 to the integer at `key`, which is 0 when there is no such key, and returns it. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`; `ERR value is not an integer or out of range`; `ERR increment or decrement would overflow`.
    fn incr(&self, key: impl AsRef<[u8]>) -> Result<i64> {
        self.run(Incr::new(&key, 1)?)
    }

    /// Subtracts 1 from the integer at `key`. See [`Strings::incr`].
    ///
    /// # Errors
    /// As [`Strings::incr`].
    fn decr(&self, key: impl AsRef<[u8]>) -> Result<i64> {
        self.run(Decr::new(&key, 1)?)
    }

    /// Adds `by` to the integer at `key`. See [`Strings::incr`].
    ///
    /// # Errors
    /// As [`Strings::incr`].
    fn incrby(&self, key: impl AsRef<[u8]>, by: i64) -> Result<i64> {
        self.run(IncrBy::new(&key, by)?)
    }

    /// Subtracts `by` from the integer at `key`. See [`Strings::incr`].
    ///
    /// # Errors
    /// As [`Strings::incr`]; `ERR decrement would overflow`: `by` is the least integer.
    fn decrby(&self, key: impl AsRef<[u8]>, by: i64) -> Result<i64> {
        self.run(DecrBy::new(&key, by)?)
    }

    /// Adds `by` to the number at `key` and returns it as text, in the digits of Redis's 80-bit arithmetic. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`; `ERR value is not a valid float`; `ERR increment would produce NaN or Infinity`.
    fn incrbyfloat(&self, key: impl AsRef<[u8]>, by: f64) -> Result<Bytes> {
        self.run(IncrByFloat::new(&key, by))
    }

    /// Returns the string at each key, or nothing where there is none. O(keys).
    ///
    /// # Errors
    /// None of its own.
    fn mget(&self, keys: &[impl AsRef<[u8]>]) -> Result<Vec<Option<Bytes>>> {
        self.run(MGet { keys: Several::of(keys) })
    }

    /// Sets several keys in one step. [`op::MSetEx`](crate::op::MSetEx) has options. O(pairs).
    ///
    /// # Errors
    /// None of its own.
    fn mset(&self, pairs: &[(impl AsRef<[u8]>, impl AsRef<[u8]>)]) -> Result<()> {
        self.run(MSet::new(pairs))
    }

    /// Sets several keys in one step when none of them is there, and tells whether it did. O(pairs).
    ///
    /// # Errors
    /// None of its own.
    fn msetnx(&self, pairs: &[(impl AsRef<[u8]>, impl AsRef<[u8]>)]) -> Result<bool> {
        self.run(MSetNx(MSet::new(pairs)))
    }

    /// Returns the longest common subsequence of the strings at two keys. O(a·b), without a lock. [`op::Lcs`](crate::op::Lcs) has
    /// options.
    ///
    /// # Errors
    /// `ERR The specified keys must contain string values`; `ERR Insufficient memory …`: (a + 1)·(b + 1) is above 2^27.
    fn lcs(&self, a: impl AsRef<[u8]>, b: impl AsRef<[u8]>) -> Result<Bytes> {
        self.run(Lcs::new(&a, &b)).map(|common| common.text())
    }
}
impl<T: Run + ?Sized> Strings for T {}

/// Copies `data` if there is room for it; returns its length.
pub(super) fn fit(data: &[u8], into: &mut [u8]) -> usize {
    if let Some(room) = into.get_mut(..data.len()) {
        room.copy_from_slice(data);
    }
    data.len()
}
