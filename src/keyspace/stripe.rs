//! One lock's worth of the keyspace: plain single-threaded code.
//!
//! ```text
//!   Stripe
//!    ├─ slices[16] ─ one per database: table of entries │ wheel of deadlines │ bytes in use
//!    └─ tally      ─ limits, interest, counters, emptied keys, dead values, an image that waits to be fetched
//! ```
//!
//! # Invariants
//! - `Slice::entry_bytes` is the sum of `Entry::mem_bytes` and of the objects' `mem_bytes` of all entries in the table.
//! - An entry with a stamp has exactly one live item in the wheel: the one filed at `Entry::filed`.
//! - Between two commands no collection in a table is empty.
use super::{Entry, image::Image, interest::Interest};
use crate::{
    base::{
        atom::Record,
        events::Classes,
        hash,
        limits::{DATABASES, Encodings},
    },
    ds::{entry::Payload, table::Table, wheel::Wheel},
    value::{Type, Value},
};

/// The keys of one database in one stripe.
pub struct Slice {
    pub(super) table: Table<Entry>,
    pub(super) wheel: Option<Box<Wheel>>,
    pub(super) entry_bytes: usize,
    pub(super) expires: usize,
}

/// What a stripe keeps beside its keys.
pub struct Tally {
    pub limits: Encodings,
    pub interest: Interest,
    pub(super) emptied: Vec<(u8, u64)>,
    pub(super) dead: Vec<Dead>,
    /// Clock reading of the latest command: time never runs backwards for a stripe by small steps.
    pub seen_ms: u64,
    pub hits: u64,
    pub misses: u64,
    pub expired: u64,
    pub commands: u64,
    seed: u64,
    /// What the latest record was written to.
    buffer: Vec<u8>,
    /// Clock reading at which a key past its time was last taken out. A step with an earlier reading must not take its
    /// absence for granted: who runs the log again still finds it there.
    pub removed_ms: u64,
    /// A write panicked while it held this stripe: its keys may be half changed.
    pub fenced: bool,
    /// Whoever locks the stripe next takes an image of it before anything else.
    pub(super) image_due: bool,
    /// An image that was taken and waits to be fetched.
    pub(super) image: Option<Image>,
}

/// What was removed and is freed after the lock has gone.
pub enum Dead {
    Value(Value),
    Slice(Box<Slice>),
}

impl Dead {
    /// Frees a bounded part. False: nothing is left.
    pub fn free_step(&mut self) -> bool {
        match self {
            Self::Value(value) => value.free_step(),
            Self::Slice(slice) => slice.table.pop_segment(),
        }
    }
}

/// See [`Dead`]; a stripe has [`DATABASES`] slices.
pub struct Stripe {
    pub(super) slices: [Slice; DATABASES],
    pub tally: Tally,
    /// Bit `n` is set when database `n` has a wheel.
    pub(super) wheels: u32,
    bits: u8,
}

/// The bytes of an entry and of its object.
pub(super) fn weight(entry: &Entry) -> usize {
    let object = match entry.payload() {
        Payload::Object(value) => value.mem_bytes(),
        Payload::Int(_) | Payload::Bytes(_) => 0,
    };
    entry.mem_bytes() + object
}

/// Tells whether `entry` is past its time.
#[inline]
pub(super) fn is_dead(entry: &Entry, now_ms: u64) -> bool {
    entry.expire_at_ms().is_some_and(|at| at <= now_ms)
}

pub(super) fn rehash(entry: &Entry) -> u64 {
    hash::bytes(entry.key())
}

impl Tally {
    /// Takes over the settings that every stripe keeps itself. Collections that are there stay as they are until they
    /// are next written to.
    pub fn configure(&mut self, (limits, classes): (Encodings, Classes)) {
        self.limits = limits;
        self.interest.listen(classes.said());
    }

    /// The buffer of the latest record, for the next one: a record is short, and allocates nothing.
    #[inline]
    pub fn take_buffer(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.buffer)
    }

    /// Keeps the buffer of `record`, unless it was a big one.
    #[inline]
    pub fn give_buffer(&mut self, record: Record) {
        const KEPT_BYTES_MAX: usize = 4096;
        let buffer = record.into_buffer();
        if buffer.capacity() <= KEPT_BYTES_MAX {
            self.buffer = buffer;
        }
    }
}

impl Slice {
    fn new(bits: u8) -> Self {
        Self {
            table: Table::with_skip(bits).bringing(Entry::prefetch_key),
            wheel: None,
            entry_bytes: 0,
            expires: 0,
        }
    }

    /// The number of keys, those past their time included until they are reclaimed.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Tells whether no key is here.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The number of keys with a time to live.
    pub fn expires(&self) -> usize {
        self.expires
    }

    /// All bytes of the slice: entries, values, table, wheel.
    pub fn mem_bytes(&self) -> usize {
        self.entry_bytes + self.table.mem_bytes() + self.wheel.as_ref().map_or(0, |w| w.mem_bytes())
    }

    /// Returns the entry of `key`, dead or alive.
    #[inline]
    pub(super) fn find(&self, hash: u64, key: &[u8]) -> Option<&Entry> {
        self.table.find(hash, |e| e.is(key))
    }

    /// Tells whether a living key has this hash.
    fn has_living_hash(&self, hash: u64, now_ms: u64) -> bool {
        self.table.find(hash, |e| rehash(e) == hash).is_some_and(|e| !is_dead(e, now_ms))
    }

    /// Takes the entry of `key` out.
    pub(super) fn take(&mut self, hash: u64, key: &[u8]) -> Option<Entry> {
        let entry = self.table.remove(hash, |e| e.is(key), rehash)?;
        self.left(&entry);
        Some(entry)
    }

    /// Bookkeeping for an entry that is no longer in the table. Its item in the wheel goes stale.
    fn left(&mut self, entry: &Entry) {
        self.entry_bytes -= weight(entry);
        self.expires -= usize::from(entry.expire_at_ms().is_some());
    }

    /// Adds an entry whose key is absent.
    #[inline]
    pub(super) fn add(&mut self, hash: u64, mut entry: Entry, now_ms: u64) {
        self.entry_bytes += weight(&entry);
        if entry.expire_at_ms().is_some() {
            self.expires += 1;
            entry.set_filed(0);
            Self::file(&mut self.wheel, hash, &mut entry, now_ms);
        }
        self.table.insert(hash, entry, rehash);
    }

    /// Gives the entry its one live item in the wheel. One that fires too early is filed again then, so only a
    /// deadline that moves ahead costs anything.
    pub(super) fn file(wheel: &mut Option<Box<Wheel>>, hash: u64, entry: &mut Entry, now_ms: u64) {
        let Some(at_ms) = entry.expire_at_ms() else { return };
        let wheel = wheel.get_or_insert_with(|| Box::new(Wheel::new(now_ms)));
        let tick = wheel.keep(entry.filed(), at_ms, hash);
        entry.set_filed(tick);
    }
}

impl Stripe {
    /// Makes an empty stripe; `bits` is how many leading bits of a hash chose it.
    pub fn new(bits: u8, limits: Encodings, seed: u64) -> Self {
        let slices = std::array::from_fn(|_| Slice::new(bits));
        let tally = Tally {
            limits,
            interest: Interest::default(),
            emptied: Vec::new(),
            dead: Vec::new(),
            seen_ms: 0,
            hits: 0,
            misses: 0,
            expired: 0,
            commands: 0,
            seed,
            buffer: Vec::new(),
            removed_ms: 0,
            fenced: false,
            image_due: false,
            image: None,
        };
        Self { slices, tally, wheels: 0, bits }
    }

    /// The keys of database `db`, which is below [`DATABASES`].
    #[inline]
    pub fn slice(&self, db: u32) -> &Slice {
        &self.slices[db as usize]
    }

    #[inline]
    pub(super) fn slice_mut(&mut self, db: u32) -> &mut Slice {
        &mut self.slices[db as usize]
    }

    /// Guards a clock reading against small steps backwards, as network time makes them.
    #[inline]
    pub fn clock(&mut self, now_ms: u64) -> u64 {
        const SMALL_STEP_MS: u64 = 2_000;
        let seen_ms = self.tally.seen_ms;
        if now_ms < seen_ms && seen_ms - now_ms <= SMALL_STEP_MS {
            return seen_ms;
        }
        self.tally.seen_ms = now_ms;
        now_ms
    }

    /// Counts a command and returns its seed.
    #[inline]
    pub fn begin(&mut self) -> u64 {
        self.tally.commands += 1;
        self.tally.seed = self.tally.seed.wrapping_add(1);
        self.tally.seed
    }

    /// Tells whether some key here has a time to live.
    #[inline]
    pub fn has_deadlines(&self) -> bool {
        self.wheels != 0
    }

    /// Tells whether `key` exists and is not past its time.
    pub fn has_living(&self, db: u32, hash: u64, key: &[u8], now_ms: u64) -> bool {
        self.slice(db).find(hash, key).is_some_and(|e| !is_dead(e, now_ms))
    }

    /// The type of the value at `key`, unless it is past its time.
    pub fn kind_of_living(&self, db: u32, hash: u64, key: &[u8], now_ms: u64) -> Option<Type> {
        self.slice(db).find(hash, key).filter(|e| !is_dead(e, now_ms)).map(super::view::kind_of)
    }

    /// Clones the entry of `key`: its big blocks are shared, not copied.
    pub fn clone_living(&self, db: u32, hash: u64, key: &[u8], now_ms: u64) -> Option<Entry> {
        self.slice(db).find(hash, key).filter(|e| !is_dead(e, now_ms)).cloned()
    }

    /// Adds an entry whose key is absent, without telling anybody.
    pub fn install(&mut self, db: u32, hash: u64, entry: Entry, now_ms: u64) {
        self.slice_mut(db).add(hash, entry, now_ms);
        self.wheels |= u32::from(self.slice(db).wheel.is_some()) << db;
    }

    /// Takes the entry of `key` out, without telling anybody.
    pub fn uninstall(&mut self, db: u32, hash: u64, key: &[u8]) -> Option<Entry> {
        self.slice_mut(db).take(hash, key)
    }

    /// Puts another entry, or none, in the place of `key`.
    pub fn exchange(&mut self, db: u32, hash: u64, key: &[u8], entry: Option<Entry>, now_ms: u64) {
        if let Some(old) = self.uninstall(db, hash, key) {
            if is_dead(&old, now_ms) {
                self.tally.expired += 1;
                self.tally.removed_ms = self.tally.removed_ms.max(now_ms);
                self.tally.interest.event(Classes::EXPIRED, "expired", db as u8, key);
            }
            self.bury(old);
        }
        if let Some(entry) = entry {
            self.install(db, hash, entry, now_ms);
        }
        self.tally.interest.changed(db as u8, hash, key);
    }

    /// Takes the entry of `key` out, and counts that as a change. Its value, when it is an object, is returned
    /// with it.
    pub(super) fn take(&mut self, db: u32, hash: u64, key: &[u8]) -> Option<Entry> {
        let entry = self.slice_mut(db).take(hash, key)?;
        self.tally.interest.changed(db as u8, hash, key);
        Some(entry)
    }

    /// Removes an entry; a big value is freed after the lock has gone. One that was emptied holds nothing any more.
    pub(super) fn bury(&mut self, entry: Entry) {
        if let Some(value) = entry.into_object()
            && value.mem_bytes() > 0
        {
            self.tally.dead.push(Dead::Value(value));
        }
    }

    /// Removes the collections that commands have left empty.
    #[inline]
    pub fn settle(&mut self) {
        if !self.tally.emptied.is_empty() {
            self.remove_emptied();
        }
    }

    fn remove_emptied(&mut self) {
        while let Some((db, hash)) = self.tally.emptied.pop() {
            let slice = &mut self.slices[usize::from(db)];
            let gone = |e: &Entry| matches!(e.payload(), Payload::Object(value) if value.is_empty());
            if let Some(entry) = slice.table.remove(hash, gone, rehash) {
                slice.left(&entry);
                self.bury(entry);
            }
        }
    }

    /// Takes what is to be freed outside the lock.
    pub fn take_dead(&mut self) -> Vec<Dead> {
        std::mem::take(&mut self.tally.dead)
    }

    /// Tells whether something is to be freed outside the lock.
    #[inline]
    pub fn has_dead(&self) -> bool {
        !self.tally.dead.is_empty()
    }

    /// Gives back up to `budget` keys that are past their time. False: none is left for now.
    pub fn reclaim(&mut self, now_ms: u64, mut budget: usize) -> bool {
        let mut wheels = self.wheels;
        while wheels != 0 {
            let db = wheels.trailing_zeros();
            wheels &= wheels - 1;
            let slice = &mut self.slices[db as usize];
            while let Some(wheel) = &mut slice.wheel {
                match wheel.pop_due(now_ms) {
                    Some((tick, hash)) => Self::fire(slice, &mut self.tally, db as u8, tick, hash, now_ms),
                    // The wheel has spent its share of work on moving items closer.
                    None if wheel.is_behind(now_ms) => return true,
                    None => break,
                }
                budget -= 1;
                if budget == 0 {
                    return true;
                }
            }
        }
        false
    }

    fn fire(slice: &mut Slice, tally: &mut Tally, db: u8, tick: u32, hash: u64, now_ms: u64) {
        // The table narrows a hash down to a tag: whose item this is, the whole hash says.
        let live = |e: &Entry| e.filed() == Some(tick) && rehash(e) == hash;
        let Some(entry) = slice.table.find_mut(hash, live) else { return };
        if !is_dead(entry, now_ms) {
            entry.set_filed(0);
            Slice::file(&mut slice.wheel, hash, entry, now_ms);
            return;
        }
        if let Some(entry) = slice.table.remove(hash, live, rehash) {
            slice.left(&entry);
            tally.expired += 1;
            tally.interest.expired(db, hash, entry.key());
            tally.interest.event(Classes::EXPIRED, "expired", db, entry.key());
            tally.removed_ms = tally.removed_ms.max(now_ms);
            if let Some(value) = entry.into_object() {
                tally.dead.push(Dead::Value(value));
            }
        }
    }

    /// When [`Stripe::reclaim`] will next find something, at the earliest.
    pub fn next_due_ms(&self) -> Option<u64> {
        self.slices.iter().filter_map(|s| s.wheel.as_ref()?.next_due_ms()).min()
    }

    /// Empties database `db`; the keys are freed after the lock has gone.
    pub(super) fn flush(&mut self, db: u32, now_ms: u64) -> usize {
        let slice = &self.slices[db as usize];
        self.tally.interest.replaced(db as u8, |hash| slice.has_living_hash(hash, now_ms));
        let fresh = Slice::new(self.bits);
        let old = std::mem::replace(&mut self.slices[db as usize], fresh);
        let len = old.len();
        self.wheels &= !(1 << db);
        if len > 0 {
            self.tally.dead.push(Dead::Slice(Box::new(old)));
        }
        len
    }

    /// Exchanges two databases. Keys that somebody watches, and that exist in either, have changed.
    pub(super) fn swap(&mut self, a: u32, b: u32, now_ms: u64) {
        for db in [a, b] {
            let there = |n: u32, hash| self.slices[n as usize].has_living_hash(hash, now_ms);
            self.tally.interest.replaced(db as u8, |hash| there(a, hash) || there(b, hash));
        }
        self.slices.swap(a as usize, b as usize);
        let (bit_a, bit_b) = (self.wheels >> a & 1, self.wheels >> b & 1);
        self.wheels = self.wheels & !(1 << a) & !(1 << b) | bit_a << b | bit_b << a;
    }
}
