//! Who is told that what he has read is out of date: connections that cache (`CLIENT TRACKING`), watchers of prefixes.
//!
//! ```text
//!   stripes ──names of changed keys──▶ the end of a step, its stripes still locked
//!                                        │
//!           table of read keys ◀─────────┼──▶ prefixes, in the order of their texts
//!   key ─▶ ids of connections;           │      prefix ─▶ connections (BCAST), watchers
//!   told once, then forgotten            ▼
//!                                     mailboxes
//! ```
//!
//! A connection's key is put into the table before it is read, and the table is looked at while the key's stripe is locked by
//! who has changed it: whatever the order of the two, the reader has read the new value, or is told. Keys of one name in
//! different databases are one key here, as in Redis.
//!
//! As long as nobody tracks, stripes note no names and nothing of this runs. The flag that has them note is switched for all
//! stripes at once, by the first who comes and the last who goes.
//!
//! Complexity: a changed key costs O(1) and the connections that have read it; each prefix O(log keys of the step) and what it
//! matches. To remember a key is O(log of those who have read it). The table's shards and the prefixes are leaves
//! among locks, except that a mailbox is put into while they are held.
use super::{Core, deliver::Change, locking::Late, pubsub::Rings};
use crate::base::lock::{Mutex, RwLock};
use crate::{
    base::{
        bytes::Bytes,
        error::{Kind, Result},
        hash,
        rng::Rng,
    },
    cmd::{
        Gate, Need, Reach,
        conn::client,
        session::{
            card::Card,
            mailbox::{Letter, Mailbox, Name, Post, Put},
            tracking::Tracker,
        },
    },
};
use crossbeam_utils::CachePadded;
use hashbrown::HashTable;
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::*},
    },
};

/// Locks of the table: a power of two.
const SHARDS: usize = 64;
/// The most keys that are forgotten at once because the table is full.
const SURPLUS_AT_ONCE: usize = 256;

/// A key that connections have read.
struct Read {
    key: Bytes,
    /// In ascending order.
    ids: Vec<u64>,
}

/// Keys in a row, so that any of them can be picked; found by an index.
#[derive(Default)]
struct Shard {
    reads: Vec<Read>,
    index: HashTable<u32>,
}

impl Shard {
    fn at(&self, hash: u64, key: &[u8]) -> Option<usize> {
        self.index.find(hash, |at| self.reads[*at as usize].key == key).map(|at| *at as usize)
    }

    /// Adds `id` to the readers of `key`. How many keys and ids that is more.
    fn add(&mut self, hash: u64, key: &[u8], id: u64) -> (usize, usize) {
        if let Some(at) = self.at(hash, key) {
            let ids = &mut self.reads[at].ids;
            return match ids.binary_search(&id) {
                Ok(_) => (0, 0),
                Err(place) => {
                    ids.insert(place, id);
                    (0, 1)
                }
            };
        }
        let Self { reads, index } = self;
        index.insert_unique(hash, reads.len() as u32, |at| hash::bytes(&reads[*at as usize].key));
        reads.push(Read { key: Bytes::copy(key), ids: vec![id] });
        (1, 1)
    }

    /// Takes the key at a place out.
    fn take(&mut self, at: usize) -> Read {
        let hash_of = |read: &Read| hash::bytes(&read.key);
        if let Ok(found) = self.index.find_entry(hash_of(&self.reads[at]), |other| *other as usize == at) {
            found.remove();
        }
        let read = self.reads.swap_remove(at);
        // The last one has come here.
        if let Some(moved) = self.reads.get(at) {
            let from = self.reads.len();
            if let Some(place) = self.index.find_mut(hash_of(moved), |other| *other as usize == from) {
                *place = at as u32;
            }
        }
        read
    }
}

/// The keys that connections have read since they were last told of them.
struct Table {
    shards: Box<[CachePadded<Mutex<Shard>>]>,
    keys: AtomicUsize,
    ids: AtomicUsize,
}

impl Default for Table {
    fn default() -> Self {
        let shards = (0..SHARDS).map(|_| CachePadded::default()).collect();
        Self { shards, keys: AtomicUsize::new(0), ids: AtomicUsize::new(0) }
    }
}

impl Table {
    fn shard(&self, hash: u64) -> &Mutex<Shard> {
        // The index inside takes the low bits, and the highest seven.
        &self.shards[(hash >> 32) as usize % SHARDS]
    }

    fn add(&self, key: &[u8], id: u64) {
        let hash = hash::bytes(key);
        let mut shard = self.shard(hash).lock();
        let (keys, ids) = shard.add(hash, key, id);
        self.keys.fetch_add(keys, Relaxed);
        self.ids.fetch_add(ids, Relaxed);
    }

    fn left(&self, read: &Read) {
        self.keys.fetch_sub(1, Relaxed);
        self.ids.fetch_sub(read.ids.len(), Relaxed);
    }

    /// Forgets a key, and returns who has read it.
    fn take(&self, key: &[u8]) -> Option<Read> {
        let hash = hash::bytes(key);
        let mut shard = self.shard(hash).lock();
        let at = shard.at(hash, key)?;
        let read = shard.take(at);
        self.left(&read);
        Some(read)
    }

    /// Forgets any key.
    fn take_any(&self, rng: &mut Rng) -> Option<Read> {
        let first = rng.below(SHARDS as u64) as usize;
        for shard in self.shards.iter().cycle().skip(first).take(SHARDS) {
            let mut shard = shard.lock();
            if !shard.reads.is_empty() {
                let at = rng.below(shard.reads.len() as u64) as usize;
                let read = shard.take(at);
                self.left(&read);
                return Some(read);
            }
        }
        None
    }

    fn clear(&self) {
        for shard in &self.shards {
            let old = std::mem::take(&mut *shard.lock());
            old.reads.iter().for_each(|read| self.left(read));
        }
    }
}

/// Who is told of all keys of a prefix.
#[derive(Clone)]
enum Reader {
    Connection(Arc<Card>),
    Watcher(Arc<Mailbox>),
}

impl Reader {
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Connection(a), Self::Connection(b)) => Arc::ptr_eq(a, b),
            (Self::Watcher(a), Self::Watcher(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

struct Prefix {
    text: Name,
    readers: Vec<Reader>,
}

/// See the module.
#[derive(Default)]
pub struct Caches {
    /// Connections and watchers. While it is 0, stripes note nothing; it becomes 0, or 1, while all are locked.
    users: AtomicUsize,
    table: Table,
    /// In the order of their texts.
    prefixes: RwLock<Vec<Prefix>>,
    /// For the choice of what is forgotten.
    picks: AtomicU64,
}

impl Caches {
    fn add_prefix(&self, text: &[u8], reader: Reader) {
        let mut prefixes = self.prefixes.write();
        let at = prefixes.binary_search_by(|prefix| (*prefix.text).cmp(text)).unwrap_or_else(|at| {
            prefixes.insert(at, Prefix { text: text.into(), readers: Vec::new() });
            at
        });
        prefixes[at].readers.push(reader);
    }

    fn remove_prefix(&self, text: &[u8], reader: &Reader) {
        let mut prefixes = self.prefixes.write();
        let Ok(at) = prefixes.binary_search_by(|prefix| (*prefix.text).cmp(text)) else { return };
        let readers = &mut prefixes[at].readers;
        if let Some(own) = readers.iter().position(|other| other.is(reader)) {
            readers.swap_remove(own);
        }
        if readers.is_empty() {
            prefixes.remove(at);
        }
    }

    /// The numbers of keys and of readers in the table, and of prefixes.
    pub fn counts(&self) -> [usize; 3] {
        [self.table.keys.load(Relaxed), self.table.ids.load(Relaxed), self.prefixes.read().len()]
    }
}

/// One step's changes on their way.
struct Telling<'c> {
    core: &'c Core,
    post: Post<'c>,
    cuts: u64,
    rings: &'c mut Rings,
}

impl Telling<'_> {
    fn put(&mut self, mailbox: &Arc<Mailbox>, letter: Letter) {
        let put = mailbox.put(letter, &self.post);
        self.cuts += u64::from(put == Put::Cut);
        if matches!(put, Put::First | Put::Cut) {
            self.rings.add(mailbox);
        }
    }

    /// Tells a connection, or the one that it redirects to. `None`: of everything.
    fn tell(&mut self, card: &Arc<Card>, tracker: &Tracker, keys: Option<Arc<[Bytes]>>) {
        let redirected = tracker.redirect != 0;
        let other = if redirected { self.core.clients.card(tracker.redirect) } else { None };
        if redirected && other.is_none() {
            tracker.lose();
            if card.shown().protocol > 2 {
                self.put(&card.mailbox, Letter::Lost(tracker.redirect));
            }
            return;
        }
        let target = other.as_ref().unwrap_or(card);
        let shown = target.shown();
        // RESP2 has no pushes: only who reads messages anyway can be told, in the place of another connection.
        if shown.protocol > 2 || (redirected && shown.subscribed) {
            self.put(&target.mailbox, Letter::Stale { keys, redirected });
        }
    }

    /// Tells all who have read a key.
    fn tell_readers(&mut self, read: Read, who: u64) {
        let keys: Arc<[Bytes]> = [read.key].into();
        for id in read.ids {
            let Some(card) = self.core.clients.card(id) else { continue };
            let Some(tracker) = card.tracker() else { continue };
            // It may have changed its mind since it has read the key.
            if !(tracker.is_broadcast || tracker.skips_own && id == who) {
                self.tell(&card, &tracker, Some(Arc::clone(&keys)));
            }
        }
    }

    /// Tells all who have asked for keys of a prefix. `changes` are all of that prefix.
    fn tell_prefix(&mut self, prefix: &Prefix, changes: &[Change]) {
        let list = |of: &dyn Fn(&Change) -> bool| -> Arc<[Bytes]> {
            changes.iter().filter(|change| of(change)).filter_map(|change| change.key.clone()).collect()
        };
        let all = list(&|_| true);
        for reader in &prefix.readers {
            match reader {
                Reader::Connection(card) => {
                    let Some(tracker) = card.tracker() else { continue };
                    let own = tracker.skips_own && changes.iter().any(|change| change.who == card.id);
                    let keys = if own { list(&|change| change.who != card.id) } else { Arc::clone(&all) };
                    if !keys.is_empty() {
                        self.tell(card, &tracker, Some(keys));
                    }
                }
                Reader::Watcher(mailbox) => {
                    for key in &*all {
                        let keys = Some([key.clone()].into());
                        self.put(mailbox, Letter::Stale { keys, redirected: false });
                    }
                }
            }
        }
    }

    fn tell_all(&mut self) {
        let caches = &self.core.caches;
        caches.table.clear();
        for card in self.core.clients.cards() {
            if let Some(tracker) = card.tracker() {
                self.tell(&card, &tracker, None);
            }
        }
        for prefix in &*caches.prefixes.read() {
            for reader in &prefix.readers {
                if let Reader::Watcher(mailbox) = reader {
                    self.put(mailbox, Letter::Stale { keys: None, redirected: false });
                }
            }
        }
    }

    fn end(self) {
        if self.cuts > 0 {
            self.core.counters.output_limit_disconnections.fetch_add(self.cuts, Relaxed);
        }
    }
}

impl Core {
    fn telling<'c>(&'c self, rings: &'c mut Rings) -> Telling<'c> {
        let post = Post { limit: self.config.pubsub_limit(), clock: &self.clock };
        Telling { core: self, post, cuts: 0, rings }
    }

    /// Tells everybody who is concerned that keys have changed. Their stripes are still locked.
    #[cold]
    pub(super) fn invalidate(&self, mut changes: Vec<Change>, rings: &mut Rings) {
        let mut telling = self.telling(rings);
        if changes.iter().any(|change| change.key.is_none()) {
            // That says it all.
            telling.tell_all();
            return telling.end();
        }
        // What several have changed is first of all the change of somebody else.
        changes.sort_unstable_by(|a, b| (&a.key, a.who).cmp(&(&b.key, b.who)));
        changes.dedup_by(|later, first| later.key == first.key);
        if self.caches.table.keys.load(Relaxed) > 0 {
            for change in &changes {
                if let Some(read) = self.caches.table.take(change.name()) {
                    telling.tell_readers(read, change.who);
                }
            }
        }
        for prefix in &*self.caches.prefixes.read() {
            let text = &*prefix.text;
            let from = changes.partition_point(|change| change.name() < text);
            let count = changes[from..].partition_point(|change| change.name().starts_with(text));
            if count > 0 {
                telling.tell_prefix(prefix, &changes[from..from + count]);
            }
        }
        telling.end();
    }

    /// See [`crate::cmd::session::Server::remember`].
    pub(super) fn remember_read(&self, id: u64, key: &[u8]) {
        self.caches.table.add(key, id);
    }

    /// See [`crate::cmd::session::Server::forget_surplus`].
    pub(super) fn forget_surplus_reads(&self) {
        let (caches, most) = (&self.caches, self.config.tracked_keys_max());
        if most == 0 || caches.table.keys.load(Relaxed) <= most {
            return;
        }
        let mut rings = Rings::default();
        let mut telling = self.telling(&mut rings);
        let mut rng = Rng::new(caches.picks.fetch_add(0x9E37_79B9_7F4A_7C15, Relaxed));
        for _ in 0..SURPLUS_AT_ONCE {
            if caches.table.keys.load(Relaxed) <= most {
                break;
            }
            let Some(read) = caches.table.take_any(&mut rng) else { break };
            telling.tell_readers(read, 0);
        }
        telling.end();
        rings.ring();
    }

    /// One more who wants to be told. `gate` reaches all stripes.
    fn enter_caches(&self, gate: &dyn Gate) -> Result<()> {
        let users = &self.caches.users;
        let one_more = |users: usize| (users > 0).then_some(users + 1);
        if users.fetch_update(SeqCst, SeqCst, one_more).is_ok() {
            return Ok(());
        }
        pass_all(gate, &mut |stripe, is_first| {
            if is_first {
                users.fetch_add(1, SeqCst);
            }
            stripe.tally.interest.track(true);
        })
    }

    pub(super) fn leave_caches(&self, gate: &dyn Gate) {
        let users = &self.caches.users;
        let one_less = |users: usize| (users > 1).then_some(users - 1);
        if users.fetch_update(SeqCst, SeqCst, one_less).is_ok() {
            return;
        }
        if self.is_scripted() {
            return self.put_off(Late::Untrack);
        }
        let mut is_last = false;
        let passed = pass_all(gate, &mut |stripe, is_first| {
            if is_first {
                is_last = users.fetch_sub(1, SeqCst) == 1;
            }
            if is_last {
                stripe.tally.interest.track(false);
                // What nobody is told any more.
                drop(stripe.tally.interest.take_touched());
            }
        });
        if passed.as_ref().is_err_and(|error| error.kind() == Kind::Busy) {
            self.put_off(Late::Untrack);
        } else if passed.is_err() {
            // Keys that are fenced off: their stripes go on noting what nobody hears.
            users.fetch_sub(1, SeqCst);
        }
    }

    /// See [`crate::cmd::session::Server::begin_tracking`].
    pub(super) fn begin_caching(
        &self,
        gate: &dyn Gate,
        card: &Arc<Card>,
        tracker: &Arc<Tracker>,
        prefixes: &[&[u8]],
    ) -> Result<()> {
        if card.tracker().is_none() {
            self.enter_caches(gate)?;
        }
        card.show_tracker(Some(Arc::clone(tracker)));
        for prefix in prefixes {
            self.caches.add_prefix(prefix, Reader::Connection(Arc::clone(card)));
        }
        Ok(())
    }

    /// See [`crate::cmd::session::Server::end_tracking`].
    pub(crate) fn end_caching(&self, gate: &dyn Gate, card: &Arc<Card>, prefixes: &BTreeSet<Name>) {
        let reader = Reader::Connection(Arc::clone(card));
        prefixes.iter().for_each(|prefix| self.caches.remove_prefix(prefix, &reader));
        card.show_tracker(None);
        self.leave_caches(gate);
    }

    /// Has `mailbox` told of all keys that begin with `prefix`.
    pub(crate) fn begin_watch(&self, gate: &dyn Gate, prefix: &[u8], mailbox: &Arc<Mailbox>) -> Result<()> {
        self.enter_caches(gate)?;
        self.caches.add_prefix(prefix, Reader::Watcher(Arc::clone(mailbox)));
        Ok(())
    }

    /// Ends what [`Core::begin_watch`] began.
    pub(crate) fn end_prefix_watch(&self, gate: &dyn Gate, prefix: &[u8], mailbox: &Arc<Mailbox>) {
        self.caches.remove_prefix(prefix, &Reader::Watcher(Arc::clone(mailbox)));
        self.leave_caches(gate);
    }
}

/// Visits all stripes while they are locked together; `true` with the first of them.
fn pass_all(
    gate: &dyn Gate,
    visit: &mut dyn FnMut(&mut crate::keyspace::stripe::Stripe, bool),
) -> Result<()> {
    let need = Need { spec: client::tracking::ROW.spec, reach: Reach::All, keys: &[], other_db: None };
    gate.pass(need, &mut |view, _| {
        view.each_stripe(0, &mut |index, stripe| {
            visit(stripe, index == 0);
            true
        });
        Ok(())
    })
}

#[cfg(test)]
mod tests;
