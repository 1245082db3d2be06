//! How far groups have come: which entries are new to them, how many are still before them.
use super::{Stream, StreamId, group::Group};
use std::ops::Range;

/// Entries that are noted at a time while they are delivered.
const BATCH: usize = 256;

impl Stream {
    /// Tells whether an entry was deleted at or behind an ID, so that IDs from there on cannot be counted.
    fn has_gaps_from(&self, id: StreamId) -> bool {
        let deleted = self.max_deleted_id();
        deleted > StreamId::MIN && id <= deleted && self.block_count() > 0
    }

    /// Returns how many entries were ever added up to an ID, where that can be known.
    pub fn distance(&self, id: StreamId) -> Option<i64> {
        let (added, len, first) = (self.entries_added() as i64, self.len() as i64, self.first_entry_id());
        if added == 0 {
            return Some(0);
        }
        if id == self.last_id() || (len == 0 && id < self.last_id()) {
            return Some(added);
        }
        let unbroken = self.max_deleted_id() == StreamId::MIN || self.max_deleted_id() < first;
        match id.cmp(&first) {
            _ if id > self.last_id() || !unbroken => None,
            // Deleted entries lie between it and what can be counted.
            _ if id > StreamId::MIN && id < self.max_deleted_id() => None,
            std::cmp::Ordering::Less => Some(added.wrapping_sub(len)),
            std::cmp::Ordering::Equal => Some(added.wrapping_sub(len).wrapping_add(1)),
            std::cmp::Ordering::Greater => None,
        }
    }

    /// Returns how many entries a group has not read yet, where that can be known.
    pub fn lag(&self, group: &Group) -> Option<i64> {
        let added = self.entries_added() as i64;
        match group.entries_read {
            _ if added == 0 => Some(0),
            Some(read) if !self.has_gaps_from(group.last_id) => Some(added.wrapping_sub(read)),
            _ => Some(added.wrapping_sub(self.distance(group.last_id)?)),
        }
    }

    /// Returns the ranks of the first `count` entries behind an ID; all of them for 0.
    pub fn ranks_after(&self, id: StreamId, count: u64) -> Range<usize> {
        let from = id
            .next()
            .map_or(self.len(), |next| if next > self.last_id() { self.len() } else { self.rank(next) });
        let count = if count == 0 { usize::MAX } else { usize::try_from(count).unwrap_or(usize::MAX) };
        from..from.saturating_add(count).min(self.len())
    }

    /// Gives the next `count` entries (0: all) to consumer `number` of a group, and returns their ranks. `pending`: they
    /// wait for their acknowledgement.
    pub fn deliver(
        &mut self,
        group: &[u8],
        number: u32,
        count: u64,
        pending: bool,
        at_ms: i64,
    ) -> Range<usize> {
        let Some(mut last) = self.group(group).map(|group| group.last_id) else { return 0..0 };
        let first = self.first_entry_id();
        let ranks = self.ranks_after(last, count);
        let mut from = ranks.start;
        while from < ranks.end {
            let to = ranks.end.min(from + BATCH);
            let ids: Vec<StreamId> = self.range(from..to).map(|entry| entry.id).collect();
            let mut read = self.group(group).and_then(|group| group.entries_read);
            for id in &ids {
                read = match read {
                    Some(read) if last >= first && !self.has_gaps_from(last) => Some(read.wrapping_add(1)),
                    _ => self.distance(*id),
                };
                last = *id;
            }
            self.edit_group(group, |group| {
                group.entries_read = read;
                group.last_id = ids.last().copied().unwrap_or(group.last_id);
                if pending {
                    group.deliver(&ids, number, at_ms);
                }
            });
            from = to;
        }
        ranks
    }
}
