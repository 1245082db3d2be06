//! Stream commands as methods.
use crate::{
    base::{bytes::Bytes, error::Result},
    cmd::{
        Run,
        stream::{
            StreamId,
            listing::StreamEntry,
            options::Trimming,
            progress::UpTo,
            xack::XAck,
            xadd::XAdd,
            xautoclaim::XAutoClaim,
            xclaim::{Claim, XClaim},
            xdel::XDel,
            xgroup_create::XGroupCreate,
            xgroup_createconsumer::XGroupCreateConsumer,
            xgroup_delconsumer::XGroupDelConsumer,
            xgroup_destroy::XGroupDestroy,
            xgroup_setid::XGroupSetId,
            xinfo_consumers::{ConsumerInfo, XInfoConsumers},
            xinfo_groups::{GroupInfo, XInfoGroups},
            xlen::XLen,
            xpending::{PendingEntry, PendingSummary, Span, XPending},
            xrange::XRange,
            xread::{After, XRead},
            xreadgroup::XReadGroup,
            xrevrange::XRevRange,
            xtrim::XTrim,
        },
    },
};

/// Stream commands, wherever commands run: on a [`crate::Db`], in a [`crate::Txn`]. All of them fail with `WRONGTYPE`
/// when the key holds another type. None of them waits: what is not there yet is not returned.
///
/// ```
/// use tenondb::{Db, StreamId, Streams};
/// let db = Db::memory();
/// let id = db.xadd("audit", &[("who", "ada"), ("what", "login")])?;
/// db.xgroup_create("audit", "workers", StreamId::MIN)?;
/// let jobs = db.xreadgroup("audit", "workers", "w1", 10)?;
/// assert_eq!((jobs[0].id, jobs.len()), (id, 1));
/// assert_eq!(db.xack("audit", "workers", &[id])?, 1);
/// # Ok::<(), tenondb::Error>(())
/// ```
pub trait Streams: Run {
    /// Appends an entry, whose ID is made of the time, and returns the ID. Options: [`XAdd`]. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`; the stream has had the last possible ID.
    fn xadd(
        &self,
        key: impl AsRef<[u8]>,
        fields: &[(impl AsRef<[u8]>, impl AsRef<[u8]>)],
    ) -> Result<StreamId> {
        self.run(XAdd::new(&key, fields)).map(|added| added.id.unwrap_or_default())
    }

    /// Appends an entry of an ID that must be above the last one. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`; [`Kind::Conflict`](crate::Kind::Conflict): the ID is not above the last one.
    fn xadd_at(
        &self,
        key: impl AsRef<[u8]>,
        id: StreamId,
        fields: &[(impl AsRef<[u8]>, impl AsRef<[u8]>)],
    ) -> Result<StreamId> {
        self.run(XAdd::new(&key, fields).id(id)).map(|added| added.id.unwrap_or_default())
    }

    /// Returns the number of entries. O(1).
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn xlen(&self, key: impl AsRef<[u8]>) -> Result<usize> {
        self.run(XLen { key: key.as_ref() })
    }

    /// Returns the entries from `start` to `end`, both included. O(log n), and O(1) an entry.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn xrange(&self, key: impl AsRef<[u8]>, start: StreamId, end: StreamId) -> Result<Vec<StreamEntry>> {
        self.run(XRange::new(&key).between(start, end)).map(Vec::from)
    }

    /// Returns the last `count` entries, the last one first. O(log n), and O(1) an entry.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn xrevrange(&self, key: impl AsRef<[u8]>, count: u64) -> Result<Vec<StreamEntry>> {
        self.run(XRevRange::new(&key).count(count)).map(Vec::from)
    }

    /// Returns up to `count` entries (0: all) behind an ID. Several streams at once: [`XRead`].
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn xread(&self, key: impl AsRef<[u8]>, after: impl Into<After>, count: u64) -> Result<Vec<StreamEntry>> {
        self.run(XRead::new(&key, after).count(count)).map(entries)
    }

    /// Deletes entries, and returns how many there were of them.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn xdel(&self, key: impl AsRef<[u8]>, ids: &[StreamId]) -> Result<usize> {
        self.run(XDel { key: key.as_ref(), ids: Ok(ids.to_vec()) })
    }

    /// Removes the first entries, and returns how many went. O(log n) a block.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn xtrim(&self, key: impl AsRef<[u8]>, trimming: Trimming) -> Result<usize> {
        self.run(XTrim { key: key.as_ref(), trimming, references: Default::default() })
    }

    /// Makes a consumer group that has read up to an ID; a stream, too, where there is none.
    ///
    /// # Errors
    /// `WRONGTYPE`; `BUSYGROUP`: there is one of that name.
    fn xgroup_create(
        &self,
        key: impl AsRef<[u8]>,
        group: impl AsRef<[u8]>,
        up_to: impl Into<UpTo>,
    ) -> Result<()> {
        let (key, group) = (key.as_ref(), group.as_ref());
        self.run(XGroupCreate { key, group, up_to: Ok(up_to.into()), make: true, entries_read: None })
    }

    /// Lets a group go on behind an ID.
    ///
    /// # Errors
    /// `WRONGTYPE`; `NOGROUP`; no such key.
    fn xgroup_setid(
        &self,
        key: impl AsRef<[u8]>,
        group: impl AsRef<[u8]>,
        up_to: impl Into<UpTo>,
    ) -> Result<()> {
        let (key, group) = (key.as_ref(), group.as_ref());
        self.run(XGroupSetId { key, group, up_to: Ok(up_to.into()), entries_read: None })
    }

    /// Removes a group with all that is pending in it, and tells whether there was one.
    ///
    /// # Errors
    /// `WRONGTYPE`; no such key.
    fn xgroup_destroy(&self, key: impl AsRef<[u8]>, group: impl AsRef<[u8]>) -> Result<bool> {
        self.run(XGroupDestroy { key: key.as_ref(), group: group.as_ref() })
    }

    /// Makes a consumer, and tells whether there was none of that name. Reading makes it, too.
    ///
    /// # Errors
    /// `WRONGTYPE`; `NOGROUP`; no such key.
    fn xgroup_createconsumer(
        &self,
        key: impl AsRef<[u8]>,
        group: impl AsRef<[u8]>,
        consumer: impl AsRef<[u8]>,
    ) -> Result<bool> {
        let (key, group, consumer) = (key.as_ref(), group.as_ref(), consumer.as_ref());
        self.run(XGroupCreateConsumer { key, group, consumer })
    }

    /// Removes a consumer with what it has pending, and returns how much that was; nothing without such a consumer.
    ///
    /// # Errors
    /// `WRONGTYPE`; `NOGROUP`; no such key.
    fn xgroup_delconsumer(
        &self,
        key: impl AsRef<[u8]>,
        group: impl AsRef<[u8]>,
        consumer: impl AsRef<[u8]>,
    ) -> Result<Option<usize>> {
        let (key, group, consumer) = (key.as_ref(), group.as_ref(), consumer.as_ref());
        self.run(XGroupDelConsumer { key, group, consumer })
    }

    /// Returns up to `count` entries (0: all) that are new to the group; they are pending for the consumer until they
    /// are acknowledged. Options, and several streams at once: [`XReadGroup`].
    ///
    /// # Errors
    /// `WRONGTYPE`; `NOGROUP`.
    fn xreadgroup(
        &self,
        key: impl AsRef<[u8]>,
        group: impl AsRef<[u8]>,
        consumer: impl AsRef<[u8]>,
        count: u64,
    ) -> Result<Vec<StreamEntry>> {
        self.run(XReadGroup::new(&key, &group, &consumer).count(count)).map(entries)
    }

    /// Removes entries from what is pending, and returns how many of them were. O(log pending) each.
    ///
    /// # Errors
    /// `WRONGTYPE`.
    fn xack(&self, key: impl AsRef<[u8]>, group: impl AsRef<[u8]>, ids: &[StreamId]) -> Result<usize> {
        self.run(XAck { key: key.as_ref(), group: group.as_ref(), ids: Ok(ids.to_vec()) })
    }

    /// Returns how much is pending in a group, and for whom.
    ///
    /// # Errors
    /// `WRONGTYPE`; `NOGROUP`.
    fn xpending(&self, key: impl AsRef<[u8]>, group: impl AsRef<[u8]>) -> Result<PendingSummary> {
        self.run(XPending { key: key.as_ref(), group: group.as_ref(), span: None }).map(PendingSummary::from)
    }

    /// Returns what is pending in a group, entry by entry.
    ///
    /// # Errors
    /// `WRONGTYPE`; `NOGROUP`.
    fn xpending_range(
        &self,
        key: impl AsRef<[u8]>,
        group: impl AsRef<[u8]>,
        span: Span<'_>,
    ) -> Result<Vec<PendingEntry>> {
        self.run(XPending { key: key.as_ref(), group: group.as_ref(), span: Some(span) }).map(Vec::from)
    }

    /// Gives pending entries to a consumer when nobody was given them for `min_idle_ms`, and returns them. Options:
    /// [`XClaim`].
    ///
    /// # Errors
    /// `WRONGTYPE`; `NOGROUP`.
    fn xclaim(
        &self,
        key: impl AsRef<[u8]>,
        group: impl AsRef<[u8]>,
        consumer: impl AsRef<[u8]>,
        min_idle_ms: u64,
        ids: &[StreamId],
    ) -> Result<Vec<StreamEntry>> {
        let claim = Claim { min_idle_ms, ids: ids.to_vec(), ..Claim::default() };
        let (key, group, consumer) = (key.as_ref(), group.as_ref(), consumer.as_ref());
        self.run(XClaim { key, group, consumer, claim: Ok(claim) }).map(Vec::from)
    }

    /// Gives up to 100 entries that were pending for `min_idle_ms` to a consumer, from ID `start` on; returns where to go
    /// on (`0-0`: done) and the entries. Options: [`XAutoClaim`].
    ///
    /// # Errors
    /// `WRONGTYPE`; `NOGROUP`.
    fn xautoclaim(
        &self,
        key: impl AsRef<[u8]>,
        group: impl AsRef<[u8]>,
        consumer: impl AsRef<[u8]>,
        min_idle_ms: u64,
        start: StreamId,
    ) -> Result<(StreamId, Vec<StreamEntry>)> {
        let claimed = self.run(XAutoClaim::new(&key, &group, &consumer, min_idle_ms).from(start))?;
        Ok((claimed.next, claimed.taken.into()))
    }

    /// Describes the groups of a stream.
    ///
    /// # Errors
    /// `WRONGTYPE`; no such key.
    fn xinfo_groups(&self, key: impl AsRef<[u8]>) -> Result<Vec<GroupInfo>> {
        self.run(XInfoGroups { key: key.as_ref() })
    }

    /// Describes the consumers of a group.
    ///
    /// # Errors
    /// `WRONGTYPE`; `NOGROUP`; no such key.
    fn xinfo_consumers(&self, key: impl AsRef<[u8]>, group: impl AsRef<[u8]>) -> Result<Vec<ConsumerInfo>> {
        self.run(XInfoConsumers { key: key.as_ref(), group: group.as_ref() })
    }
}
impl<G: Run + ?Sized> Streams for G {}

/// The entries of one stream.
fn entries(streams: Vec<(Bytes, crate::cmd::stream::listing::Listing)>) -> Vec<StreamEntry> {
    streams.into_iter().next().map(|(_, listing)| listing.to_vec()).unwrap_or_default()
}
