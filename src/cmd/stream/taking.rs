//! What XCLAIM and XAUTOCLAIM share: pending entries go to another consumer.
use super::listing::{Listing, StreamEntry, Which};
use crate::{
    base::emit::{Emit, Sink},
    value::{
        Stream,
        stream::{Group, Pending, StreamId},
    },
};

/// How a record changes when it is claimed.
#[derive(Debug, Clone, Copy)]
pub struct Taking {
    pub number: u32,
    pub min_idle_ms: u64,
    /// When it shall have been delivered, in Unix milliseconds.
    pub delivered_at_ms: i64,
    pub now_ms: i64,
    /// How often it shall have been delivered; else once more than before …
    pub deliveries: Option<u64>,
    /// … or as often as before.
    pub only_ids: bool,
}

impl Taking {
    /// Tells whether nobody has been given the entry for long enough.
    pub fn is_idle(&self, record: &Pending) -> bool {
        let idle_ms = self.now_ms.saturating_sub(record.delivered_at_ms);
        self.min_idle_ms == 0 || u64::try_from(idle_ms).is_ok_and(|idle_ms| idle_ms >= self.min_idle_ms)
    }

    /// Gives the record of an entry to the consumer.
    pub fn take(&self, group: &mut Group, id: StreamId, before: u64) {
        let deliveries = self.deliveries.unwrap_or(before.wrapping_add(u64::from(!self.only_ids)));
        let (delivered_at_ms, consumer) = (self.delivered_at_ms, self.number);
        group.put(Pending { id, delivered_at_ms, deliveries, consumer });
        group.active(self.number, self.now_ms);
    }
}

/// The entries that were claimed.
#[derive(Debug, Clone)]
pub enum Taken {
    /// With `JUSTID`.
    Ids(Vec<StreamId>),
    Entries(Listing),
}

impl Taken {
    /// Says that these were claimed.
    pub fn new(stream: &Stream, ids: Vec<StreamId>, only_ids: bool) -> Self {
        if only_ids { Self::Ids(ids) } else { Self::Entries(Listing::new(stream, Which::Ids(ids))) }
    }
}

impl Emit for Taken {
    fn emit(self, to: &mut dyn Sink) {
        match self {
            Self::Ids(ids) => ids.emit(to),
            Self::Entries(listing) => listing.emit(to),
        }
    }
}

/// The entries; with their IDs alone when no more was asked for.
impl From<Taken> for Vec<StreamEntry> {
    fn from(taken: Taken) -> Self {
        match taken {
            Taken::Ids(ids) => ids.into_iter().map(|id| StreamEntry { id, fields: Vec::new() }).collect(),
            Taken::Entries(listing) => listing.into(),
        }
    }
}
