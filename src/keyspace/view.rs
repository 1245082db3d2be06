//! What a running command may see and change: its keys, one clock reading, one seed.
//!
//! Bookkeeping lives here, where values are handed out, so that no command can forget it: WRONGTYPE, expiry,
//! removal of emptied collections, WATCH, memory accounting, access clocks, hit counters.
pub use super::place::Mut;
use super::{
    Entry,
    locks::Stripes,
    notes::{Classes, Listeners, Notes},
    place::Place,
    stripe::{Stripe, is_dead},
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
use std::cell::Cell;

/// The stripes a view reaches.
pub enum Scope<'v> {
    /// One stripe for every key: a command with one key, or a transaction's overlay.
    One(&'v mut Stripe),
    /// Several.
    Many(&'v mut (dyn Stripes + 'v)),
}

impl Scope<'_> {
    #[inline]
    fn at(&mut self, hash: u64) -> &mut Stripe {
        match self {
            Self::One(stripe) => stripe,
            Self::Many(stripes) => stripes.at(hash),
        }
    }
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
    pub notes: Notes,
    /// Whom its messages reach.
    pub(super) listeners: Option<&'v dyn Listeners>,
    /// Set when a walk over the stripes was given up on its way: nothing it has found is an answer.
    pub given_up: Option<&'v Cell<bool>>,
}

impl<'v> View<'v> {
    /// Makes the view of one command.
    pub fn new(scope: Scope<'v>, hashed: &'v [(&'v [u8], u64)], now_ms: u64, seed: u64, db: u32) -> Self {
        let classes = match &scope {
            Scope::One(stripe) => stripe.tally.interest.classes(),
            Scope::Many(stripes) => stripes.classes(),
        };
        let notes = Notes::of(classes);
        let (latest, listeners, given_up) = (Cell::new(0), None, None);
        Self { scope, hashed, latest, now_ms, seed, db, touch: true, notes, listeners, given_up }
    }

    /// Lets the command know whom its messages reach.
    pub fn heard_by(&mut self, listeners: &'v dyn Listeners) {
        self.listeners = Some(listeners);
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
        match self.hashed.get(self.latest.get()) {
            Some((named, hash)) if std::ptr::eq(*named, key) => *hash,
            _ => self.hash_elsewhere(key),
        }
    }

    fn hash_elsewhere(&self, key: &[u8]) -> u64 {
        const SEARCHED_MAX: usize = 8;
        let next = self.latest.get() + 1;
        let same = |(named, _): &(&[u8], u64)| std::ptr::eq(*named, key);
        if let Some(found) = self.hashed.get(next).filter(|named| same(named)) {
            self.latest.set(next);
            return found.1;
        }
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
        self.scope.at(hash)
    }

    /// Returns the living entry of `key` for reading: counts a hit or a miss and stamps the access clock.
    #[inline]
    pub(super) fn read(&mut self, key: &[u8]) -> Option<&Entry> {
        self.find::<true>(key)
    }

    /// Returns the living entry of `key` and stamps the access clock. `READS`: that counts as a hit, or as a miss; who
    /// is going to write does not count.
    #[inline]
    pub(super) fn find<const READS: bool>(&mut self, key: &[u8]) -> Option<&Entry> {
        let (hash, now_ms, db, touch) = (self.hash(key), self.now_ms, self.db, self.touch);
        let Self { scope, notes, .. } = self;
        let Stripe { slices, tally, .. } = scope.at(hash);
        let slot = slices[db as usize].table.find_slot(hash, |e| e.is(key));
        let Some(mut slot) = slot.filter(|e| !is_dead(e, now_ms)) else {
            if READS {
                tally.misses += 1;
                notes.event(Classes::KEYMISS, "keymiss", db, key);
            }
            return None;
        };
        tally.hits += u64::from(READS);
        // A clock is not worth copying entries that an image holds, too: it stands still meanwhile.
        if touch
            && slot.clock() != seconds(now_ms)
            && let Some(entry) = slot.own()
        {
            entry.touch(seconds(now_ms));
        }
        Some(slot.into_ref())
    }

    /// Reads without stamping the access clock.
    fn read_untouched(&mut self, key: &[u8]) -> Option<&Entry> {
        let touch = std::mem::replace(&mut self.touch, false);
        let found = self.read(key).is_some();
        self.touch = touch;
        if found { self.peek(key) } else { None }
    }

    /// Returns the living entry of `key` without counting that as a use of it.
    pub fn peek(&mut self, key: &[u8]) -> Option<&Entry> {
        let (hash, now_ms, db) = (self.hash(key), self.now_ms, self.db);
        self.stripe(hash).slice(db).find(hash, key).filter(|e| !is_dead(e, now_ms))
    }

    /// Returns the place of `key` for writing. A dead entry is removed first.
    #[inline]
    pub(super) fn place(&mut self, key: &[u8]) -> Place<'_> {
        let (hash, now_ms, db) = (self.hash(key), self.now_ms, self.db);
        let Self { scope, notes, .. } = self;
        let mut place = Place { stripe: scope.at(hash), notes, hash, db, now_ms };
        if place.stripe.slice(db).expires > 0 {
            place.remove_dead(key);
        }
        place
    }

    /// The type of the value at `key`.
    pub fn kind(&mut self, key: &[u8]) -> Option<Type> {
        Some(kind_of(self.read(key)?))
    }

    /// Tells whether `key` exists, as a use of it.
    pub fn exists(&mut self, key: &[u8]) -> bool {
        self.read(key).is_some()
    }

    /// Tells whether `key` exists, for a command that is going to write: neither a hit nor a miss.
    pub fn exists_to_write(&mut self, key: &[u8]) -> bool {
        self.find::<false>(key).is_some()
    }

    /// Returns the collection at `key`. Another type: WRONGTYPE.
    #[inline]
    pub fn get<T: Typed>(&mut self, key: &[u8]) -> Result<Option<&T>> {
        self.read(key).map(collection).transpose()
    }

    /// The same for a command that is going to write: neither a hit nor a miss.
    pub fn get_to_write<T: Typed>(&mut self, key: &[u8]) -> Result<Option<&T>> {
        self.find::<false>(key).map(collection).transpose()
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
    pub fn get_mut<'s, T: Typed>(&'s mut self, key: &'s [u8]) -> Result<Option<Mut<'s, T>>> {
        self.place(key).open(key, false)
    }

    /// The same for a command that reads in the first place: a hit or a miss.
    pub fn read_mut<'s, T: Typed>(&'s mut self, key: &'s [u8]) -> Result<Option<Mut<'s, T>>> {
        self.place(key).open(key, true)
    }

    /// Returns the collection at `key` for writing; makes `empty()` of it when there is none. Another type:
    /// WRONGTYPE. A collection that is still empty after the command is removed again, and never was a new key.
    pub fn get_or_new<'s, T: Typed>(
        &'s mut self,
        key: &'s [u8],
        empty: impl FnOnce() -> T,
    ) -> Result<Mut<'s, T>> {
        let mut place = self.place(key);
        let absent = place.find(key).is_none();
        if absent {
            place.add(Entry::object(key, empty().into()));
        }
        match place.open(key, false)? {
            Some(mut value) => {
                value.unsaid = absent;
                Ok(value)
            }
            // The entry was there or has just been added.
            None => Err(Error::no_such_key()),
        }
    }

    /// Puts `value` at `key`, whatever was there; any time to live is gone. An empty collection just removes
    /// the key, and says so.
    pub fn replace(&mut self, key: &[u8], value: impl Into<Value>) {
        let value = value.into();
        if value.is_empty() {
            self.delete(key);
            return;
        }
        let kind = value.kind();
        let mut place = self.place(key);
        place.say_overwritten(key, kind);
        place.set(key, New::Object(value), None);
    }

    /// Removes `key`, says that it was deleted, and tells whether it was there.
    pub fn delete(&mut self, key: &[u8]) -> bool {
        let removed = self.remove(key);
        if removed {
            self.notify(Classes::GENERIC, "del", key);
        }
        removed
    }

    /// Removes `key` and tells whether it was there. Whoever calls this says why.
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

    /// Puts an entry under `key`, whatever was there: the type of that is returned.
    pub fn put(&mut self, key: &[u8], entry: Entry) -> Option<Type> {
        let mut place = self.place(key);
        let old = place.stripe.take(place.db, place.hash, key);
        let kind = old.as_ref().map(kind_of);
        if let Some(old) = old {
            place.stripe.bury(old);
        }
        place.add(entry.with_key(key));
        place.say_new(key);
        kind
    }

    /// Says that what was at `key` has given way to something else.
    pub fn say_overwritten(&mut self, key: &[u8], old: Type, new: Type) {
        self.notify(Classes::OVERWRITTEN, "overwritten", key);
        if old != new {
            self.notify(Classes::TYPE_CHANGED, "type_changed", key);
        }
    }

    /// The deadline of `key` in Unix milliseconds: `None` when there is no such key, `Some(None)` when it lives
    /// for ever. Neither a hit nor a miss.
    pub fn expire_at_ms(&mut self, key: &[u8]) -> Option<Option<u64>> {
        Some(self.peek(key)?.expire_at_ms())
    }

    /// The same as a hit or a miss.
    pub fn read_expire_at_ms(&mut self, key: &[u8]) -> Option<Option<u64>> {
        Some(self.read_untouched(key)?.expire_at_ms())
    }

    /// Sets or clears the deadline of `key`, says so, and tells whether it was there. A deadline in the past removes it.
    pub fn set_expire_at_ms(&mut self, key: &[u8], at_ms: Option<u64>) -> bool {
        if at_ms.is_some_and(|at| at <= self.now_ms) {
            return self.expire_now(key);
        }
        let changed = self.place(key).expire(key, at_ms);
        if changed {
            let event = if at_ms.is_some() { "expire" } else { "persist" };
            self.notify(Classes::GENERIC, event, key);
        }
        changed
    }

    /// Removes `key`, whose deadline was set to a time that has passed; says so, and tells whether it was there.
    pub(super) fn expire_now(&mut self, key: &[u8]) -> bool {
        let removed = self.remove(key);
        if removed {
            self.notify(Classes::EXPIRED, "expired", key);
        }
        removed
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
pub(super) const CLOCK_MASK: u32 = 0xFF_FFFF;

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

/// The collection in an entry. Another type: WRONGTYPE.
#[inline]
fn collection<T: Typed>(entry: &Entry) -> Result<&T> {
    match entry.payload() {
        Payload::Object(value) => T::of(value).ok_or_else(Error::wrong_type),
        Payload::Int(_) | Payload::Bytes(_) => Err(Error::wrong_type()),
    }
}

/// The type of an entry's value.
pub fn kind_of(entry: &Entry) -> Type {
    match entry.payload() {
        Payload::Int(_) | Payload::Bytes(_) => Type::String,
        Payload::Object(value) => value.kind(),
    }
}
