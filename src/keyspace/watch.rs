//! WATCH: who wants to know whether a key changes. Empty, and then free, as long as nobody does.
//!
//! A watched key is known by its hash alone: two keys of one 64-bit keyed hash would make a transaction
//! retry once too often, which is harmless, and cannot be arranged from outside.
use hashbrown::HashTable;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Raised when something a transaction depends on has changed.
#[derive(Debug, Clone, Default)]
pub struct Flag(Arc<AtomicBool>);

impl Flag {
    /// Tells whether something changed.
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Says that something changed.
    pub fn raise(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

struct Watched {
    db: u8,
    hash: u64,
    flags: Vec<Flag>,
}

/// The watched keys of one stripe.
#[derive(Default)]
pub struct Watchers {
    keys: HashTable<Watched>,
}

impl Watchers {
    /// Tells whether nobody watches anything here.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Raises `flag` when the key of `hash` changes in database `db`.
    pub fn add(&mut self, db: u8, hash: u64, flag: &Flag) {
        let entry = self.keys.entry(hash, |w| w.hash == hash && w.db == db, |w| w.hash);
        entry.or_insert_with(|| Watched { db, hash, flags: Vec::new() }).into_mut().flags.push(flag.clone());
    }

    /// Ends what [`Watchers::add`] began.
    pub fn remove(&mut self, db: u8, hash: u64, flag: &Flag) {
        let Ok(mut entry) = self.keys.find_entry(hash, |w| w.hash == hash && w.db == db) else { return };
        entry.get_mut().flags.retain(|f| !f.is(flag));
        if entry.get().flags.is_empty() {
            entry.remove();
        }
    }

    /// Says that the key of `hash` changed in database `db`.
    #[inline]
    pub fn changed(&self, db: u8, hash: u64) {
        if !self.is_empty() {
            self.raise(db, hash);
        }
    }

    #[cold]
    fn raise(&self, db: u8, hash: u64) {
        if let Some(watched) = self.keys.find(hash, |w| w.hash == hash && w.db == db) {
            watched.flags.iter().for_each(Flag::raise);
        }
    }

    /// The watched hashes of database `db`: a flush or a swap changes those that exist.
    pub fn of_db(&self, db: u8) -> Vec<u64> {
        self.keys.iter().filter(|w| w.db == db).map(|w| w.hash).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_raised_by_its_key_only_and_leaves_nothing_behind() {
        let (mut watchers, flag, other) = (Watchers::default(), Flag::default(), Flag::default());
        watchers.add(0, 7, &flag);
        watchers.add(1, 7, &other);
        watchers.changed(0, 8);
        assert!(!flag.is_raised());
        watchers.changed(0, 7);
        assert!(flag.is_raised() && !other.is_raised());
        watchers.remove(0, 7, &flag);
        watchers.remove(1, 7, &other);
        assert!(watchers.is_empty());
    }
}
