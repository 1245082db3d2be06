//! Commands about keys as methods.
use crate::{
    base::{bytes::Bytes, error::Result},
    cmd::{
        Run,
        admin::memory::usage::MemoryUsage,
        args::several::Several,
        key::{
            copy::Copy,
            dbsize::DbSize,
            del::Del,
            dump::Dump,
            encoding::ObjectEncoding,
            exists::Exists,
            expire::Expire,
            expireat::ExpireAt,
            expiretime::ExpireTime,
            flushall::FlushAll,
            flushdb::FlushDb,
            keys::Keys as KeysMatching,
            r#move::Move,
            persist::Persist,
            pexpire::PExpire,
            pexpireat::PExpireAt,
            pexpiretime::PExpireTime,
            pttl::PTtl,
            randomkey::RandomKey,
            remaining::Left,
            rename::Rename,
            renamenx::RenameNx,
            restore::Restore,
            scan::{Page, Scan},
            swapdb::SwapDb,
            touch::Touch,
            ttl::Ttl,
            r#type::{Type, TypeOf},
        },
    },
};

/// Commands about keys of any type, wherever commands run: on a [`crate::Db`], in a [`crate::Txn`].
pub trait Keys: Run {
    /// Removes keys and returns how many were there. O(keys): big values are freed later, without a lock.
    ///
    /// # Errors
    /// None of its own.
    fn del(&self, keys: &[impl AsRef<[u8]>]) -> Result<u64> {
        self.run(Del { keys: Several::of(keys) })
    }

    /// Returns how many of `keys` are there; one that is named twice counts twice. O(keys).
    ///
    /// # Errors
    /// None of its own.
    fn exists(&self, keys: &[impl AsRef<[u8]>]) -> Result<u64> {
        self.run(Exists { keys: Several::of(keys) })
    }

    /// [`Keys::exists`], and a use of the keys. O(keys).
    ///
    /// # Errors
    /// None of its own.
    fn touch(&self, keys: &[impl AsRef<[u8]>]) -> Result<u64> {
        self.run(Touch(Exists { keys: Several::of(keys) }))
    }

    /// Returns the type of the value at `key`. O(1).
    ///
    /// # Errors
    /// None of its own.
    fn type_of(&self, key: impl AsRef<[u8]>) -> Result<Option<Type>> {
        self.run(TypeOf { key: key.as_ref() })
    }

    /// `key` shall live for some seconds from now on; none or fewer remove it. Returns whether it is
    /// there. [`op::Expire`](crate::op::Expire) has conditions. O(1).
    ///
    /// # Errors
    /// `ERR invalid expire time …`: it does not fit into 64 bits.
    fn expire(&self, key: impl AsRef<[u8]>, seconds: i64) -> Result<bool> {
        self.run(Expire::new(&key, seconds))
    }

    /// `key` shall live for some milliseconds from now on; none or fewer remove it. Returns whether it is
    /// there. [`op::PExpire`](crate::op::PExpire) has conditions. O(1).
    ///
    /// # Errors
    /// `ERR invalid expire time …`: it does not fit into 64 bits.
    fn pexpire(&self, key: impl AsRef<[u8]>, ms: i64) -> Result<bool> {
        self.run(PExpire::new(&key, ms))
    }

    /// `key` shall live until then, in Unix seconds; a time in the past removes it. Returns whether it is
    /// there. [`op::ExpireAt`](crate::op::ExpireAt) has conditions. O(1).
    ///
    /// # Errors
    /// `ERR invalid expire time …`: it does not fit into 64 bits.
    fn expireat(&self, key: impl AsRef<[u8]>, at_s: i64) -> Result<bool> {
        self.run(ExpireAt::new(&key, at_s))
    }

    /// `key` shall live until then, in Unix milliseconds; a time in the past removes it. Returns whether it is
    /// there. [`op::PExpireAt`](crate::op::PExpireAt) has conditions. O(1).
    ///
    /// # Errors
    /// `ERR invalid expire time …`: it does not fit into 64 bits.
    fn pexpireat(&self, key: impl AsRef<[u8]>, at_ms: i64) -> Result<bool> {
        self.run(PExpireAt::new(&key, at_ms))
    }

    /// For how many seconds `key` will live. O(1).
    ///
    /// # Errors
    /// None of its own.
    fn ttl(&self, key: impl AsRef<[u8]>) -> Result<Left> {
        self.run(Ttl::new(&key))
    }

    /// For how many milliseconds `key` will live. O(1).
    ///
    /// # Errors
    /// None of its own.
    fn pttl(&self, key: impl AsRef<[u8]>) -> Result<Left> {
        self.run(PTtl::new(&key))
    }

    /// Until when `key` will live, in Unix seconds. O(1).
    ///
    /// # Errors
    /// None of its own.
    fn expiretime(&self, key: impl AsRef<[u8]>) -> Result<Left> {
        self.run(ExpireTime::new(&key))
    }

    /// Until when `key` will live, in Unix milliseconds. O(1).
    ///
    /// # Errors
    /// None of its own.
    fn pexpiretime(&self, key: impl AsRef<[u8]>) -> Result<Left> {
        self.run(PExpireTime::new(&key))
    }

    /// `key` shall live for ever. Returns whether it had a deadline. O(1).
    ///
    /// # Errors
    /// None of its own.
    fn persist(&self, key: impl AsRef<[u8]>) -> Result<bool> {
        self.run(Persist { key: key.as_ref() })
    }

    /// Moves the value at `key`, with its deadline, to `new_key`, whatever was there. O(1).
    ///
    /// # Errors
    /// `ERR no such key`.
    fn rename(&self, key: impl AsRef<[u8]>, new_key: impl AsRef<[u8]>) -> Result<()> {
        self.run(Rename { key: key.as_ref(), new_key: new_key.as_ref() })
    }

    /// [`Keys::rename`] when there is nothing at `new_key`; tells whether it did. O(1).
    ///
    /// # Errors
    /// `ERR no such key`.
    fn renamenx(&self, key: impl AsRef<[u8]>, new_key: impl AsRef<[u8]>) -> Result<bool> {
        self.run(RenameNx(Rename { key: key.as_ref(), new_key: new_key.as_ref() }))
    }

    /// Copies the value at `source`, with its deadline, to `target` when there is nothing there; tells whether it did.
    /// [`op::Copy`](crate::op::Copy) has options. It costs nothing like the value's size.
    ///
    /// # Errors
    /// `ERR source and destination objects are the same`.
    fn copy(&self, source: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Result<bool> {
        self.run(Copy::new(&source, &target))
    }

    /// Returns the value at `key` as bytes that [`Keys::restore`], Redis and Valkey make it of again, without its deadline.
    /// O(its size), outside all locks.
    ///
    /// # Errors
    /// None of its own.
    fn dump(&self, key: impl AsRef<[u8]>) -> Result<Option<Bytes>> {
        self.run(Dump { key: key.as_ref() }).map(|dumped| dumped.payload())
    }

    /// Puts a value that [`Keys::dump`], Redis or Valkey has written at `key`, where nothing may be.
    /// [`op::Restore`](crate::op::Restore) has options. O(its size).
    ///
    /// # Errors
    /// `BUSYKEY …`: there is something; `ERR DUMP payload version or checksum are wrong`; `ERR Bad data format`.
    fn restore(&self, key: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> Result<()> {
        self.run(Restore::new(&key, &payload))
    }

    /// Moves `key`, with its deadline, to database `db` when there is no such key there; tells whether it did. O(1).
    ///
    /// # Errors
    /// `ERR DB index is out of range`; `ERR source and destination objects are the same`.
    fn move_to(&self, key: impl AsRef<[u8]>, db: u32) -> Result<bool> {
        self.run(Move::new(&key, db)?)
    }

    /// Returns a key by chance. O(stripes).
    ///
    /// # Errors
    /// In a transaction closure: it takes commands that name their keys.
    fn randomkey(&self) -> Result<Option<Bytes>> {
        self.run(RandomKey)
    }

    /// Returns all keys that match `pattern`, in no order. O(keys of the database), and nobody else does anything meanwhile:
    /// [`Keys::scan`] is kinder to others.
    ///
    /// # Errors
    /// In a transaction closure: it takes commands that name their keys.
    fn keys(&self, pattern: impl AsRef<[u8]>) -> Result<Vec<Bytes>> {
        self.run(KeysMatching { pattern: pattern.as_ref() })
    }

    /// Returns about `count` keys, and the cursor of the next call: 0 at the end, as at the start. What is there all the time is
    /// returned exactly once. [`op::Scan`](crate::op::Scan) has options. O(count).
    ///
    /// # Errors
    /// In a transaction closure: it takes commands that name their keys.
    fn scan(&self, cursor: u64, count: usize) -> Result<Page> {
        self.run(Scan::new(cursor).counting(count))
    }

    /// Returns the number of keys; those that are past their time count until their memory is given back. O(stripes).
    ///
    /// # Errors
    /// In a transaction closure: it takes commands that name their keys.
    fn dbsize(&self) -> Result<u64> {
        self.run(DbSize)
    }

    /// Removes all keys of this database. O(stripes): they are freed later, without a lock.
    ///
    /// # Errors
    /// In a transaction closure: it takes commands that name their keys.
    fn flushdb(&self) -> Result<()> {
        self.run(FlushDb::new())
    }

    /// Removes all keys of all databases. O(stripes): they are freed later, without a lock.
    ///
    /// # Errors
    /// In a transaction closure: it takes commands that name their keys.
    fn flushall(&self) -> Result<()> {
        self.run(FlushAll::new())
    }

    /// Exchanges two databases. O(stripes).
    ///
    /// # Errors
    /// `ERR DB index is out of range`; in a transaction closure: it takes commands that name their keys.
    fn swapdb(&self, a: u32, b: u32) -> Result<()> {
        self.run(SwapDb::new(a, b)?)
    }

    /// Returns the form in which the value at `key` is kept, as Redis calls it. O(1).
    ///
    /// # Errors
    /// None of its own.
    fn object_encoding(&self, key: impl AsRef<[u8]>) -> Result<Option<&'static str>> {
        self.run(ObjectEncoding::new(&key)).map(|found| found.map(|encoding| encoding.0))
    }

    /// Returns the bytes that `key` takes with its value, exactly as the accounting of memory counts them. O(1).
    ///
    /// # Errors
    /// None of its own.
    fn memory_usage(&self, key: impl AsRef<[u8]>) -> Result<Option<usize>> {
        self.run(MemoryUsage { key: key.as_ref() })
    }
}
impl<T: Run + ?Sized> Keys for T {}
