//! Images: all keys as they were at one moment, for whoever writes them to a file while others go on.
//!
//! ```text
//!   all stripes locked ─▶ every one marked "image due" ─▶ unlocked          ≈ 1 µs: nothing is copied yet
//!                              │
//!   whoever locks a stripe next, a command or the writer itself:
//!                              └─▶ its tables are cloned first: a directory, and one count a segment
//!
//!   writer:  take_image(0) ─▶ segment ─▶ segment ─▶ … freed one by one ─▶ take_image(1) ─▶ …
//! ```
//!
//! A write to a segment that an image holds copies that segment (at most 448 entries; what their values point to is
//! shared in turn). So an image costs memory for what is written to while it lives, and for nothing else.
//!
//! # Invariants
//! - Every way to a stripe of a keyspace leads through [`Keyspace::lock`], which takes an image that is due. What a stripe
//!   holds when it is marked is therefore what its image holds.
//! - A stripe is marked between two commands: no collection in an image is empty.
use super::{Entry, Keyspace, locks::GoesOn, stripe::Stripe};
use crate::ds::table::Table;
#[cfg(test)]
mod tests;

/// All keys of one stripe, in all databases, as they were. Keys past their time are among them.
pub struct Image {
    tables: Vec<(u32, Table<Entry>)>,
    len: usize,
}

impl Image {
    fn of(stripe: &Stripe) -> Self {
        let slices = stripe.slices.iter().zip(0u32..).filter(|(slice, _)| !slice.is_empty());
        let tables: Vec<_> = slices.map(|(slice, db)| (db, slice.table.clone())).collect();
        let len = tables.iter().map(|(_, table)| table.len()).sum();
        Self { tables, len }
    }

    /// The number of keys that are still to be visited. O(1).
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Tells whether no key is left.
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Visits some hundred entries with their databases and gives back their memory, as far as nobody else holds
    /// it. False: that was all.
    pub fn next_batch(&mut self, visit: &mut dyn FnMut(u32, &Entry)) -> bool {
        while let Some((db, table)) = self.tables.last_mut() {
            let mut seen = 0;
            for entry in table.last_segment() {
                visit(*db, entry);
                seen += 1;
            }
            self.len -= seen;
            if !table.pop_segment() || table.is_empty() {
                self.tables.pop();
            }
            if seen > 0 {
                return !self.tables.is_empty();
            }
        }
        false
    }
}

impl Stripe {
    /// Asks for an image of the stripe as it is now, to be taken by whoever locks it next.
    pub(super) fn mark_image_due(&mut self) {
        self.tally.image = None;
        self.tally.image_due = true;
    }

    /// Takes the image that is due.
    #[cold]
    #[inline(never)]
    pub(super) fn take_due_image(&mut self) {
        self.tally.image_due = false;
        self.tally.image = Some(Image::of(self));
    }
}

impl Keyspace {
    /// Hands over the image of stripe `index`: as it was when it was marked, see
    /// [`mark_images_due`](super::locks::Held::mark_images_due). `Some(None)`: it was not marked, or was handed over before; `None`:
    /// somebody has the stripe, and `goes_on` has given up.
    pub fn take_image(&self, index: usize, goes_on: GoesOn<'_>) -> Option<Option<Image>> {
        Some(self.lock_while(index, goes_on)?.tally.image.take())
    }

    /// Drops the images that nobody has fetched: those of a snapshot that was given up. Where `goes_on` gives up they stay until
    /// the next snapshot asks for others.
    pub fn drop_images(&self, goes_on: GoesOn<'_>) {
        // Each is freed when the lock has gone.
        (0..self.stripe_count()).map_while(|index| self.take_image(index, goes_on)).for_each(drop);
    }
}
