//! Who has subscribed to what, and how a message finds them.
//!
//! ```text
//!   channels:  hash(name) ─▶ one of 64 locks ─▶ name ─▶ mailboxes
//!   shard channels: the same once more, names of their own
//!   patterns:  one list in the order of their texts, each with its mailboxes
//! ```
//!
//! A message is put into all mailboxes while the lock of its channel's shard is held, so that all who get it see the
//! messages of a channel in one order; publishers on channels of different shards do not meet. Patterns are tried one after
//! the other, under a lock that publishers share; when there is none, they cost a load.
//!
//! Complexity: to publish O(subscribers + patterns × length); to subscribe O(1) for a channel, O(patterns) for a pattern; to
//! unsubscribe O(subscribers of the same). Locks are taken in the order *topics of a reader, shard, patterns, inbox*; all are leaves
//! for everybody else: commands may publish and subscribe while they hold stripes. Readers are rung afterwards ([`Rings`]).
use super::Core;
use crate::base::lock::{Mutex, RwLock};
use crate::{
    base::{bytes::Bytes, glob, hash},
    cmd::session::mailbox::{Letter, Mailbox, Message, Name, Post, Put, Topic},
};
use crossbeam_utils::CachePadded;
use hashbrown::HashTable;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

/// Locks of channels: a power of two.
const SHARDS: usize = 64;

/// Tells whether a channel's name matches. As in Redis, only the empty pattern matches the empty name.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    if name.is_empty() { pattern.is_empty() } else { glob::matches(pattern, name) }
}

struct Entry {
    name: Name,
    readers: Vec<Arc<Mailbox>>,
}

impl Entry {
    /// The readers that were not cut: those will leave by themselves.
    fn living(&self) -> usize {
        self.readers.iter().filter(|reader| !reader.is_cut()).count()
    }

    /// Forgets a reader. True: it was the last one.
    fn forget(&mut self, reader: &Arc<Mailbox>) -> bool {
        if let Some(at) = self.readers.iter().position(|other| Arc::ptr_eq(other, reader)) {
            self.readers.swap_remove(at);
        }
        self.readers.is_empty()
    }
}

type Shard = Mutex<HashTable<Entry>>;

/// Channels by name.
struct Channels(Box<[CachePadded<Shard>]>);

impl Default for Channels {
    fn default() -> Self {
        Self((0..SHARDS).map(|_| CachePadded::default()).collect())
    }
}

impl Channels {
    fn shard(&self, hash: u64) -> &Shard {
        // The table inside takes the low bits, and the highest seven.
        &self.0[(hash >> 32) as usize % SHARDS]
    }

    fn add(&self, reader: &Arc<Mailbox>, name: &[u8]) -> Name {
        let hash = hash::bytes(name);
        let mut shard = self.shard(hash).lock();
        let entry = shard.entry(hash, |entry| *entry.name == *name, |entry| hash::bytes(&entry.name));
        let mut entry = entry.or_insert_with(|| Entry { name: name.into(), readers: Vec::new() });
        entry.get_mut().readers.push(Arc::clone(reader));
        Arc::clone(&entry.get().name)
    }

    fn remove(&self, reader: &Arc<Mailbox>, name: &[u8]) {
        let hash = hash::bytes(name);
        let mut shard = self.shard(hash).lock();
        if let Ok(mut found) = shard.find_entry(hash, |entry| *entry.name == *name)
            && found.get_mut().forget(reader)
        {
            found.remove();
        }
    }

    /// Calls `each` for every channel, shard by shard.
    fn each(&self, mut each: impl FnMut(&Entry)) {
        self.0.iter().for_each(|shard| shard.lock().iter().for_each(&mut each));
    }

    fn len(&self) -> usize {
        self.0.iter().map(|shard| shard.lock().len()).sum()
    }

    fn readers(&self, name: &[u8]) -> usize {
        let hash = hash::bytes(name);
        let shard = self.shard(hash).lock();
        shard.find(hash, |entry| *entry.name == *name).map_or(0, Entry::living)
    }
}

/// The registry of subscriptions. See the module.
#[derive(Default)]
pub struct Registry {
    channels: Channels,
    shard_channels: Channels,
    /// In the order of their texts.
    patterns: RwLock<Vec<Entry>>,
    /// Their number, for publishers that want to know whether there are any.
    pattern_count: AtomicUsize,
}

/// Readers that have to be told that there is something, when no lock is held any more.
#[derive(Default)]
#[must_use = "readers that are not rung sleep on"]
pub struct Rings(Vec<Arc<Mailbox>>);

impl Rings {
    /// Tells them.
    #[inline]
    pub fn ring(self) {
        self.0.iter().for_each(|reader| reader.ring());
    }

    /// Adds one.
    pub fn add(&mut self, reader: &Arc<Mailbox>) {
        self.0.push(Arc::clone(reader));
    }

    /// Tells whether there is nobody to tell.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// One message on its way.
struct Delivery<'a> {
    channel: &'a [u8],
    body: &'a [u8],
    /// Made for the first who gets it.
    message: Option<Arc<Message>>,
    post: Post<'a>,
    receivers: usize,
    cuts: u64,
    rings: &'a mut Rings,
}

impl Delivery<'_> {
    fn to(&mut self, readers: &[Arc<Mailbox>], letter: impl Fn(Arc<Message>) -> Letter) {
        for reader in readers {
            let message = self.message.get_or_insert_with(|| {
                Arc::new(Message { channel: Bytes::copy(self.channel), body: Bytes::copy(self.body) })
            });
            let put = reader.put(letter(Arc::clone(message)), &self.post);
            self.receivers += usize::from(put != Put::Gone);
            self.cuts += u64::from(put == Put::Cut);
            if matches!(put, Put::First | Put::Cut) {
                self.rings.0.push(Arc::clone(reader));
            }
        }
    }
}

impl Registry {
    fn of(&self, topic: Topic) -> Option<&Channels> {
        match topic {
            Topic::Channel => Some(&self.channels),
            Topic::Shard => Some(&self.shard_channels),
            Topic::Pattern => None,
        }
    }

    /// Subscribes a reader. False: it was already.
    pub fn subscribe(&self, topic: Topic, reader: &Arc<Mailbox>, name: &[u8]) -> bool {
        let mut topics = reader.topics.lock();
        let names = &mut topics[topic as usize];
        if names.contains(name) {
            return false;
        }
        names.insert(match self.of(topic) {
            Some(channels) => channels.add(reader, name),
            None => self.add_pattern(reader, name),
        });
        true
    }

    fn add_pattern(&self, reader: &Arc<Mailbox>, name: &[u8]) -> Name {
        let mut patterns = self.patterns.write();
        let at = patterns.binary_search_by(|entry| (*entry.name).cmp(name)).unwrap_or_else(|at| {
            patterns.insert(at, Entry { name: name.into(), readers: Vec::new() });
            at
        });
        self.pattern_count.store(patterns.len(), Relaxed);
        patterns[at].readers.push(Arc::clone(reader));
        Arc::clone(&patterns[at].name)
    }

    /// Ends a subscription. False: there was none.
    pub fn unsubscribe(&self, topic: Topic, reader: &Arc<Mailbox>, name: &[u8]) -> bool {
        let mut topics = reader.topics.lock();
        let was = topics[topic as usize].remove(name);
        if was {
            self.forget(topic, reader, name);
        }
        was
    }

    fn forget(&self, topic: Topic, reader: &Arc<Mailbox>, name: &[u8]) {
        if let Some(channels) = self.of(topic) {
            return channels.remove(reader, name);
        }
        let mut patterns = self.patterns.write();
        if let Ok(at) = patterns.binary_search_by(|entry| (*entry.name).cmp(name))
            && patterns[at].forget(reader)
        {
            patterns.remove(at);
        }
        self.pattern_count.store(patterns.len(), Relaxed);
    }

    /// Ends all subscriptions of a reader.
    pub fn leave(&self, reader: &Arc<Mailbox>) {
        let mut topics = reader.topics.lock();
        for topic in Topic::ALL {
            for name in std::mem::take(&mut topics[topic as usize]) {
                self.forget(topic, reader, &name);
            }
        }
    }

    /// Puts a message into the mailboxes of all who have subscribed to `channel`, and returns how many letters that were,
    /// and how many readers were cut. Never waits for a reader. `topic` is that of channels or of shard channels.
    fn publish(
        &self,
        topic: Topic,
        channel: &[u8],
        body: &[u8],
        post: Post<'_>,
        rings: &mut Rings,
    ) -> (usize, u64) {
        let Some(channels) = self.of(topic) else { return (0, 0) };
        let mut delivery = Delivery { channel, body, message: None, post, receivers: 0, cuts: 0, rings };
        let hash = hash::bytes(channel);
        let shard = channels.shard(hash).lock();
        if let Some(entry) = shard.find(hash, |entry| *entry.name == *channel) {
            match topic {
                Topic::Shard => delivery.to(&entry.readers, Letter::Shard),
                Topic::Channel | Topic::Pattern => delivery.to(&entry.readers, Letter::Message),
            }
        }
        if topic == Topic::Channel && self.pattern_count.load(Relaxed) > 0 {
            for entry in &*self.patterns.read() {
                if matches(&entry.name, channel) {
                    delivery.to(&entry.readers, |message| Letter::Matched(Arc::clone(&entry.name), message));
                }
            }
        }
        drop(shard);
        (delivery.receivers, delivery.cuts)
    }

    /// The number of letters that a message to `channel` would be at the moment.
    pub fn audience(&self, topic: Topic, channel: &[u8]) -> usize {
        let readers = self.readers(topic, channel);
        if topic != Topic::Channel || self.pattern_count.load(Relaxed) == 0 {
            return readers;
        }
        let patterns = self.patterns.read();
        let matching = patterns.iter().filter(|entry| matches(&entry.name, channel));
        readers + matching.map(Entry::living).sum::<usize>()
    }

    /// The channels that somebody has subscribed to and whose names match.
    pub fn names(&self, topic: Topic, pattern: Option<&[u8]>) -> Vec<Name> {
        let mut names = Vec::new();
        if let Some(channels) = self.of(topic) {
            channels.each(|entry| {
                if pattern.is_none_or(|pattern| matches(pattern, &entry.name)) {
                    names.push(Arc::clone(&entry.name));
                }
            });
        }
        names
    }

    /// The number of readers that have subscribed to this very channel.
    pub fn readers(&self, topic: Topic, name: &[u8]) -> usize {
        self.of(topic).map_or(0, |channels| channels.readers(name))
    }

    /// The numbers of channels, patterns and shard channels that somebody has subscribed to.
    pub fn counts(&self) -> [usize; 3] {
        [self.channels.len(), self.pattern_count.load(Relaxed), self.shard_channels.len()]
    }
}

impl Core {
    /// Puts a message into the mailboxes of those who have subscribed to `channel`. `rings` are for when no lock is held.
    pub(super) fn send(&self, topic: Topic, channel: &[u8], body: &[u8], rings: &mut Rings) {
        let post = Post { limit: self.config.pubsub_limit(), clock: &self.clock };
        let (_, cuts) = self.pubsub.publish(topic, channel, body, post, rings);
        if cuts > 0 {
            self.counters.output_limit_disconnections.fetch_add(cuts, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests;
