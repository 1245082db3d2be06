//! What others have to say to a reader: messages of the channels it has subscribed to, kept until it takes them.
//!
//! A publisher never waits for a reader. It puts a *letter* into the mailbox of each – a counter on what all of them
//! share, and its place in a queue – and goes on. The reader takes letters when it comes by: a RESP connection when its
//! door pumps it, a subscription of the typed API when somebody asks for the next message.
//!
//! ```text
//!   publisher ──put──▶ ┌──────────────── inbox (lock) ───────────────┐ ──take──▶ reader
//!                      │ letter · letter · letter      bytes, dropped│
//!                      └─────────────────────────────────────────────┘
//!   the first letter in an empty inbox ──▶ the publisher rings, when it holds no lock any more
//! ```
//!
//! Invariants: the inbox is bounded, by bytes for a connection (`client-output-buffer-limit pubsub`, what the reader has
//! taken but not delivered included), by messages and bytes for a subscription; its lock is a leaf, nothing is waited for and
//! no foreign code runs while it is held; who puts a letter into an empty inbox rings, and nobody else, so that a reader
//! that has looked may sleep.
use super::card::Wake;
use crate::base::lock::{Condvar, Mutex};
use crate::base::{bytes::Bytes, clock::Clock, settings::OutputLimit};
use std::{
    collections::{BTreeSet, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::*},
    },
    task::Waker,
    time::Duration,
};

/// The name of a channel or a pattern, shared by the registry and whoever has subscribed to it.
pub type Name = Arc<[u8]>;

/// What can be subscribed to. Each has names of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// The channel of this name.
    Channel,
    /// All channels whose names match a pattern.
    Pattern,
    /// The shard channel of this name.
    Shard,
}

impl Topic {
    /// All of them, in the order in which subscriptions are kept.
    pub const ALL: [Self; 3] = [Self::Channel, Self::Pattern, Self::Shard];
}

/// What was published: made once, shared by all who get it.
#[derive(Debug)]
pub struct Message {
    pub channel: Bytes,
    pub body: Bytes,
}

impl Message {
    fn bytes(&self) -> usize {
        self.channel.len() + self.body.len()
    }
}

/// What a mailbox holds.
#[derive(Debug, Clone)]
pub enum Letter {
    /// To a channel.
    Message(Arc<Message>),
    /// To a channel whose name matches this pattern.
    Matched(Name, Arc<Message>),
    /// To a shard channel.
    Shard(Arc<Message>),
    /// What was read of these keys is out of date; `None`: of any key. `redirected`: another connection has read it.
    Stale { keys: Option<Arc<[Bytes]>>, redirected: bool },
    /// The connection of this id, which invalidations go to, is not there any more.
    Lost(u64),
    /// A command that somebody has run, as `MONITOR` shows it.
    Line(Name),
}

impl Letter {
    /// Bytes that a letter counts for beside its texts: its place in the queue and its share of the message.
    const OVERHEAD_BYTES: usize = 64;

    /// What was published, if that is what it is about.
    pub fn message(&self) -> Option<&Message> {
        match self {
            Self::Message(message) | Self::Matched(_, message) | Self::Shard(message) => Some(message),
            Self::Stale { .. } | Self::Lost(_) | Self::Line(_) => None,
        }
    }

    /// The bytes that it counts for.
    fn bytes(&self) -> usize {
        let texts = match self {
            Self::Message(message) | Self::Shard(message) => message.bytes(),
            Self::Matched(pattern, message) => pattern.len() + message.bytes(),
            Self::Stale { keys, .. } => keys.iter().flat_map(|keys| keys.iter()).map(|key| key.len()).sum(),
            Self::Lost(_) => 0,
            Self::Line(line) => line.len(),
        };
        texts + Self::OVERHEAD_BYTES
    }

    /// Whoever gets it has nothing to learn from what came before.
    fn is_about_everything(&self) -> bool {
        matches!(self, Self::Stale { keys: None, .. })
    }
}

/// What happens to a message for which a subscription has no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overflow {
    /// The subscription ends, as a connection does in Redis: its reader finds out instead of missing something silently.
    #[default]
    Cut,
    /// The oldest messages make room.
    DropOldest,
    /// It is not delivered.
    DropNewest,
}

/// How much may wait in a mailbox.
#[derive(Debug, Clone, Copy)]
pub enum Bound {
    /// As `client-output-buffer-limit pubsub` says: over it the connection is cut.
    Output,
    /// So many messages and bytes.
    Queue { messages: usize, bytes: usize, overflow: Overflow },
    /// So many invalidations and bytes: what has no room becomes one letter about all keys.
    Forget { letters: usize, bytes: usize },
}

/// What became of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It waits with others.
    Kept,
    /// It is the first: the reader has to be rung.
    First,
    /// It was dropped, or an older one was.
    Dropped,
    /// There was no room: the reader has been cut, and has to be rung.
    Cut,
    /// The reader was cut before.
    Gone,
}

/// What somebody who puts letters knows of the limits.
#[derive(Clone, Copy)]
pub struct Post<'a> {
    pub limit: OutputLimit,
    pub clock: &'a Clock,
}

/// How a reader hears that there is something.
enum Bell {
    /// Its door is called.
    Door(Option<Wake>),
    /// Threads that sleep are woken; a future leaves its waker in the inbox.
    Sleepers(Condvar),
}

#[derive(Default)]
struct Inbox {
    letters: VecDeque<Letter>,
    bytes: usize,
    /// Messages that were dropped, or thrown away when the reader was cut.
    dropped: u64,
    /// Since when it is above the soft limit, in Unix milliseconds.
    above_since_ms: Option<u64>,
    waker: Option<Waker>,
}

impl Inbox {
    fn throw_away(&mut self) {
        self.dropped += self.letters.len() as u64;
        self.letters = VecDeque::new();
        self.bytes = 0;
    }
}

/// A bounded queue of letters for one reader. See the module.
pub struct Mailbox {
    inbox: Mutex<Inbox>,
    bound: Bound,
    bell: Bell,
    /// There is a letter. A reader asks before each of its own commands, without the lock.
    filled: AtomicBool,
    cut: AtomicBool,
    /// Bytes that the reader has taken, or answered, and that nobody has read yet.
    pub unread_bytes: AtomicU64,
    /// What it has subscribed to, by topic. The registry keeps this and itself in step.
    pub topics: Mutex<[BTreeSet<Name>; 3]>,
}

impl Mailbox {
    /// Makes the mailbox of a connection, whose door `wake` wakes.
    pub fn of_connection(wake: Option<Wake>) -> Self {
        Self::new(Bound::Output, Bell::Door(wake))
    }

    /// Makes the mailbox of a reader in this process.
    pub fn of_reader(bound: Bound) -> Self {
        Self::new(bound, Bell::Sleepers(Condvar::new()))
    }

    fn new(bound: Bound, bell: Bell) -> Self {
        Self {
            inbox: Mutex::default(),
            bound,
            bell,
            filled: AtomicBool::new(false),
            cut: AtomicBool::new(false),
            unread_bytes: AtomicU64::new(0),
            topics: Mutex::default(),
        }
    }

    /// Puts a letter into the mailbox. On [`Put::First`] and [`Put::Cut`] the caller rings when it holds no locks.
    pub fn put(&self, mut letter: Letter, post: &Post<'_>) -> Put {
        if self.cut.load(Relaxed) {
            return Put::Gone;
        }
        let mut inbox = self.inbox.lock();
        let mut bytes = letter.bytes();
        let mut outcome = if inbox.letters.is_empty() { Put::First } else { Put::Kept };
        match self.bound {
            Bound::Output => {
                let total = (inbox.bytes + bytes) as u64 + self.unread_bytes.load(Relaxed);
                if exceeds(&mut inbox.above_since_ms, total, post) {
                    return self.cut(&mut inbox);
                }
            }
            Bound::Queue { messages, bytes: most, overflow } => {
                let full = |inbox: &Inbox| {
                    inbox.letters.len() >= messages || (inbox.bytes + bytes > most && inbox.bytes > 0)
                };
                if full(&inbox) {
                    match overflow {
                        Overflow::Cut => return self.cut(&mut inbox),
                        Overflow::DropNewest => {
                            inbox.dropped += 1;
                            return Put::Dropped;
                        }
                        Overflow::DropOldest => {
                            while full(&inbox)
                                && let Some(oldest) = inbox.letters.pop_front()
                            {
                                inbox.bytes -= oldest.bytes();
                                inbox.dropped += 1;
                            }
                            outcome = Put::Dropped;
                        }
                    }
                }
            }
            Bound::Forget { letters, bytes: most } => {
                let full = inbox.letters.len() >= letters || (inbox.bytes + bytes > most && inbox.bytes > 0);
                if full || letter.is_about_everything() {
                    inbox.letters.clear();
                    inbox.bytes = 0;
                    inbox.dropped += u64::from(full);
                    letter = Letter::Stale { keys: None, redirected: false };
                    bytes = letter.bytes();
                }
            }
        }
        inbox.bytes += bytes;
        inbox.letters.push_back(letter);
        self.filled.store(true, Release);
        outcome
    }

    #[cold]
    fn cut(&self, inbox: &mut Inbox) -> Put {
        self.cut.store(true, Release);
        if matches!(self.bound, Bound::Output) {
            // What a connection has not sent is not sent any more; a reader in this process still gets it.
            inbox.throw_away();
        }
        inbox.dropped += 1;
        Put::Cut
    }

    /// Tells the reader that there is something. Foreign code: belongs outside of all locks.
    pub fn ring(&self) {
        match &self.bell {
            Bell::Door(None) => {}
            Bell::Door(Some(wake)) => wake(),
            Bell::Sleepers(sleepers) => {
                let waker = self.inbox.lock().waker.take();
                sleepers.notify_all();
                waker.into_iter().for_each(Waker::wake);
            }
        }
    }

    /// Tells whether there is a letter, without the lock.
    #[inline]
    pub fn has_letters(&self) -> bool {
        self.filled.load(Acquire)
    }

    /// Tells whether the reader was cut because it had left too much unread.
    pub fn is_cut(&self) -> bool {
        self.cut.load(Acquire)
    }

    /// Takes letters from the front, until they count for `most_bytes` or more.
    pub fn take(&self, most_bytes: usize, into: &mut Vec<Letter>) {
        let mut inbox = self.inbox.lock();
        let mut taken = 0;
        while taken < most_bytes
            && let Some(letter) = inbox.letters.pop_front()
        {
            taken += letter.bytes();
            into.push(letter);
        }
        inbox.bytes -= taken;
        self.filled.store(!inbox.letters.is_empty(), Release);
    }

    /// Takes the oldest letter.
    pub fn take_one(&self) -> Option<Letter> {
        self.pop(&mut self.inbox.lock())
    }

    fn pop(&self, inbox: &mut Inbox) -> Option<Letter> {
        let letter = inbox.letters.pop_front()?;
        inbox.bytes -= letter.bytes();
        self.filled.store(!inbox.letters.is_empty(), Release);
        Some(letter)
    }

    /// Takes the oldest letter; when there is none, sleeps until [`Mailbox::ring`] or until `patience` has passed. `None` may
    /// come early.
    pub fn wait(&self, patience: Option<Duration>) -> Option<Letter> {
        let mut inbox = self.inbox.lock();
        if inbox.letters.is_empty()
            && !self.is_cut()
            && let Bell::Sleepers(sleepers) = &self.bell
        {
            match patience {
                Some(patience) => drop(sleepers.wait_for(&mut inbox, patience)),
                None => sleepers.wait(&mut inbox),
            }
        }
        self.pop(&mut inbox)
    }

    /// Takes the oldest letter; when there is none, leaves `waker` to be woken at the next ring.
    pub fn poll(&self, waker: &Waker) -> Option<Letter> {
        // Wakers are foreign code: made before the lock is taken, and dropped when it has gone.
        let mut waker = Some(waker.clone());
        let mut inbox = self.inbox.lock();
        let letter = self.pop(&mut inbox);
        if letter.is_none() && !self.is_cut() {
            std::mem::swap(&mut inbox.waker, &mut waker);
        }
        drop(inbox);
        letter
    }

    /// The letters that wait, and the bytes that they count for.
    pub fn waiting(&self) -> (usize, usize) {
        let inbox = self.inbox.lock();
        (inbox.letters.len(), inbox.bytes)
    }

    /// The messages that were dropped.
    pub fn dropped(&self) -> u64 {
        self.inbox.lock().dropped
    }

    /// The number of its subscriptions by topic.
    pub fn subscriptions(&self) -> [usize; 3] {
        let topics = self.topics.lock();
        Topic::ALL.map(|topic| topics[topic as usize].len())
    }
}

/// Tells whether `total` bytes are too many, now or for too long.
fn exceeds(above_since_ms: &mut Option<u64>, total: u64, post: &Post<'_>) -> bool {
    let OutputLimit { hard_bytes, soft_bytes, soft_s } = post.limit;
    if hard_bytes > 0 && total > hard_bytes {
        return true;
    }
    if soft_bytes == 0 || total <= soft_bytes {
        *above_since_ms = None;
        return false;
    }
    let now_ms = post.clock.now_ms();
    let since_ms = *above_since_ms.get_or_insert(now_ms);
    now_ms.saturating_sub(since_ms) > soft_s.saturating_mul(1000)
}

impl std::fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (letters, bytes) = self.waiting();
        f.debug_struct("Mailbox").field("letters", &letters).field("bytes", &bytes).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
