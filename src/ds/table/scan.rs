//! Walking through a table in hash order, and picking an entry by chance.
use super::{Table, group::LOWEST};
use std::cmp::Ordering;

/// Tries before `random` counts its way to an entry. With the usual third accepted, one in 10^22 gets there.
const TRIES: u32 = 128;

impl<T> Table<T> {
    /// Visits the entries whose hash is at least `cursor`, in the order of their hashes: `count` of them (at
    /// least one) and then a few more, among them all whose hash equals the last one's. Returns where to go
    /// on, or `None` when there is no entry left. A scan begins with cursor 0.
    ///
    /// An entry that is in the table from the first call of a scan to the last is visited exactly once,
    /// whatever is inserted and removed between two calls. One that comes or goes meanwhile is visited at
    /// most once.
    ///
    /// O(visited), and the tags of the segments in which they lie.
    pub fn scan(
        &self,
        cursor: u64,
        count: usize,
        hasher: impl Fn(&T) -> u64,
        mut visit: impl FnMut(&T),
    ) -> Option<u64> {
        if self.is_empty() {
            return None;
        }
        let (mut at, mut tag) = match self.prefix_of(cursor).cmp(&self.prefix) {
            Ordering::Greater => return None,
            Ordering::Less => (0, LOWEST),
            Ordering::Equal => {
                let place = self.place(cursor);
                let at = place.seat(self.bits);
                (at, place.tag(self.directory.get(at)?.depth()))
            }
        };
        let mut left = count.max(1);
        let mut batch: Vec<(u64, &T)> = Vec::new();
        while let Some(segment) = self.directory.get(at) {
            at = self.row(at).end;
            loop {
                // As many tags as should give what is left to visit.
                let span = left.saturating_mul(256) / (segment.len() + 1);
                let span = span.min(usize::from(u8::MAX)) as u8;
                let last = tag.saturating_add(span);
                batch.clear();
                segment.each_tagged(tag, last, |entry| {
                    let hash = hasher(entry);
                    if hash >= cursor {
                        batch.push((hash, entry));
                    }
                });
                batch.sort_unstable_by_key(|&(hash, _)| hash);
                batch.iter().for_each(|&(_, entry)| visit(entry));
                left = left.saturating_sub(batch.len());
                let next = last.checked_add(1);
                if left == 0 {
                    let more = next.is_some_and(|next| segment.any_tagged(next)) || self.any_from(at);
                    return batch.last().and_then(|&(hash, _)| hash.checked_add(1)).filter(|_| more);
                }
                let Some(next) = next else { break };
                tag = next;
            }
            tag = LOWEST;
        }
        None
    }

    fn any_from(&self, mut at: usize) -> bool {
        while let Some(segment) = self.directory.get(at) {
            if segment.len() > 0 {
                return true;
            }
            at = self.row(at).end;
        }
        false
    }

    /// Picks an entry; each with the same probability if `next` returns 64 evenly distributed bits.
    ///
    /// O(1): picks a slot among as many as there would be if all segments were as wide as the widest, until
    /// it hits one that is there and taken. After 128 misses it counts its way: O(segments).
    pub fn random(&self, mut next: impl FnMut() -> u64) -> Option<&T> {
        if self.is_empty() {
            return None;
        }
        let [widest, seats] = match &self.directory[..] {
            [segment] => [u64::from(segment.slots()), 1],
            seats => [u64::from(self.widest) * 16, seats.len() as u64],
        };
        for _ in 0..TRIES {
            let bits = next();
            let at = (((bits >> 32) * seats) >> 32) as usize;
            let slot = ((bits & 0xffff_ffff) * widest) >> 32;
            // A segment with many seats must not be picked more often than others: only its first seat counts.
            if self.row(at).start != at {
                continue;
            }
            if let Some(entry) = u32::try_from(slot).ok().and_then(|slot| self.directory[at].get(slot)) {
                return Some(entry);
            }
        }
        let mut nth = (next() % self.len() as u64) as usize;
        for segment in self.segments() {
            if nth < segment.len() {
                return segment.iter().nth(nth);
            }
            nth -= segment.len();
        }
        None
    }
}
