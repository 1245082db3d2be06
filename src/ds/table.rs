//! A hash table of segments: it never stops to grow, clones at almost no cost, and is scanned in hash order.
//!
//! A table in one piece doubles in one step, and whoever inserts the entry that makes it do so waits for all
//! the others to be moved: at eight million entries more than half a second. Here the entries lie in segments
//! of at most 512 slots, and a directory says which segment a hash belongs to (extendible hashing):
//!
//! ```text
//!   high bits of the hash                  segment (one block, counted)
//!          │          directory           ┌───────┬────────────────────────┬─────────────────┐
//!          │         ┌────┬───────┐       │ head  │ 32 groups of 16 tags   │ 512 slots       │
//!          └──▶ 000  │ A  │depth 1│──┐    └───────┴────────────────────────┴─────────────────┘
//!               001  │ A  │depth 1│──┼──▶ A  all hashes 0…               low bits ─▶ group
//!               010  │ A  │depth 1│──┤                                   next high bits ─▶ tag
//!               011  │ A  │depth 1│──┘
//!               100  │ B  │depth 2│──┬──▶ B  all hashes 10…
//!               101  │ B  │depth 2│──┘
//!               110  │ C  │depth 3│─────▶ C  all hashes 110…
//!               111  │ D  │depth 3│─────▶ D  all hashes 111…
//! ```
//!
//! A segment that is 7/8 full splits in two by the next bit of the hash; only when it has no bit left
//! (depth = bits of the directory) the directory doubles; a large one prepares the next one bit by bit, with
//! the splits before. Two segments that were one and would fill less than half of one are merged again. The first segment starts with 16 slots
//! and doubles up to 512 before the first split, so a small table is small.
//!
//! **Order.** The *high* bits choose the seat, so the directory is in hash order and a split keeps it.
//! [`scan`](Table::scan)'s cursor is simply the next hash: it means the same whatever is inserted, removed,
//! split or merged between two calls. The tag is made of the bits that follow, so the entries where a scan
//! goes on are found by their tags. Seats are not of even width: see `place::warp`.
//!
//! **Clones.** Segments are counted. A clone copies the directory and counts the segments once more; a write
//! copies the one segment that it hits, as long as somebody else holds it.
//!
//! **Bad hashes.** When the hashes of a full segment agree in all bits that the directory may grow to, or
//! the directory would have more seats than one for 32 entries, the segment doubles instead: slower, never
//! wrong, never a directory out of proportion.
//!
//! | | |
//! |---|---|
//! | find, insert, remove | O(1); an insert moves at most 448 entries |
//! | clone | O(entries / 320): 16 bytes and one counter per segment |
//! | scan | O(visited) and the tags of the segments it touches |
//! | memory | (1 + size of T) / 0.61 + about 0.3 bytes an entry |
//!
//! # Invariants
//! - The directory has 2^`bits` seats, or fewer after [`Table::pop_segment`], or none.
//! - A segment of depth `d` is seated in 2^(`bits` − `d`) seats in a row, aligned to as many. These seats own
//!   *one* count of the segment together: they are copies of one handle.
//! - `next[i]` is a copy of seat `i / 2`, for the `i` that it has so far. It counts nothing until it takes over.
//! - `deepest` segments have `depth == bits`. `len` is the sum of the segments' lengths.
//! - All hashes agree in their topmost `skip` bits.
//! - No foreign code (`eq`, `hasher`, `clone`, `drop`) runs while any of these does not hold.
//!
//! Sources: Fagin, Nievergelt, Pippenger, Strong, *Extendible hashing* (1979); hashbrown's groups of tags.
mod ahead;
mod group;
mod place;
mod scan;
mod segment;
mod slot;
#[cfg(test)]
mod tests;

use place::{DEPTH_MAX, Place};
use segment::{Segment, groups_for, limit};
use std::{fmt, mem::ManuallyDrop, ops::Range};

/// Groups of a segment that splits rather than grows.
const GROUPS: u32 = 32;
/// Merge buddies when both together fill less than half of a segment.
const MERGED_LEN: usize = limit(GROUPS) as usize / 2;
/// The directory never has more than 2^24 seats (256 MiB).
const BITS_MAX: u8 = 24;
const _: () = assert!(BITS_MAX <= DEPTH_MAX);
/// Directories of that many seats prepare their doubling: to touch new memory costs more than to copy it.
const PREPARED: usize = 1024;
/// Seats per split: ready when a third of the seats have a segment of their own; the doubling comes after half.
const PREPARED_AT_ONCE: usize = 32;

/// A segment's handle in the directory; a row of seats shares one count.
type Seat<T> = ManuallyDrop<Segment<T>>;

/// A hash table of `T`s; the caller brings the hash and says what is equal.
///
/// `T` should be small: entries are moved when segments split. Operations that write need `T: Clone`, because
/// a segment that a clone of the table holds, too, is copied first; a table that was never cloned never
/// clones an entry. A table whose `eq`, `hasher` or `clone` panics stays valid.
pub struct Table<T> {
    directory: Vec<Seat<T>>,
    /// The directory of twice as many seats, as far as it is filled.
    next: Vec<Seat<T>>,
    len: usize,
    segments_bytes: usize,
    deepest: usize,
    /// The groups of the widest segment so far.
    widest: u32,
    bits: u8,
    skip: u8,
    /// The topmost `skip` bits of all hashes.
    prefix: u64,
    /// Has the processor bring what a hasher will read of an entry.
    bring: Option<fn(&T)>,
}

impl<T> Table<T> {
    /// Makes an empty table, which has allocated nothing.
    pub const fn new() -> Self {
        Self::with_skip(0)
    }

    /// Makes an empty table for hashes that all agree in their topmost `bits` (at most 32) bits.
    pub const fn with_skip(bits: u8) -> Self {
        assert!(bits <= 32, "a table needs 32 bits of its own");
        Self {
            directory: Vec::new(),
            next: Vec::new(),
            len: 0,
            segments_bytes: 0,
            deepest: 0,
            widest: 0,
            bits: 0,
            skip: bits,
            prefix: 0,
            bring: None,
        }
    }

    /// Has the table call `bring` with entries whose hash it is about to ask for, a little later: to prefetch what they
    /// point to. For a table whose hasher follows a pointer.
    pub const fn bringing(mut self, bring: fn(&T)) -> Self {
        self.bring = Some(bring);
        self
    }

    /// The number of entries. O(1).
    pub fn len(&self) -> usize {
        self.len
    }

    /// Tells whether there is no entry. O(1).
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes of heap that the table asked for: directory and segments, not what the entries point to.
    /// Segments that a clone holds, too, count in full. O(1).
    pub fn mem_bytes(&self) -> usize {
        self.segments_bytes + (self.directory.capacity() + self.next.capacity()) * size_of::<Seat<T>>()
    }

    #[inline(always)]
    fn place(&self, hash: u64) -> Place {
        Place::new(hash, self.skip)
    }

    fn prefix_of(&self, hash: u64) -> u64 {
        hash.checked_shr(64 - u32::from(self.skip)).unwrap_or(0)
    }

    /// Finds the entry of that hash that `eq` accepts. O(1).
    #[inline]
    pub fn find(&self, hash: u64, eq: impl FnMut(&T) -> bool) -> Option<&T> {
        let place = self.place(hash);
        self.directory.get(place.seat(self.bits))?.find_entry(place, eq)
    }

    /// Asks the processor to bring what a `find` of that hash will look at, for lookups in batches.
    #[inline]
    pub fn prefetch(&self, hash: u64) {
        let place = self.place(hash);
        if let Some(segment) = self.directory.get(place.seat(self.bits)) {
            segment.prefetch(place);
        }
    }

    /// Iterates over the entries, segment by segment.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.segments().flat_map(|segment| segment.iter())
    }

    /// Each segment once, in the order of the directory.
    fn segments(&self) -> impl Iterator<Item = &Segment<T>> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let segment: &Segment<T> = self.directory.get(at)?;
            at += 1 << (self.bits - segment.depth());
            Some(segment)
        })
    }

    /// Frees one segment with its entries: bounded work, to take a huge table down in steps. Returns false when
    /// there was none left. The table stays valid; the entries of that segment are gone.
    pub fn pop_segment(&mut self) -> bool {
        let Some(last) = self.directory.len().checked_sub(1) else { return false };
        let row = self.row(last);
        self.next = Vec::new();
        self.directory.truncate(row.start + 1);
        let Some(seat) = self.directory.pop() else { return false };
        self.len -= seat.len();
        self.segments_bytes -= seat.bytes();
        self.deepest -= usize::from(seat.depth() == self.bits);
        if self.directory.is_empty() {
            self.clear();
        }
        drop(ManuallyDrop::into_inner(seat));
        true
    }

    /// Removes all entries and frees all memory.
    pub fn clear(&mut self) {
        let bring = self.bring;
        *self = Self::with_skip(self.skip);
        self.bring = bring;
    }

    /// The seats of the segment that is seated at `at`.
    fn row(&self, at: usize) -> Range<usize> {
        let width = 1usize << (self.bits - self.directory[at].depth());
        let start = at & !(width - 1);
        start..start + width
    }

    /// Takes the one count of a row's segment out of its seats. The caller seats others there at once.
    fn unseat(&mut self, at: usize) -> Segment<T> {
        self.segments_bytes -= self.directory[at].bytes();
        // SAFETY: invariant: the row owns one count, and the callers overwrite all its seats.
        unsafe { ManuallyDrop::take(&mut self.directory[at]) }
    }

    /// Seats `segment` in a row that is its own.
    fn seat(&mut self, row: Range<usize>, segment: Segment<T>) {
        debug_assert_eq!(row.len(), 1 << (self.bits - segment.depth()));
        self.segments_bytes += segment.bytes();
        self.widest = self.widest.max(segment.groups());
        for seat in &mut self.directory[row.clone()] {
            // SAFETY: the row owns the count of `segment`, which is forgotten below.
            *seat = unsafe { segment.same_count() };
        }
        let filled = self.next.len();
        for seat in &mut self.next[(2 * row.start).min(filled)..(2 * row.end).min(filled)] {
            // SAFETY: as in `prepare`.
            *seat = unsafe { segment.same_count() };
        }
        std::mem::forget(segment);
    }

    /// Seats `segment` instead of the one at `at`, which had the same depth.
    fn reseat(&mut self, at: usize, segment: Segment<T>) {
        let row = self.row(at);
        let old = self.unseat(row.start);
        self.seat(row, segment);
        drop(old);
    }

    /// Makes sure that there is a seat for every hash: at first, and after `pop_segment`.
    fn furnish(&mut self) {
        while self.directory.len() < 1 << self.bits {
            let segment = Segment::new(1, self.bits);
            self.segments_bytes += segment.bytes();
            self.widest = self.widest.max(1);
            self.deepest += 1;
            self.directory.push(ManuallyDrop::new(segment));
        }
    }

    /// The places of a segment's entries, in the order of its `iter`.
    fn places(&self, segment: &Segment<T>, hasher: &impl Fn(&T) -> u64) -> Vec<Place> {
        let place = |entry: &T| self.place(hasher(entry));
        match self.bring {
            Some(bring) => segment.places(place, bring),
            None => segment.places(place, |_| {}),
        }
    }

    /// The most bits that the directory may have now: a seat for 32 entries at most.
    fn bits_allowed(&self) -> u8 {
        let seats = (self.len / 32).max(4);
        self.bits.max((seats.ilog2() as u8).min(BITS_MAX))
    }

    /// Fills `seats` more seats of the next directory, two for each of this one's.
    fn prepare(&mut self, seats: usize) {
        if self.next.capacity() == 0 {
            self.next.reserve_exact(2 * self.directory.len());
        }
        let from = self.next.len() / 2;
        for seat in self.directory[from..].iter().take(seats) {
            // SAFETY: the two go into use when this one goes out of use, and are not dropped before.
            self.next.extend([unsafe { seat.same_count() }, unsafe { seat.same_count() }]);
        }
    }

    fn double_directory(&mut self) {
        self.prepare(usize::MAX);
        // The seats of the old directory are not dropped: their counts belong to the new rows.
        self.directory = std::mem::take(&mut self.next);
        self.bits += 1;
        self.deepest = 0;
    }

    /// Halves the directory as long as no segment needs its last bit.
    fn halve_directory(&mut self) {
        while self.deepest == 0 && self.bits > 0 && self.directory.len() == 1 << self.bits {
            let mut at = 0;
            self.next = Vec::new();
            self.directory.retain(|_| {
                at += 1;
                at % 2 == 1
            });
            self.directory.shrink_to_fit();
            self.bits -= 1;
            self.deepest = self.segments().filter(|segment| segment.depth() == self.bits).count();
        }
    }
}

/// How the entries of one segment, or of two buddies, are to be laid out anew.
enum Layout {
    /// One segment of that many groups.
    Resize(u32),
    /// Two segments, one bit deeper.
    Split,
}

impl<T: Clone> Table<T> {
    /// Finds the entry of that hash that `eq` accepts, for writing. O(1), and the copy of a segment that is
    /// shared with a clone.
    #[inline]
    pub fn find_mut(&mut self, hash: u64, eq: impl FnMut(&T) -> bool) -> Option<&mut T> {
        let place = self.place(hash);
        let at = place.seat(self.bits);
        let segment = self.directory.get(at)?;
        segment.prefetch_head();
        let slot = segment.find(place, eq)?;
        let segment = self.writable(at);
        // SAFETY: `writable` made it unique, and a copy has the same slots.
        Some(unsafe { segment.get_mut(slot) })
    }

    /// Inserts an entry that the caller knows to be absent. `hasher` gives the hash of an entry already there.
    /// O(1); at most 448 entries are moved.
    #[inline]
    pub fn insert(&mut self, hash: u64, value: T, hasher: impl Fn(&T) -> u64) {
        self.insert_absent(hash, || value, hasher);
    }

    /// Finds the entry of that hash that `eq` accepts, or inserts what `make` returns, which must have that
    /// hash. Tells whether it was inserted. O(1).
    #[inline]
    pub fn find_or_insert_with(
        &mut self,
        hash: u64,
        eq: impl FnMut(&T) -> bool,
        make: impl FnOnce() -> T,
        hasher: impl Fn(&T) -> u64,
    ) -> (&mut T, bool) {
        let place = self.place(hash);
        let at = place.seat(self.bits);
        let Some(slot) = self.directory.get(at).and_then(|segment| segment.find(place, eq)) else {
            return (self.insert_absent(hash, make, hasher), true);
        };
        let segment = self.writable(at);
        // SAFETY: `writable` made it unique, and a copy has the same slots.
        (unsafe { segment.get_mut(slot) }, false)
    }

    /// Removes the entry of that hash that `eq` accepts. `hasher` gives the hash of any other entry: segments
    /// that became sparse are merged. O(1).
    #[inline]
    pub fn remove(&mut self, hash: u64, eq: impl FnMut(&T) -> bool, hasher: impl Fn(&T) -> u64) -> Option<T> {
        let place = self.place(hash);
        let at = place.seat(self.bits);
        let slot = self.directory.get(at)?.find(place, eq)?;
        let segment = self.writable(at);
        // SAFETY: `writable` made it unique, and a copy has the same slots.
        let value = unsafe { segment.take(slot) };
        let left = segment.len();
        self.len -= 1;
        if left.is_multiple_of(16) {
            self.tidy(place, &hasher);
        }
        Some(value)
    }

    #[inline]
    fn insert_absent(&mut self, hash: u64, make: impl FnOnce() -> T, hasher: impl Fn(&T) -> u64) -> &mut T {
        let place = self.place(hash);
        let value = make();
        let mut at = place.seat(self.bits);
        let is_open = self.directory.get(at).is_some_and(|segment| segment.is_unique() && segment.has_room());
        if self.len == 0 || !is_open {
            at = self.open_for(hash, place, &hasher);
        }
        debug_assert_eq!(self.prefix, self.prefix_of(hash), "hashes differ in the bits to skip");
        let segment = &mut self.directory[at];
        self.len += 1;
        // SAFETY: it is unique and has room: it was just seen, or `open_for` has seen to it.
        let slot = unsafe { segment.put(place, value) };
        // SAFETY: still unique; the slot of an entry.
        unsafe { segment.get_mut(slot) }
    }

    /// Makes the segment where `place` belongs one that nobody shares and that has room; returns its seat.
    #[cold]
    #[inline(never)]
    fn open_for(&mut self, hash: u64, place: Place, hasher: &impl Fn(&T) -> u64) -> usize {
        if place.seat(self.bits) >= self.directory.len() {
            self.furnish();
        }
        while !self.directory[place.seat(self.bits)].has_room() {
            self.make_room(place, hasher);
        }
        if self.len == 0 {
            self.prefix = self.prefix_of(hash);
        }
        let at = place.seat(self.bits);
        self.writable(at);
        at
    }

    /// The segment at `at`, copied first when somebody else holds it.
    #[inline]
    fn writable(&mut self, at: usize) -> &mut Segment<T> {
        if !self.directory[at].is_unique() {
            let segment = &self.directory[at];
            let copy = self.bring.map_or_else(|| segment.copy(|_| {}), |bring| segment.copy(bring));
            self.reseat(at, copy);
        }
        &mut self.directory[at]
    }

    /// Makes room where `place` belongs: drops the marks of removed entries, doubles the segment, or splits it.
    #[cold]
    #[inline(never)]
    fn make_room(&mut self, place: Place, hasher: &impl Fn(&T) -> u64) {
        let at = place.seat(self.bits);
        let segment = &self.directory[at];
        let (groups, depth, len) = (segment.groups(), segment.depth(), segment.len());
        let places = self.places(segment, hasher);
        let layout = if len <= limit(groups) as usize * 3 / 4 {
            Layout::Resize(groups)
        } else if groups < GROUPS || !self.may_split(&places) {
            Layout::Resize(groups * 2)
        } else {
            Layout::Split
        };
        match layout {
            Layout::Resize(groups) => self.resize(at, groups, &places),
            Layout::Split => self.split(at, depth, &places),
        }
    }

    /// Tells whether splitting would part these places before the directory is out of bits.
    fn may_split(&self, places: &[Place]) -> bool {
        let differ = places.iter().fold(0, |bits, place| bits | (place.high ^ places[0].high));
        differ.leading_zeros() <= u32::from(self.bits_allowed())
    }

    fn resize(&mut self, at: usize, groups: u32, places: &[Place]) {
        let mut to = [Segment::new(groups, self.directory[at].depth())];
        self.pour(&[at], places, &mut to, |_| 0);
        let [segment] = to;
        self.reseat(at, segment);
    }

    fn split(&mut self, mut at: usize, depth: u8, places: &[Place]) {
        let right = places.iter().filter(|place| place.side(depth) == 1).count();
        let groups = [groups_for(places.len() - right), groups_for(right)];
        let mut to = groups.map(|groups| Segment::new(groups, depth + 1));
        if depth == self.bits {
            self.double_directory();
            at *= 2;
        }
        self.pour(&[at], places, &mut to, |place| place.side(depth));
        let row = self.row(at);
        let middle = row.start + row.len() / 2;
        let [left, right] = to;
        let old = self.unseat(row.start);
        self.seat(row.start..middle, left);
        self.seat(middle..row.end, right);
        self.deepest += 2 * usize::from(depth + 1 == self.bits);
        if self.directory.len() >= PREPARED && self.deepest > self.directory.len() / 4 {
            self.prepare(PREPARED_AT_ONCE);
        }
        drop(old);
    }

    /// Merges the segment at `at` with its buddy when both are sparse; tells whether it did.
    fn merge(&mut self, at: usize, hasher: &impl Fn(&T) -> u64) -> bool {
        let segment = &self.directory[at];
        let (row, depth) = (self.row(at), segment.depth());
        if depth == 0 || segment.len() > MERGED_LEN {
            return false;
        }
        let left = row.start & !row.len();
        let right = left + row.len();
        let Some(other) = self.directory.get(if row.start == left { right } else { left }) else {
            return false;
        };
        let len = segment.len() + other.len();
        if other.depth() != depth || len > MERGED_LEN {
            return false;
        }
        let mut places = self.places(&self.directory[left], hasher);
        places.extend(self.places(&self.directory[right], hasher));
        let mut to = [Segment::new(groups_for(len), depth - 1)];
        self.pour(&[left, right], &places, &mut to, |_| 0);
        let [merged] = to;
        let old = [self.unseat(left), self.unseat(right)];
        self.seat(left..right + row.len(), merged);
        self.deepest -= 2 * usize::from(depth == self.bits);
        drop(old);
        true
    }

    /// Puts the entries of the segments at `from` where `side` says: moves them, or clones them when one of
    /// the segments is shared. Then the directory is still as it was when a clone panics.
    fn pour(
        &mut self,
        from: &[usize],
        places: &[Place],
        to: &mut [Segment<T>],
        side: impl Fn(Place) -> usize,
    ) {
        let mut done = 0;
        let unique = from.iter().all(|&at| self.directory[at].is_unique());
        for &at in from {
            let segment = &mut self.directory[at];
            let own = &places[done..done + segment.len()];
            done += own.len();
            if unique {
                // SAFETY: all are unique; the callers made room for all.
                unsafe { segment.pour(own, to, &side) };
            } else {
                // SAFETY: the callers made room for all in new segments.
                unsafe { segment.pour_clones(own, to, &side) };
            }
        }
    }

    /// Merges and shrinks what became sparse around `place`.
    #[cold]
    #[inline(never)]
    fn tidy(&mut self, place: Place, hasher: &impl Fn(&T) -> u64) {
        while self.merge(place.seat(self.bits), hasher) {}
        let at = place.seat(self.bits);
        let segment = &self.directory[at];
        if segment.groups() > 1 && segment.len() * 8 < segment.slots() as usize {
            let groups = groups_for(segment.len());
            let places = self.places(segment, hasher);
            self.resize(at, groups, &places);
        }
        self.halve_directory();
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone> Clone for Table<T> {
    /// Clones the directory and counts the segments: O(entries / 320), no entry is cloned.
    fn clone(&self) -> Self {
        let mut directory = Vec::with_capacity(self.directory.len());
        for segment in self.segments() {
            let holder = segment.clone();
            for _ in 0..1 << (self.bits - segment.depth()) {
                // SAFETY: the new row owns the count of `holder`, which is forgotten below.
                directory.push(unsafe { holder.same_count() });
            }
            std::mem::forget(holder);
        }
        Self { directory, next: Vec::new(), ..*self }
    }
}

impl<T> Drop for Table<T> {
    fn drop(&mut self) {
        while let Some(last) = self.directory.pop() {
            // The other seats of the row are copies of this one.
            let rest = (1usize << (self.bits - last.depth())) - 1;
            self.directory.truncate(self.directory.len() - rest);
            drop(ManuallyDrop::into_inner(last));
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Table<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
