//! String commands as methods.
use crate::{
    base::{bytes::Bytes, error::Result},
    cmd::{
        Run,
        string::{get::Get, set::Set},
    },
};

/// String commands, wherever commands run: on a [`crate::Db`], in a [`crate::Txn`].
pub trait Strings: Run {
    /// Returns the string at `key`, or nothing. O(1) beside the copy of a short string; a long one is shared.
    ///
    /// # Errors
    /// `WRONGTYPE`: the key holds another type.
    fn get(&self, key: impl AsRef<[u8]>) -> Result<Option<Bytes>> {
        self.run(Get { key: key.as_ref() })
    }

    /// Sets `key` to `value`, whatever was there; its time to live is gone. O(1).
    ///
    /// # Errors
    /// None of its own.
    fn set(&self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<()> {
        self.run(Set::new(&key, &value)).map(drop)
    }
}
impl<T: Run + ?Sized> Strings for T {}
