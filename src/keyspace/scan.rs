//! Walking over all keys: SCAN, KEYS, RANDOMKEY, DBSIZE.
//!
//! A cursor is a position in hash order: stripes are ranges of that order, and the tables inside them keep
//! it when they split, so a key that stays is seen exactly once.
use super::{
    Entry,
    stripe::{is_dead, rehash},
    view::View,
};

impl View<'_> {
    /// The number of keys in database `db`; those past their time count until they are reclaimed, as in Redis.
    pub fn len(&mut self, db: u32) -> usize {
        let mut len = 0;
        self.each_stripe(0, &mut |_, stripe| {
            len += stripe.slice(db).len();
            true
        });
        len
    }

    /// Visits the living entries of the view's database from `cursor` on, at least `count` of them when there
    /// are as many. Returns the next cursor; `None` when nothing is left.
    pub fn scan(&mut self, cursor: u64, count: usize, visit: &mut dyn FnMut(&Entry)) -> Option<u64> {
        let (db, now_ms, bits) = (self.db, self.now_ms, self.stripe_count().trailing_zeros());
        let start = |index: usize| if bits == 0 { 0 } else { (index as u64) << (64 - bits) };
        let first = cursor.checked_shr(64 - bits).unwrap_or(0) as usize;
        let (mut left, mut next) = (count.max(1), None);
        self.each_stripe(first, &mut |index, stripe| {
            let slice = stripe.slice(db);
            if slice.is_empty() {
                return true;
            }
            if left == 0 {
                next = Some(start(index));
                return false;
            }
            let mut seen = 0;
            let rest = slice.table.scan(cursor.max(start(index)), left, rehash, |entry| {
                seen += 1;
                if !is_dead(entry, now_ms) {
                    visit(entry);
                }
            });
            left = left.saturating_sub(seen);
            next = rest;
            rest.is_none()
        });
        next
    }

    /// Visits every living entry of the view's database.
    pub fn each_entry(&mut self, visit: &mut dyn FnMut(&Entry)) {
        let (db, now_ms) = (self.db, self.now_ms);
        self.each_stripe(0, &mut |_, stripe| {
            stripe.slice(db).table.iter().filter(|e| !is_dead(e, now_ms)).for_each(&mut *visit);
            true
        });
    }

    /// Returns a living key at random, each with about the same chance.
    pub fn random_key(&mut self) -> Option<Vec<u8>> {
        const TRIES: usize = 100;
        let (db, now_ms, mut rng) = (self.db, self.now_ms, self.rng());
        for _ in 0..TRIES {
            let total = self.len(db) as u64;
            if total == 0 {
                return None;
            }
            let (mut nth, mut found) = (rng.below(total), None);
            self.each_stripe(0, &mut |_, stripe| {
                let slice = stripe.slice(db);
                if nth >= slice.len() as u64 {
                    nth -= slice.len() as u64;
                    return true;
                }
                let entry = slice.table.random(|| rng.next());
                found = entry.filter(|e| !is_dead(e, now_ms)).map(|e| e.key().to_vec());
                false
            });
            if found.is_some() {
                return found;
            }
        }
        // Nearly all keys are past their time: take the first that is not.
        let mut found = None;
        self.each_entry(&mut |entry| {
            found.get_or_insert_with(|| entry.key().to_vec());
        });
        found
    }
}
