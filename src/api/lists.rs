//! List commands as methods.
use crate::{
    base::{bytes::Bytes, error::Result},
    cmd::{
        Run,
        args::several::Several,
        list::{
            Side,
            lindex::LIndex,
            linsert::{Beside, LInsert},
            llen::LLen,
            lmove::LMove,
            lmpop::LMPop,
            lpop::LPop,
            lpos::LPos,
            lpush::LPush,
            lpushx::LPushX,
            lrange::LRange,
            lrem::LRem,
            lset::LSet,
            ltrim::LTrim,
            rpop::RPop,
            rpoplpush::RPopLPush,
            rpush::RPush,
            rpushx::RPushX,
        },
    },
};

/// List commands, wherever commands run: on a [`crate::Db`], in a [`crate::Txn`]. All of them fail with `WRONGTYPE`
/// when a key holds another type; indices below 0 count from the tail, −1 being the last element.
pub trait Lists: Run {
    /// Adds elements in front of a list, one after the other, and returns its new length. O(1) for each.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn lpush(&self, key: impl AsRef<[u8]>, elements: &[impl AsRef<[u8]>]) -> Result<u64> {
        self.run(LPush::new(&key, Several::of(elements)))
    }

    /// Adds elements behind a list, one after the other, and returns its new length. O(1) for each.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn rpush(&self, key: impl AsRef<[u8]>, elements: &[impl AsRef<[u8]>]) -> Result<u64> {
        self.run(RPush::new(&key, Several::of(elements)))
    }

    /// [`Lists::lpush`] to a list that exists; 0 when it does not.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn lpushx(&self, key: impl AsRef<[u8]>, elements: &[impl AsRef<[u8]>]) -> Result<u64> {
        self.run(LPushX::new(&key, Several::of(elements)))
    }

    /// [`Lists::rpush`] to a list that exists; 0 when it does not.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn rpushx(&self, key: impl AsRef<[u8]>, elements: &[impl AsRef<[u8]>]) -> Result<u64> {
        self.run(RPushX::new(&key, Several::of(elements)))
    }

    /// Removes the first element and returns it. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn lpop(&self, key: impl AsRef<[u8]>) -> Result<Option<Bytes>> {
        self.run(LPop::new(&key)).map(Into::into)
    }

    /// Removes the last element and returns it. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn rpop(&self, key: impl AsRef<[u8]>) -> Result<Option<Bytes>> {
        self.run(RPop::new(&key)).map(Into::into)
    }

    /// Removes up to `count` elements from the head on and returns them. O(count).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn lpop_count(&self, key: impl AsRef<[u8]>, count: u64) -> Result<Vec<Bytes>> {
        self.run(LPop::new(&key).up_to(count)).map(Into::into)
    }

    /// Removes up to `count` elements from the tail on and returns them, the last one first. O(count).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn rpop_count(&self, key: impl AsRef<[u8]>, count: u64) -> Result<Vec<Bytes>> {
        self.run(RPop::new(&key).up_to(count)).map(Into::into)
    }

    /// Returns the number of elements, 0 when there is no list. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn llen(&self, key: impl AsRef<[u8]>) -> Result<u64> {
        self.run(LLen { key: key.as_ref() })
    }

    /// Returns the element at `index`. O(log n) and a scan within a chunk.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn lindex(&self, key: impl AsRef<[u8]>, index: i64) -> Result<Option<Bytes>> {
        self.run(LIndex { key: key.as_ref(), index: index.into() })
    }

    /// Puts `element` in the place of the one at `index`. O(log n) and a move within a chunk.
    ///
    /// # Errors
    /// `WRONGTYPE`; `ERR no such key`; `ERR index out of range`.
    fn lset(&self, key: impl AsRef<[u8]>, index: i64, element: impl AsRef<[u8]>) -> Result<()> {
        self.run(LSet { key: key.as_ref(), index: index.into(), element: element.as_ref() })
    }

    /// Inserts `element` before or after the first one that equals `pivot`. Returns the new length; 0 when there is
    /// no list, −1 when it has no `pivot`. O(n).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn linsert(
        &self,
        key: impl AsRef<[u8]>,
        place: Beside,
        pivot: impl AsRef<[u8]>,
        element: impl AsRef<[u8]>,
    ) -> Result<i64> {
        let (pivot, element) = (pivot.as_ref(), element.as_ref());
        self.run(LInsert { key: key.as_ref(), place, pivot, element })
    }

    /// Returns the elements from index `start` to index `stop`, both included. O(log n + elements returned). A long
    /// result is copied after the locks have gone.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn lrange(&self, key: impl AsRef<[u8]>, start: i64, stop: i64) -> Result<Vec<Bytes>> {
        self.run(LRange { key: key.as_ref(), start, stop }).map(Into::into)
    }

    /// Removes all elements but those from index `start` to index `stop`, both included. O(chunks removed).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn ltrim(&self, key: impl AsRef<[u8]>, start: i64, stop: i64) -> Result<()> {
        self.run(LTrim { key: key.as_ref(), start, stop })
    }

    /// Removes elements that equal `element`: the first `count`, the last ones when negative, all when 0. Returns how
    /// many went. O(n).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn lrem(&self, key: impl AsRef<[u8]>, count: i64, element: impl AsRef<[u8]>) -> Result<u64> {
        self.run(LRem { key: key.as_ref(), count, element: element.as_ref() })
    }

    /// Returns the index of the first element that equals `element`. O(n).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn lpos(&self, key: impl AsRef<[u8]>, element: impl AsRef<[u8]>) -> Result<Option<u64>> {
        self.run(LPos::new(&key, &element)).map(|found| Vec::from(found).first().copied())
    }

    /// Takes an element from one side of a list, pushes it to one side of another (or of the same) and returns it.
    /// O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn lmove(
        &self,
        source: impl AsRef<[u8]>,
        target: impl AsRef<[u8]>,
        from: Side,
        to: Side,
    ) -> Result<Option<Bytes>> {
        self.run(LMove { source: source.as_ref(), target: target.as_ref(), from, to })
    }

    /// Moves the last element of `source` in front of `target` and returns it. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn rpoplpush(&self, source: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Result<Option<Bytes>> {
        self.run(RPopLPush { source: source.as_ref(), target: target.as_ref() })
    }

    /// Removes up to `count` elements from one side of the first of the lists that is there, and returns its key with
    /// them. O(keys + count).
    ///
    /// # Errors
    /// `WRONGTYPE`: of a key in front of that list, or of its own.
    fn lmpop(
        &self,
        keys: &[impl AsRef<[u8]>],
        side: Side,
        count: u64,
    ) -> Result<Option<(Bytes, Vec<Bytes>)>> {
        let keys = keys.iter().map(AsRef::as_ref).collect();
        let popped = self.run(LMPop { keys, side, count })?;
        Ok(popped.map(|(key, elements)| (key, elements.into())))
    }
}
impl<T: Run + ?Sized> Lists for T {}
