//! Where a key is, or would be; and a collection that is open for writing. The bookkeeping of every change is done here:
//! memory, deadlines, who is interested, what is said of it.
use super::{
    Entry,
    notes::{Classes, Notes},
    stripe::{Dead, Slice, Stripe, Tally, is_dead, weight},
    view::{kind_of, seconds},
};
use crate::{
    base::{
        error::{Error, Result},
        limits::Encodings,
    },
    ds::entry::New,
    value::{Type, Typed, Value},
};
use std::ops::{Deref, DerefMut};

/// Where a key is, or would be.
pub(super) struct Place<'v> {
    pub(super) stripe: &'v mut Stripe,
    pub(super) notes: &'v mut Notes,
    pub(super) hash: u64,
    pub(super) db: u32,
    pub(super) now_ms: u64,
}

impl<'v> Place<'v> {
    pub(super) fn find(&self, key: &[u8]) -> Option<&Entry> {
        self.stripe.slice(self.db).find(self.hash, key)
    }

    /// Finds an entry of which something is to change that neither its size nor its deadline depends on.
    pub(super) fn find_mut(&mut self, key: &[u8]) -> Option<&mut Entry> {
        self.stripe.slices[self.db as usize].table.find_mut(self.hash, |e| e.is(key))
    }

    /// Removes the entry of `key` when it is past its time.
    pub(super) fn remove_dead(&mut self, key: &[u8]) {
        let Self { stripe, notes, hash, db, now_ms } = self;
        let dead = stripe.slice(*db).find(*hash, key).is_some_and(|e| is_dead(e, *now_ms));
        if dead && let Some(entry) = stripe.slice_mut(*db).take(*hash, key) {
            stripe.tally.expired += 1;
            stripe.tally.removed_ms = stripe.tally.removed_ms.max(*now_ms);
            stripe.tally.interest.expired(*db as u8, *hash, key);
            notes.event(Classes::EXPIRED, "expired", *db, key);
            stripe.bury(entry);
        }
    }

    /// Adds an entry whose key is absent.
    #[inline]
    pub(super) fn add(&mut self, mut entry: Entry) {
        let Self { stripe, hash, db, now_ms, .. } = self;
        entry.set_clock(seconds(*now_ms));
        stripe.tally.interest.open(entry.key());
        stripe.slice_mut(*db).add(*hash, entry, *now_ms);
        stripe.tally.interest.changed_open(*db as u8, *hash);
        stripe.wheels |= u32::from(stripe.slice(*db).wheel.is_some()) << *db;
    }

    pub(super) fn say_new(&mut self, key: &[u8]) {
        self.notes.event(Classes::NEW, "new", self.db, key);
    }

    /// Says that what is at `key`, if anything is, gives way to a value of type `new`.
    #[inline]
    pub(super) fn say_overwritten(&mut self, key: &[u8], new: Type) {
        if self.notes.classes().has(Classes::OVERWRITTEN.and(Classes::TYPE_CHANGED)) {
            self.say_what_is_overwritten(key, new);
        }
    }

    #[cold]
    fn say_what_is_overwritten(&mut self, key: &[u8], new: Type) {
        let Some(old) = self.find(key).map(kind_of) else { return };
        self.notes.event(Classes::OVERWRITTEN, "overwritten", self.db, key);
        if old != new {
            self.notes.event(Classes::TYPE_CHANGED, "type_changed", self.db, key);
        }
    }

    /// Gives `key` a new value and deadline, in place where that is possible.
    pub(super) fn set(&mut self, key: &[u8], payload: New<'_, Value>, at_ms: Option<u64>) {
        let Self { stripe, hash, db, now_ms, .. } = self;
        let (slice, tally) = (&mut stripe.slices[*db as usize], &mut stripe.tally);
        let Some(entry) = slice.table.find_mut(*hash, |e| e.is(key)) else {
            self.add(Entry::new(key, payload, at_ms));
            return self.say_new(key);
        };
        slice.entry_bytes -= weight(entry);
        slice.expires -= usize::from(entry.expire_at_ms().is_some());
        if let Some(old) = entry.set(payload, at_ms) {
            tally.dead.push(Dead::Value(old));
        }
        entry.set_clock(seconds(*now_ms));
        slice.entry_bytes += weight(entry);
        if at_ms.is_some() {
            slice.expires += 1;
            Slice::file(&mut slice.wheel, *hash, entry, *now_ms);
            stripe.wheels |= 1 << *db;
        }
        tally.interest.changed(*db as u8, *hash, key);
    }

    pub(super) fn expire(&mut self, key: &[u8], at_ms: Option<u64>) -> bool {
        let Self { stripe, hash, db, now_ms, .. } = self;
        let (slice, tally) = (&mut stripe.slices[*db as usize], &mut stripe.tally);
        let Some(entry) = slice.table.find_mut(*hash, |e| e.is(key)) else { return false };
        slice.entry_bytes -= entry.mem_bytes();
        slice.expires -= usize::from(entry.expire_at_ms().is_some());
        entry.set_expire_at_ms(at_ms);
        slice.entry_bytes += entry.mem_bytes();
        if at_ms.is_some() {
            slice.expires += 1;
            Slice::file(&mut slice.wheel, *hash, entry, *now_ms);
            stripe.wheels |= 1 << *db;
        }
        tally.interest.changed(*db as u8, *hash, key);
        true
    }

    /// Opens the collection at `key`; `reads`: that is a hit, or a miss.
    pub(super) fn open<T: Typed>(self, key: &'v [u8], reads: bool) -> Result<Option<Mut<'v, T>>> {
        let Self { stripe, notes, hash, db, now_ms } = self;
        let (slice, tally) = (&mut stripe.slices[db as usize], &mut stripe.tally);
        let Some(entry) = slice.table.find_mut(hash, |e| e.is(key)) else {
            if reads {
                tally.misses += 1;
                notes.event(Classes::KEYMISS, "keymiss", db, key);
            }
            return Ok(None);
        };
        tally.hits += u64::from(reads);
        entry.set_clock(seconds(now_ms));
        let value = entry.object_mut().and_then(T::of_mut).ok_or_else(Error::wrong_type)?;
        let before = value.mem_bytes();
        tally.interest.open(key);
        let bytes = &mut slice.entry_bytes;
        Ok(Some(Mut { value, bytes, tally, notes, key, before, hash, db, changed: true, unsaid: false }))
    }
}

/// A collection that is being written to. When it goes out of scope the key counts as changed, its memory is
/// settled, and an emptied collection is marked for removal, which is said.
pub struct Mut<'k, T: Typed> {
    value: &'k mut T,
    bytes: &'k mut usize,
    tally: &'k mut Tally,
    notes: &'k mut Notes,
    key: &'k [u8],
    before: usize,
    hash: u64,
    db: u32,
    changed: bool,
    /// It is new, and nobody was told of that yet; or it has gone, and somebody else tells.
    pub(super) unsaid: bool,
}

impl<T: Typed> Mut<'_, T> {
    /// Says that nothing was changed after all: WATCH does not notice.
    pub fn unchanged(&mut self) {
        self.changed = false;
    }

    /// Takes [`Mut::unchanged`] back.
    pub fn changed(&mut self) {
        self.changed = true;
    }

    /// The limits at which collections leave their compact encodings.
    pub fn limits(&self) -> Encodings {
        self.tally.limits
    }

    /// Says that something of `class` happened to the key, when somebody listens to that class.
    #[inline]
    pub fn notify(&mut self, class: Classes, name: &'static str) {
        if !self.notes.classes().is_empty() {
            self.say_new();
            self.notes.event(class, name, self.db, self.key);
        }
    }

    /// Tells whether nothing is left in it. In that case whoever asks says that the key is deleted, at his time; otherwise
    /// that is said when it goes out of scope.
    pub fn is_spent(&mut self) -> bool {
        self.unsaid |= self.value.is_empty();
        self.value.is_empty()
    }

    fn say_new(&mut self) {
        if std::mem::take(&mut self.unsaid) {
            self.notes.event(Classes::NEW, "new", self.db, self.key);
        }
    }
}

impl<T: Typed> Mut<'_, T> {
    /// Frees a value when the locks have gone.
    pub fn bury(&mut self, value: T) {
        self.tally.dead.push(Dead::Value(value.into()));
    }
}

impl<T: Typed> Deref for Mut<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.value
    }
}

impl<T: Typed> DerefMut for Mut<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value
    }
}

impl<T: Typed> Drop for Mut<'_, T> {
    fn drop(&mut self) {
        // Invariant: `entry_bytes` is the sum over all entries.
        *self.bytes = *self.bytes + self.value.mem_bytes() - self.before;
        if self.value.is_empty() {
            self.tally.emptied.push((self.db as u8, self.hash));
            if !self.unsaid {
                self.notes.event(Classes::GENERIC, "del", self.db, self.key);
            }
        } else {
            self.say_new();
        }
        if self.changed {
            self.tally.interest.changed_open(self.db as u8, self.hash);
        } else {
            self.tally.interest.unopen();
        }
    }
}
