//! Set commands as methods.
use crate::{
    base::{bytes::Bytes, error::Result},
    cmd::{
        Run,
        args::{scan::Scan, several::Several},
        set::{
            sadd::SAdd,
            scard::SCard,
            sdiff::SDiff,
            sdiffstore::SDiffStore,
            sinter::SInter,
            sintercard::SInterCard,
            sinterstore::SInterStore,
            sismember::SIsMember,
            smembers::SMembers,
            smismember::SMIsMember,
            smove::SMove,
            spop::SPop,
            srandmember::{Owned, SRandMember},
            srem::SRem,
            sscan::SScan,
            sunion::SUnion,
            sunionstore::SUnionStore,
        },
    },
};

fn refer(keys: &[impl AsRef<[u8]>]) -> Vec<&[u8]> {
    keys.iter().map(AsRef::as_ref).collect()
}

/// Set commands, wherever commands run: on a [`crate::Db`], in a [`crate::Txn`]. All of them fail with `WRONGTYPE`
/// when a key holds another type. A set that is not there is empty; one that loses its last member is gone. Members
/// are returned in no particular order.
pub trait Sets: Run {
    /// Adds members and returns how many of them are new. O(1) for each.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn sadd(&self, key: impl AsRef<[u8]>, members: &[impl AsRef<[u8]>]) -> Result<u64> {
        self.run(SAdd { key: key.as_ref(), members: Several::of(members) })
    }

    /// Removes members and returns how many were there. O(1) for each.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn srem(&self, key: impl AsRef<[u8]>, members: &[impl AsRef<[u8]>]) -> Result<u64> {
        self.run(SRem { key: key.as_ref(), members: Several::of(members) })
    }

    /// Returns the number of members. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn scard(&self, key: impl AsRef<[u8]>) -> Result<u64> {
        self.run(SCard { key: key.as_ref() })
    }

    /// Tells whether `member` is in the set. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn sismember(&self, key: impl AsRef<[u8]>, member: impl AsRef<[u8]>) -> Result<bool> {
        self.run(SIsMember { key: key.as_ref(), member: member.as_ref() })
    }

    /// Tells of each member whether it is in the set. O(members).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn smismember(&self, key: impl AsRef<[u8]>, members: &[impl AsRef<[u8]>]) -> Result<Vec<bool>> {
        self.run(SMIsMember { key: key.as_ref(), members: Several::of(members) })
    }

    /// Returns all members. O(n); a long set is copied after the locks have gone.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn smembers(&self, key: impl AsRef<[u8]>) -> Result<Vec<Bytes>> {
        self.run(SMembers { key: key.as_ref() }).map(|kept| kept.members())
    }

    /// Moves a member from one set to another, and tells whether it was there. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn smove(
        &self,
        source: impl AsRef<[u8]>,
        target: impl AsRef<[u8]>,
        member: impl AsRef<[u8]>,
    ) -> Result<bool> {
        self.run(SMove { source: source.as_ref(), target: target.as_ref(), member: member.as_ref() })
    }

    /// Removes `count` members drawn at random, all when there are fewer, and returns them. O(count).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn spop(&self, key: impl AsRef<[u8]>, count: u64) -> Result<Vec<Bytes>> {
        self.run(SPop { key: key.as_ref(), count: Some(count) }).map(|popped| popped.to_vec())
    }

    /// Returns members drawn at random: `count` different ones, all when there are fewer; when it is negative, so many
    /// draws of which each may return any member. O(count).
    ///
    /// # Errors
    /// `WRONGTYPE`; `ERR value is out of range`: more than 16,777,216 draws with repetitions.
    fn srandmember(&self, key: impl AsRef<[u8]>, count: i64) -> Result<Vec<Bytes>> {
        self.run(SRandMember { key: key.as_ref(), count: Some(count) }).map(Owned::members)
    }

    /// Returns the members that all the sets have. O(n · sets), n the size of the smallest; a long search is made
    /// after the locks have gone.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn sinter(&self, keys: &[impl AsRef<[u8]>]) -> Result<Vec<Bytes>> {
        self.run(SInter::new(refer(keys))).map(|kept| kept.members())
    }

    /// Returns the members that any of the sets has. O(members of all the sets); a long search is made after the
    /// locks have gone.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn sunion(&self, keys: &[impl AsRef<[u8]>]) -> Result<Vec<Bytes>> {
        self.run(SUnion::new(refer(keys))).map(|kept| kept.members())
    }

    /// Returns the members of the first set that none of the others has. O(members of all the sets); a long search is
    /// made after the locks have gone.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn sdiff(&self, keys: &[impl AsRef<[u8]>]) -> Result<Vec<Bytes>> {
        self.run(SDiff::new(refer(keys))).map(|kept| kept.members())
    }

    /// Stores what [`Sets::sinter`] would return at `target`, whatever was there, and returns its size.
    ///
    /// # Errors
    /// `WRONGTYPE`: of one of `keys`.
    fn sinterstore(&self, target: impl AsRef<[u8]>, keys: &[impl AsRef<[u8]>]) -> Result<u64> {
        self.run(SInterStore::new(target.as_ref(), refer(keys)))
    }

    /// Stores what [`Sets::sunion`] would return at `target`, whatever was there, and returns its size.
    ///
    /// # Errors
    /// `WRONGTYPE`: of one of `keys`.
    fn sunionstore(&self, target: impl AsRef<[u8]>, keys: &[impl AsRef<[u8]>]) -> Result<u64> {
        self.run(SUnionStore::new(target.as_ref(), refer(keys)))
    }

    /// Stores what [`Sets::sdiff`] would return at `target`, whatever was there, and returns its size.
    ///
    /// # Errors
    /// `WRONGTYPE`: of one of `keys`.
    fn sdiffstore(&self, target: impl AsRef<[u8]>, keys: &[impl AsRef<[u8]>]) -> Result<u64> {
        self.run(SDiffStore::new(target.as_ref(), refer(keys)))
    }

    /// Returns how many members all the sets have in common, counting up to `limit`; 0: to the end. O(n · sets), n the
    /// size of the smallest.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn sintercard(&self, keys: &[impl AsRef<[u8]>], limit: u64) -> Result<u64> {
        self.run(SInterCard { keys: refer(keys), limit }).map(|count| count.get())
    }

    /// Returns about `count` members, and the cursor to go on with: 0 after the last; 0 starts. A member that is there
    /// from the first call to the last is returned at least once. O(count).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn sscan(&self, key: impl AsRef<[u8]>, cursor: u64, count: usize) -> Result<(u64, Vec<Bytes>)> {
        let page = self.run(SScan::new(key.as_ref(), Scan::new(cursor).counting(count)))?.page();
        Ok((page.next, page.to_vec()))
    }
}
impl<T: Run + ?Sized> Sets for T {}
