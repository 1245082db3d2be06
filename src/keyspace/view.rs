//! What a running command may see and change: its keys, one clock reading, one seed.
//!
//! Bookkeeping lives here, where values are handed out, so that no command can forget it: WRONGTYPE, expiry,
//! removal of emptied collections, WATCH, memory accounting, access clocks, hit counters.
use super::{
    Entry,
    locks::Stripes,
    notes::{Classes, Notes},
    stripe::{Slice, Stripe, Tally, is_dead},
};
use crate::{
    base::{
        error::{Error, Result},
        hash,
        limits::Encodings,
        rng::Rng,
    },
    ds::entry::{New, Payload},
    value::{Type, Typed, Value},
};
use std::{
    cell::Cell,
    ops::{Deref, DerefMut},
};

/// The stripes a view reaches.
pub enum Scope<'v> {
    /// One stripe for every key: a command with one key, or a transaction's overlay.
    One(&'v mut Stripe),
    /// Several.
    Many(&'v mut (dyn Stripes + 'v)),
}

/// What a command runs on. See the module.
pub struct View<'v> {
    pub(super) scope: Scope<'v>,
    /// The keys the command named, with their hashes: no key is hashed twice.
    hashed: &'v [(&'v [u8], u64)],
    /// Where the latest key stands among them.
    latest: Cell<usize>,
    /// Unix time in milliseconds: the same for the whole command, transaction or script.
    pub now_ms: u64,
    /// What chance the command has.
    pub seed: u64,
    /// The database the command runs in.
    pub db: u32,
    /// False: reading a key does not count as using it (`CLIENT NO-TOUCH`).
    pub touch: bool,
    /// What the command says to others.
    pub notes: Notes<'v>,
}

impl<'v> View<'v> {
    /// Makes the view of one command.
    pub fn new(scope: Scope<'v>, hashed: &'v [(&'v [u8], u64)], now_ms: u64, seed: u64, db: u32) -> Self {
        let classes = match &scope {
            Scope::One(stripe) => stripe.tally.interest.classes(),
            Scope::Many(stripes) => stripes.classes(),
        };
        let notes = Notes::of(classes);
        Self { scope, hashed, latest: Cell::new(0), now_ms, seed, db, touch: true, notes }
    }

    /// The generator of the command's chance.
    pub fn rng(&self) -> Rng {
        // Seeds of one stripe follow each other: the generator's mixing makes them differ.
        Rng::new(self.seed.wrapping_mul(0xD134_2543_DE82_EF95))
    }

    /// The limits at which collections leave their compact encodings.
    pub fn limits(&mut self) -> Encodings {
        let hash = self.hashed.first().map_or(0, |(_, hash)| *hash);
        self.stripe(hash).tally.limits
    }

    /// The hash of a key: found among the named ones by the address of its bytes. Commands go through their keys in
    /// order, so the place to look is where the last one was, or right behind.
    #[inline]
    pub(super) fn hash(&self, key: &[u8]) -> u64 {
        let at = self.latest.get();
        let near = self.hashed.get(at..).unwrap_or_default().iter().take(2).enumerate();
        for (ahead, (named, hash)) in near {
            if std::ptr::eq(*named, key) {
                self.latest.set(at + ahead);
                return *hash;
            }
        }
        self.hash_elsewhere(key)
    }

    fn hash_elsewhere(&self, key: &[u8]) -> u64 {
        const SEARCHED_MAX: usize = 8;
        let same = |(named, _): &(&[u8], u64)| std::ptr::eq(*named, key);
        match self.hashed.iter().take(SEARCHED_MAX).position(same) {
            Some(at) => {
                self.latest.set(at);
                self.hashed[at].1
            }
            None => hash::bytes(key),
        }
    }

    /// Asks the processor to bring what looking up some of the named keys will read, all at once: a command of many keys
    /// says so a few keys before it comes to them.
    pub fn fetch_ahead(&mut self, named: std::ops::Range<usize>) {
        let (db, hashed) = (self.db, self.hashed.get(named).unwrap_or_default());
        for (_, hash) in hashed {
            self.stripe(*hash).slice(db).table.prefetch(*hash);
        }
        for (_, hash) in hashed {
            self.stripe(*hash).bring_entry(db, *hash);
        }
    }

    #[inline]
    pub(super) fn stripe(&mut self, hash: u64) -> &mut Stripe {
        match &mut self.scope {
            Scope::One(stripe) => stripe,
            Scope::Many(stripes) => stripes.at(hash),
        }
    }

    /// Returns the living entry of `key` for reading: counts a hit or a miss and stamps the access clock.
    #[inline]
    pub(super) fn read(&mut self, key: &[u8]) -> Option<&Entry> {
        let (hash, now_ms, db, touch) = (self.hash(key), self.now_ms, self.db, self.touch);
        let Stripe { slices, tally, .. } = self.stripe(hash);
        let slot = slices[db as usize].table.find_slot(hash, |e| e.is(key));
        let Some(mut slot) = slot.filter(|e| !is_dead(e, now_ms)) else {
            tally.misses += 1;
            return None;
        };
        tally.hits += 1;
        // A clock is not worth copying entries that an image holds, too: it stands still meanwhile.
        if touch
            && slot.clock() != seconds(now_ms)
            && let Some(entry) = slot.own()
        {
            entry.set_clock(seconds(now_ms));
        }
        Some(slot.into_ref())
    }

    /// Returns the living entry of `key` without counting that as a use of it.
    pub fn peek(&mut self, key: &[u8]) -> Option<&Entry> {
        let (hash, now_ms, db) = (self.hash(key), self.now_ms, self.db);
        self.stripe(hash).slice(db).find(hash, key).filter(|e| !is_dead(e, now_ms))
    }

    /// Returns the place of `key` for writing. A dead entry is removed first.
    pub(super) fn place(&mut self, key: &[u8]) -> Place<'_> {
        let (hash, now_ms, db) = (self.hash(key), self.now_ms, self.db);
        let stripe = self.stripe(hash);
        if stripe.slice(db).expires > 0 {
            let dead = stripe.slice(db).find(hash, key).is_some_and(|e| is_dead(e, now_ms));
            if dead && let Some(entry) = stripe.slice_mut(db).take(hash, key) {
                stripe.tally.expired += 1;
                stripe.tally.removed_ms = stripe.tally.removed_ms.max(now_ms);
                stripe.tally.interest.expired(db as u8, hash, key);
                stripe.bury(entry);
            }
        }
        Place { stripe, hash, db, now_ms }
    }

    /// The type of the value at `key`.
    pub fn kind(&mut self, key: &[u8]) -> Option<Type> {
        Some(kind_of(self.read(key)?))
    }

    /// Tells whether `key` exists, as a use of it.
    pub fn exists(&mut self, key: &[u8]) -> bool {
        self.read(key).is_some()
    }

    /// Returns the collection at `key`. Another type: WRONGTYPE.
    #[inline]
    pub fn get<T: Typed>(&mut self, key: &[u8]) -> Result<Option<&T>> {
        let Some(entry) = self.read(key) else { return Ok(None) };
        match entry.payload() {
            Payload::Object(value) => T::of(value).map(Some).ok_or_else(Error::wrong_type),
            Payload::Int(_) | Payload::Bytes(_) => Err(Error::wrong_type()),
        }
    }

    /// Returns the collections at several keys at once, in the order of the keys, which may repeat: the algebra of
    /// sets. Another type: WRONGTYPE.
    pub fn get_each<T: Typed>(&mut self, keys: &[&[u8]]) -> Result<Vec<Option<&T>>> {
        self.get_each_as(keys, T::of)
    }

    /// Returns what `of` finds in the values at several keys, in the order of the keys, which may repeat: the algebra
    /// of sorted sets, which takes sets as well. Where it finds nothing: WRONGTYPE.
    pub fn get_each_as<'s, T>(
        &'s mut self,
        keys: &[&[u8]],
        of: impl Fn(&'s Value) -> Option<T>,
    ) -> Result<Vec<Option<T>>> {
        // Counted as used one by one, then borrowed together.
        for key in keys {
            self.read(key);
        }
        let view: &'s Self = self;
        keys.iter()
            .map(|key| match view.look(key).map(Entry::payload) {
                None => Ok(None),
                Some(Payload::Object(value)) => of(value).map(Some).ok_or_else(Error::wrong_type),
                Some(Payload::Int(_) | Payload::Bytes(_)) => Err(Error::wrong_type()),
            })
            .collect()
    }

    /// Returns the living entry of `key` without counting that as a use of it, next to others.
    fn look(&self, key: &[u8]) -> Option<&Entry> {
        let hash = self.hash(key);
        let stripe = match &self.scope {
            Scope::One(stripe) => &**stripe,
            Scope::Many(stripes) => stripes.peek(hash)?,
        };
        stripe.slice(self.db).find(hash, key).filter(|e| !is_dead(e, self.now_ms))
    }

    /// Returns the collection at `key` for writing, when there is one. Another type: WRONGTYPE.
    pub fn get_mut<T: Typed>(&mut self, key: &[u8]) -> Result<Option<Mut<'_, T>>> {
        self.place(key).open(key)
    }

    /// Returns the collection at `key` for writing; makes `empty()` of it when there is none. Another type:
    /// WRONGTYPE. A collection that is still empty after the command is removed again.
    pub fn get_or_new<T: Typed>(&mut self, key: &[u8], empty: impl FnOnce() -> T) -> Result<Mut<'_, T>> {
        let mut place = self.place(key);
        if place.find(key).is_none() {
            place.add(Entry::object(key, empty().into()));
        }
        match place.open(key)? {
            Some(value) => Ok(value),
            // The entry was there or has just been added.
            None => Err(Error::no_such_key()),
        }
    }

    /// Puts `value` at `key`, whatever was there; any time to live is gone. An empty collection just removes
    /// the key.
    pub fn replace(&mut self, key: &[u8], value: impl Into<Value>) {
        let value = value.into();
        if value.is_empty() {
            self.remove(key);
            return;
        }
        self.place(key).set(key, New::Object(value), None);
    }

    /// Removes `key` and tells whether it was there.
    pub fn remove(&mut self, key: &[u8]) -> bool {
        let place = self.place(key);
        let taken = place.stripe.take(place.db, place.hash, key);
        taken.map(|entry| place.stripe.bury(entry)).is_some()
    }

    /// Takes the entry of `key` out: for RENAME and MOVE, with [`View::put`].
    pub fn take(&mut self, key: &[u8]) -> Option<Entry> {
        let place = self.place(key);
        place.stripe.take(place.db, place.hash, key)
    }

    /// Clones the entry of `key`, as a use of it: for COPY, with [`View::put`]. It costs nothing like the value's size.
    pub fn cloned(&mut self, key: &[u8]) -> Option<Entry> {
        self.read(key).cloned()
    }

    /// For how many seconds `key` was not used, without counting that as a use of it.
    pub fn idle_s(&mut self, key: &[u8]) -> Option<u64> {
        let now = seconds(self.now_ms);
        Some(u64::from(now.wrapping_sub(self.peek(key)?.clock()) & CLOCK_MASK))
    }

    /// Puts an entry under `key`, whatever was there.
    pub fn put(&mut self, key: &[u8], entry: Entry) {
        self.remove(key);
        self.place(key).add(entry.with_key(key));
    }

    /// The deadline of `key` in Unix milliseconds: `None` when there is no such key, `Some(None)` when it lives
    /// for ever.
    pub fn expire_at_ms(&mut self, key: &[u8]) -> Option<Option<u64>> {
        Some(self.peek(key)?.expire_at_ms())
    }

    /// Sets or clears the deadline of `key`, and tells whether it was there. A deadline in the past removes it.
    pub fn set_expire_at_ms(&mut self, key: &[u8], at_ms: Option<u64>) -> bool {
        if at_ms.is_some_and(|at| at <= self.now_ms) {
            return self.remove(key);
        }
        self.place(key).expire(key, at_ms)
    }

    /// Reads and writes in database `db` for the time of `body`: COPY and MOVE.
    pub fn within<R>(&mut self, db: u32, body: impl FnOnce(&mut Self) -> R) -> R {
        let home = std::mem::replace(&mut self.db, db);
        let result = body(self);
        self.db = home;
        result
    }

    /// Visits the stripes from number `from` on, until `visit` returns false.
    pub fn each_stripe(&mut self, from: usize, visit: &mut dyn FnMut(usize, &mut Stripe) -> bool) {
        match &mut self.scope {
            Scope::One(stripe) => {
                visit(0, stripe);
            }
            Scope::Many(stripes) => stripes.each(from, visit),
        }
    }

    /// The number of stripes.
    pub fn stripe_count(&self) -> usize {
        match &self.scope {
            Scope::One(_) => 1,
            Scope::Many(stripes) => stripes.count(),
        }
    }

    /// Empties a database, or all of them, and returns how many keys there were.
    pub fn flush(&mut self, db: Option<u32>) -> usize {
        let (mut count, now_ms) = (0, self.now_ms);
        self.each_stripe(0, &mut |_, stripe| {
            let all = 0..stripe.slices.len() as u32;
            count +=
                all.filter(|n| db.is_none_or(|db| db == *n)).map(|n| stripe.flush(n, now_ms)).sum::<usize>();
            true
        });
        count
    }

    /// Exchanges two databases.
    pub fn swap(&mut self, a: u32, b: u32) {
        let now_ms = self.now_ms;
        self.each_stripe(0, &mut |_, stripe| {
            stripe.swap(a, b, now_ms);
            true
        });
    }
}

/// The access clock: seconds, 24 bits.
pub(super) fn seconds(now_ms: u64) -> u32 {
    (now_ms / 1000) as u32 & CLOCK_MASK
}

/// The bits of the access clock.
const CLOCK_MASK: u32 = 0xFF_FFFF;

/// The name of the form an entry's value is in, as `OBJECT ENCODING` answers it.
pub fn encoding_of(entry: &Entry) -> &'static str {
    // Redis's limit: it is part of what clients may see, and nothing else depends on it here.
    const EMBSTR_BYTES_MAX: usize = 44;
    match entry.payload() {
        Payload::Int(_) => "int",
        Payload::Bytes(data) if data.len() <= EMBSTR_BYTES_MAX && !entry.raw() => "embstr",
        Payload::Bytes(_) => "raw",
        Payload::Object(value) => value.encoding(),
    }
}

/// The type of an entry's value.
pub fn kind_of(entry: &Entry) -> Type {
    match entry.payload() {
        Payload::Int(_) | Payload::Bytes(_) => Type::String,
        Payload::Object(value) => value.kind(),
    }
}

/// Where a key is, or would be.
pub(super) struct Place<'v> {
    pub(super) stripe: &'v mut Stripe,
    pub(super) hash: u64,
    pub(super) db: u32,
    pub(super) now_ms: u64,
}

impl<'v> Place<'v> {
    pub(super) fn find(&self, key: &[u8]) -> Option<&Entry> {
        self.stripe.slice(self.db).find(self.hash, key)
    }

    /// Adds an entry whose key is absent.
    pub(super) fn add(&mut self, mut entry: Entry) {
        let Self { stripe, hash, db, now_ms } = self;
        entry.set_clock(seconds(*now_ms));
        stripe.tally.interest.open(entry.key());
        stripe.tally.interest.event(Classes::NEW, "new", *db as u8, entry.key());
        stripe.slice_mut(*db).add(*hash, entry, *now_ms);
        stripe.tally.interest.changed_open(*db as u8, *hash);
        stripe.wheels |= u32::from(stripe.slice(*db).wheel.is_some()) << *db;
    }

    /// Gives `key` a new value and deadline, in place where that is possible.
    pub(super) fn set(&mut self, key: &[u8], payload: New<'_, Value>, at_ms: Option<u64>) {
        let Self { stripe, hash, db, now_ms } = self;
        let (slice, tally) = (&mut stripe.slices[*db as usize], &mut stripe.tally);
        let Some(entry) = slice.table.find_mut(*hash, |e| e.is(key)) else {
            return self.add(Entry::new(key, payload, at_ms));
        };
        slice.entry_bytes -= super::stripe::weight(entry);
        slice.expires -= usize::from(entry.expire_at_ms().is_some());
        if let Some(old) = entry.set(payload, at_ms) {
            tally.dead.push(super::stripe::Dead::Value(old));
        }
        entry.set_clock(seconds(*now_ms));
        slice.entry_bytes += super::stripe::weight(entry);
        if at_ms.is_some() {
            slice.expires += 1;
            Slice::file(&mut slice.wheel, *hash, entry, *now_ms);
            stripe.wheels |= 1 << *db;
        }
        tally.interest.changed(*db as u8, *hash, key);
    }

    fn expire(&mut self, key: &[u8], at_ms: Option<u64>) -> bool {
        let Self { stripe, hash, db, now_ms } = self;
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

    fn open<T: Typed>(self, key: &[u8]) -> Result<Option<Mut<'v, T>>> {
        let Self { stripe, hash, db, now_ms } = self;
        let (slice, tally) = (&mut stripe.slices[db as usize], &mut stripe.tally);
        let Some(entry) = slice.table.find_mut(hash, |e| e.is(key)) else { return Ok(None) };
        entry.set_clock(seconds(now_ms));
        let value = entry.object_mut().and_then(T::of_mut).ok_or_else(Error::wrong_type)?;
        let before = value.mem_bytes();
        tally.interest.open(key);
        Ok(Some(Mut { value, bytes: &mut slice.entry_bytes, tally, before, hash, db, changed: true }))
    }
}

/// A collection that is being written to. When it goes out of scope the key counts as changed, its memory is
/// settled, and an emptied collection is marked for removal.
pub struct Mut<'k, T: Typed> {
    value: &'k mut T,
    bytes: &'k mut usize,
    tally: &'k mut Tally,
    before: usize,
    hash: u64,
    db: u32,
    changed: bool,
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
}

impl<T: Typed> Mut<'_, T> {
    /// Frees a value when the locks have gone.
    pub fn bury(&mut self, value: T) {
        self.tally.dead.push(super::stripe::Dead::Value(value.into()));
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
        }
        if self.changed {
            self.tally.interest.changed_open(self.db as u8, self.hash);
        } else {
            self.tally.interest.unopen();
        }
    }
}
