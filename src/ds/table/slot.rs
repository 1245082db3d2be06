//! Where an entry lies: to be read at once, to be written only while nobody else holds its segment; and the last
//! segment, for a walk that frees what it has seen.
use super::{Table, segment::Segment};
use std::ops::Deref;

/// The slot of an entry; reads as the entry.
pub struct Slot<'t, T> {
    /// Invariant: `slot` came from this segment's `find`, and nothing was changed since.
    segment: &'t mut Segment<T>,
    slot: u32,
}

impl<T> Table<T> {
    /// Finds the entry of that hash that `eq` accepts, for reading and perhaps for writing: never copies a segment.
    /// O(1).
    #[inline]
    pub fn find_slot(&mut self, hash: u64, eq: impl FnMut(&T) -> bool) -> Option<Slot<'_, T>> {
        let place = self.place(hash);
        let segment = &mut **self.directory.get_mut(place.seat(self.bits))?;
        let slot = segment.find(place, eq)?;
        Some(Slot { segment, slot })
    }

    /// The entries that the next [`Table::pop_segment`] will free; none in an empty table and in an empty segment.
    pub fn last_segment(&self) -> impl Iterator<Item = &T> {
        self.directory.last().into_iter().flat_map(|segment| segment.iter())
    }
}

impl<'t, T> Slot<'t, T> {
    /// Returns the entry for writing when no clone of the table holds its segment, too.
    #[inline]
    pub fn own(&mut self) -> Option<&mut T> {
        if !self.segment.is_unique() {
            return None;
        }
        // SAFETY: unique, and the invariant says where the slot came from.
        Some(unsafe { self.segment.get_mut(self.slot) })
    }

    /// Returns the entry, for as long as the table is borrowed.
    #[inline]
    pub fn into_ref(self) -> &'t T {
        let segment: &'t Segment<T> = self.segment;
        // SAFETY: the invariant.
        unsafe { segment.taken_at(self.slot) }
    }
}

impl<T> Deref for Slot<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the invariant.
        unsafe { self.segment.taken_at(self.slot) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(n: &u64) -> u64 {
        n.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    fn table(entries: u64) -> Table<u64> {
        let mut table = Table::new();
        (0..entries).for_each(|n| table.insert(hash(&n), n, hash));
        table
    }

    #[test]
    fn a_slot_is_written_only_while_nobody_else_holds_the_segment() {
        let mut table = table(3000);
        assert_eq!(table.find_slot(hash(&7), |n| *n == 7).unwrap().own().copied(), Some(7));
        let clone = table.clone();
        let mut slot = table.find_slot(hash(&7), |n| *n == 7).unwrap();
        assert!(slot.own().is_none() && *slot == 7 && *slot.into_ref() == 7);
        drop(clone);
        assert!(table.find_slot(hash(&7), |n| *n == 7).unwrap().own().is_some());
        assert!(
            table.find_slot(hash(&7), |_| false).is_none()
                && Table::<u64>::new().find_slot(1, |_| true).is_none()
        );
    }

    #[test]
    fn popping_segment_by_segment_shows_every_entry_once() {
        let mut table = table(5000);
        let mut seen = Vec::new();
        loop {
            seen.extend(table.last_segment().copied());
            if !table.pop_segment() {
                break;
            }
        }
        seen.sort_unstable();
        assert!(seen.into_iter().eq(0..5000) && table.is_empty());
    }
}
