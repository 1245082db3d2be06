//! Working ahead: room for entries that are yet to come, and entries brought before somebody waits for them.
//!
//! A table that grows entry by entry moves each of them once or twice, and the splits come when the entries have long
//! left the caches. Who knows beforehand how many there will be has the segments laid out at once, as they would stand
//! in the end:
//!
//! ```text
//!   entries expected     ┌──────────────────── 1000 ────────────────────┐
//!   of each half         ┌──────── 421 ────────┬───────── 579 ──────────┐     more than a segment takes: goes on
//!   of its halves              one segment     ┌──── 279 ───┬─── 300 ───┐
//! ```
//!
//! The halves are those of the directory, bent as `place::warp` bends them. Hashes are random, so some segments get more than
//! expected and split all the same.
use super::{
    BITS_MAX, GROUPS, Seat, Table, limit,
    place::first_hash,
    segment::{Segment, groups_for},
};
use crate::ds::shared::prefetch;

/// The entries that a segment is laid out for, at most: it takes a few more, as some segments will have to.
const EXPECTED_MAX: f64 = (limit(GROUPS) - 24) as f64;

impl<T> Table<T> {
    /// Lays an empty table out for `len` entries whose hashes are random: none of them is moved later, as far as that
    /// is true. A table with entries in it stays as it is. O(`len` / 320).
    pub fn reserve(&mut self, len: usize) {
        if !self.is_empty() || len == 0 {
            return;
        }
        self.clear();
        let mut segments = Vec::new();
        lay_out(&mut segments, len as f64, 0, 0);
        let bits = segments.iter().map(Segment::depth).max().unwrap_or(0);
        self.directory.reserve_exact(1 << bits);
        self.bits = bits;
        for segment in segments {
            self.segments_bytes += segment.bytes();
            self.widest = self.widest.max(segment.groups());
            self.deepest += usize::from(segment.depth() == bits);
            let row = 1usize << (bits - segment.depth());
            // SAFETY: the row owns the one count of `segment`, which is forgotten here.
            self.directory.extend((0..row).map(|_| -> Seat<T> { unsafe { segment.same_count() } }));
            std::mem::forget(segment);
        }
    }

    /// Asks the processor to bring the seat of that hash in the directory: the first of three steps towards an entry,
    /// each of them some time before the next.
    #[inline]
    pub fn prefetch_seat(&self, hash: u64) {
        let at = self.place(hash).seat(self.bits);
        prefetch(self.directory.as_ptr().wrapping_add(at).cast());
    }

    /// Asks the processor to bring what an insert of that hash looks at beside what [`Table::prefetch`] brings, and
    /// that, too: the second step.
    #[inline]
    pub fn prefetch_to_write(&self, hash: u64) {
        let place = self.place(hash);
        if let Some(segment) = self.directory.get(place.seat(self.bits)) {
            segment.prefetch_head();
            segment.prefetch(place);
        }
    }

    /// Shows `bring` the entries that a `find` of that hash will compare: the third step.
    #[inline]
    pub fn each_candidate(&self, hash: u64, mut bring: impl FnMut(&T)) {
        self.find(hash, |entry| {
            bring(entry);
            false
        });
    }
}

/// Makes the segments of the `nth` part of 2^`depth`, for a table of `len` entries.
fn lay_out<T>(segments: &mut Vec<Segment<T>>, len: f64, depth: u8, nth: u64) {
    let share = |nth: u64| first_hash(nth, depth) as f64 / 2f64.powi(64);
    let end = if nth + 1 == 1 << depth { 1.0 } else { share(nth + 1) };
    let expected = len * (end - share(nth));
    if expected > EXPECTED_MAX && depth < BITS_MAX {
        lay_out(segments, len, depth + 1, 2 * nth);
        lay_out(segments, len, depth + 1, 2 * nth + 1);
    } else {
        segments.push(Segment::new(groups_for(expected as usize).min(GROUPS), depth));
    }
}
