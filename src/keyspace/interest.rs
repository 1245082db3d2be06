//! Who wants to know what happens to the keys of a stripe: transactions that watch them, callers that wait for
//! them, clients that cache them, listeners to their events. As long as nobody does, a change costs one test.
//!
//! ```text
//!   change of a key ──▶ flags == 0? ── yes ──▶ done
//!                          │ no
//!                          ├─ WATCHED  raise the flags of who watches it                      (watch.rs)
//!                          ├─ AWAITED  put it on the list of ready keys, if somebody waits     ─┐ taken by the
//!                          ├─ TRACKED  note its name: caches of it are out of date              ├ gate at the end
//!                          └─ NOTIFIED note the keys that the stripe itself gives back: expired ─┘ of its step
//! ```
use super::{
    notes::{Classes, Note},
    watch::Watchers,
};
use crate::base::bytes::Bytes;
use hashbrown::HashTable;

const WATCHED: u8 = 1;
const AWAITED: u8 = 2;
const TRACKED: u8 = 4;
const NOTIFIED: u8 = 8;

/// A key somebody waits for, known by its hash: two keys of one hash cost a look in vain.
struct Awaited {
    db: u8,
    hash: u64,
    callers: usize,
}

/// What caches are to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touched {
    /// This key was changed, or removed, by the step's command.
    Key(Bytes),
    /// This key is past its time: nobody's doing.
    Expired(Bytes),
    /// Any key may have.
    All,
}

/// What became of interest in a stripe during a step.
#[derive(Debug, Default)]
pub struct Noted {
    /// Keys that somebody waits for and that have changed: database and hash, in the order of the changes.
    pub ready: Vec<(u8, u64)>,
    pub touched: Vec<Touched>,
    pub events: Vec<Note>,
}

impl Noted {
    /// Tells whether nothing was noted.
    pub fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.touched.is_empty() && self.events.is_empty()
    }
}

/// See the module.
#[derive(Default)]
pub struct Interest {
    flags: u8,
    watchers: Watchers,
    awaited: HashTable<Awaited>,
    classes: Classes,
    noted: Noted,
}

impl Interest {
    /// The keys that transactions watch. What is changed here is followed by [`Interest::watchers_changed`].
    pub fn watchers(&mut self) -> &mut Watchers {
        &mut self.watchers
    }

    fn set(&mut self, flag: u8, on: bool) {
        self.flags = if on { self.flags | flag } else { self.flags & !flag };
    }

    /// Takes note of who watches now.
    pub fn watchers_changed(&mut self) {
        self.set(WATCHED, !self.watchers.is_empty());
    }

    /// One more caller waits for the key of `hash` in database `db`.
    pub fn wait(&mut self, db: u8, hash: u64) {
        let entry = self.awaited.entry(hash, |a| a.hash == hash && a.db == db, |a| a.hash);
        entry.or_insert_with(|| Awaited { db, hash, callers: 0 }).into_mut().callers += 1;
        self.set(AWAITED, true);
    }

    /// Ends what [`Interest::wait`] began.
    pub fn end_wait(&mut self, db: u8, hash: u64) {
        let Ok(mut entry) = self.awaited.find_entry(hash, |a| a.hash == hash && a.db == db) else { return };
        entry.get_mut().callers -= 1;
        if entry.get().callers == 0 {
            entry.remove();
        }
        self.set(AWAITED, !self.awaited.is_empty());
    }

    /// Tells whether somebody waits for a key of this hash, in any database.
    #[inline]
    pub fn is_awaited(&self, hash: u64) -> bool {
        self.flags & AWAITED != 0 && self.awaited.find(hash, |a| a.hash == hash).is_some()
    }

    /// Notes the names of changed keys from now on, or not any more.
    pub fn track(&mut self, on: bool) {
        self.set(TRACKED, on);
    }

    /// The events that are of interest.
    #[inline]
    pub fn classes(&self) -> Classes {
        self.classes
    }

    /// Says which events are of interest from now on.
    pub fn listen(&mut self, classes: Classes) {
        self.classes = classes;
        self.set(NOTIFIED, !classes.is_empty());
    }

    /// Says that the key of `hash` in database `db` has changed.
    #[inline]
    pub fn changed(&mut self, db: u8, hash: u64, key: &[u8]) {
        if self.flags != 0 {
            self.touch(key);
            self.tell(db, hash);
        }
    }

    /// The same, when the key's name was noted by [`Interest::open`].
    #[inline]
    pub fn changed_open(&mut self, db: u8, hash: u64) {
        if self.flags != 0 {
            self.tell(db, hash);
        }
    }

    /// Notes the name of a key that is about to be changed. Whoever leaves it unchanged says [`Interest::unopen`].
    #[inline]
    pub fn open(&mut self, key: &[u8]) {
        if self.flags & TRACKED != 0 {
            self.touch(key);
        }
    }

    /// Takes the latest [`Interest::open`] back.
    #[inline]
    pub fn unopen(&mut self) {
        if self.flags & TRACKED != 0 {
            self.noted.touched.pop();
        }
    }

    #[cold]
    fn touch(&mut self, key: &[u8]) {
        if self.flags & TRACKED != 0 {
            self.noted.touched.push(Touched::Key(Bytes::copy(key)));
        }
    }

    #[cold]
    fn tell(&mut self, db: u8, hash: u64) {
        self.watchers.changed(db, hash);
        self.make_ready(db, hash);
    }

    fn make_ready(&mut self, db: u8, hash: u64) {
        let waited = self.awaited.find(hash, |a| a.hash == hash && a.db == db).is_some();
        if waited && !self.noted.ready.contains(&(db, hash)) {
            self.noted.ready.push((db, hash));
        }
    }

    /// Says that a key was taken out because it is past its time. No watcher is told: it finds out by itself that a key
    /// it saw has expired, and one it never saw alive is no change. Whoever takes it out says the event.
    #[inline]
    pub fn expired(&mut self, db: u8, hash: u64, key: &[u8]) {
        if self.flags & !WATCHED != 0 {
            self.tell_expired(db, hash, key);
        }
    }

    #[cold]
    fn tell_expired(&mut self, db: u8, hash: u64, key: &[u8]) {
        if self.flags & TRACKED != 0 {
            self.noted.touched.push(Touched::Expired(Bytes::copy(key)));
        }
        self.make_ready(db, hash);
    }

    /// Notes an event of the stripe's own making, if somebody listens to its class.
    #[inline]
    pub fn event(&mut self, class: Classes, name: &'static str, db: u8, key: &[u8]) {
        if self.classes.has(class) {
            self.noted.events.push(Note::Event { name, db: db.into(), key: Bytes::copy(key) });
        }
    }

    /// Says that every key of database `db` has gone, or is another one: the watched ones that `existed` says so of,
    /// and those somebody waits for, have changed.
    pub fn replaced(&mut self, db: u8, existed: impl Fn(u64) -> bool) {
        if self.flags == 0 {
            return;
        }
        for hash in self.watchers.of_db(db) {
            if existed(hash) {
                self.watchers.changed(db, hash);
            }
        }
        let waited: Vec<u64> = self.awaited.iter().filter(|a| a.db == db).map(|a| a.hash).collect();
        waited.into_iter().for_each(|hash| self.make_ready(db, hash));
        if self.flags & TRACKED != 0 {
            self.noted.touched.push(Touched::All);
        }
    }

    /// Tells whether something was noted.
    #[inline]
    pub fn has_noted(&self) -> bool {
        self.flags != 0 && !self.noted.is_empty()
    }

    /// Takes the names of changed keys that were noted.
    pub fn take_touched(&mut self) -> Vec<Touched> {
        std::mem::take(&mut self.noted.touched)
    }

    /// Takes what was noted.
    pub fn take(&mut self) -> Noted {
        std::mem::take(&mut self.noted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_noted_for_nobody() {
        let mut interest = Interest::default();
        interest.changed(0, 1, b"k");
        interest.open(b"k");
        interest.expired(0, 1, b"k");
        interest.replaced(0, |_| true);
        assert!(!interest.has_noted() && interest.take().is_empty());
    }

    #[test]
    fn a_key_that_somebody_waits_for_becomes_ready_once() {
        let mut interest = Interest::default();
        interest.wait(0, 7);
        interest.wait(0, 7);
        interest.changed(0, 8, b"other");
        interest.changed(1, 7, b"k");
        assert!(!interest.has_noted());
        interest.changed(0, 7, b"k");
        interest.changed(0, 7, b"k");
        assert_eq!(interest.take().ready, [(0, 7)]);
        interest.end_wait(0, 7);
        assert!(interest.is_awaited(7));
        interest.end_wait(0, 7);
        assert!(!interest.is_awaited(7));
    }

    #[test]
    fn names_are_noted_for_caches_unless_nothing_changed() {
        let mut interest = Interest::default();
        interest.track(true);
        interest.open(b"a");
        interest.changed_open(0, 1);
        interest.open(b"b");
        interest.unopen();
        interest.expired(0, 3, b"c");
        interest.replaced(0, |_| false);
        let key = |key: &[u8]| Touched::Key(Bytes::copy(key));
        let expired = Touched::Expired(Bytes::copy(b"c"));
        assert_eq!(interest.take().touched, [key(b"a"), expired, Touched::All]);
    }

    #[test]
    fn events_of_other_classes_are_not_noted() {
        let mut interest = Interest::default();
        interest.listen(Classes::EXPIRED);
        interest.event(Classes::NEW, "new", 0, b"k");
        assert!(!interest.has_noted());
        interest.event(Classes::EXPIRED, "expired", 2, b"k");
        let want = Note::Event { name: "expired", db: 2, key: Bytes::copy(b"k") };
        assert_eq!(interest.take().events, [want]);
    }
}
