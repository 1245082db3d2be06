//! The state of a connection, which only it itself touches.
use super::{
    card::{Card, Shown},
    tracking::Tracking,
};
use crate::{
    base::bytes::Bytes,
    cmd::{Row, Spec},
    keyspace::watch::Flag,
};
use std::sync::{Arc, atomic::Ordering::Relaxed};

/// A queued command of MULTI.
#[derive(Debug)]
pub struct Queued {
    pub row: &'static Row,
    pub words: Vec<Bytes>,
    /// How many of them are its name, and its subcommand's.
    pub head: usize,
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.spec.name)
    }
}

/// What MULTI has collected.
#[derive(Debug, Default)]
pub struct Queue {
    pub commands: Vec<Queued>,
    /// The bytes of the queued arguments.
    pub bytes: usize,
    /// A command could not be queued: EXEC will refuse.
    pub spoiled: bool,
}

/// A watched key.
#[derive(Debug, Clone)]
pub struct WatchedKey {
    pub db: u32,
    pub key: Bytes,
    /// It was there when it was watched: then its expiry counts as a change.
    pub existed: bool,
}

/// The keys a connection watches.
#[derive(Debug, Default)]
pub struct Watching {
    pub flag: Flag,
    pub keys: Vec<WatchedKey>,
}

/// Which replies a connection wants (`CLIENT REPLY`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Replies {
    #[default]
    On,
    Off,
    /// The reply to the command after this one is skipped.
    SkipNext,
}

/// The state of a connection.
#[derive(Debug)]
pub struct Client {
    card: Option<Arc<Card>>,
    pub db: u32,
    /// 2 or 3.
    pub protocol: u8,
    pub authenticated: bool,
    pub replies: Replies,
    pub no_touch: bool,
    pub no_evict: bool,
    /// Every write is on the disk for good before it is answered, whatever `appendfsync` says.
    pub durable: bool,
    pub queue: Option<Queue>,
    pub watching: Watching,
    /// The connection is closed after the reply.
    pub closing: bool,
    /// A reply, if any, is not sent (`CLIENT REPLY`).
    pub muted: bool,
    /// It has subscribed to something.
    pub subscribed: bool,
    /// It is shown all commands (`MONITOR`).
    pub monitors: bool,
    /// It is told of changed keys (`CLIENT TRACKING`).
    pub tracking: Option<Tracking>,
    /// What others see.
    shown: Shown,
    /// The latest command that was known.
    pub command: Option<&'static Spec>,
}

impl Client {
    /// The state of a fresh connection; `card` is what others see of it.
    pub fn new(card: Arc<Card>, db: u32, authenticated: bool) -> Self {
        let client = Self { card: Some(card), ..Self::of_call(db) };
        Self { authenticated, protocol: 2, ..client }
    }

    /// The state of a single call, which nobody sees.
    pub fn of_call(db: u32) -> Self {
        Self {
            card: None,
            db,
            protocol: 3,
            authenticated: true,
            replies: Replies::On,
            no_touch: false,
            no_evict: false,
            durable: false,
            queue: None,
            watching: Watching::default(),
            closing: false,
            muted: false,
            subscribed: false,
            monitors: false,
            tracking: None,
            shown: Shown::default(),
            command: None,
        }
    }

    /// What others see of the connection. A call without a connection gets one on need, with the id 0.
    pub fn card(&mut self) -> &Arc<Card> {
        self.card.get_or_insert_with(|| {
            let origin = super::card::Origin { fd: -1, local: true, ..Default::default() };
            Arc::new(Card::new(0, origin, 0))
        })
    }

    /// What others see of the connection, if there is one.
    pub fn known_card(&self) -> Option<&Arc<Card>> {
        self.card.as_ref()
    }

    /// Tells whether this is a connection: not the state of a single call.
    pub fn is_connection(&self) -> bool {
        self.card.as_ref().is_some_and(|card| card.id != 0)
    }

    /// Lets others see the present state.
    pub fn publish(&mut self) {
        let Some(card) = &self.card else { return };
        let shown = Shown {
            db: self.db,
            protocol: self.protocol,
            queued: self.queue.as_ref().map(|queue| queue.commands.len()),
            queued_bytes: self.queue.as_ref().map_or(0, |queue| queue.bytes),
            watched: self.watching.keys.len(),
            dirty: false,
            no_touch: self.no_touch,
            no_evict: self.no_evict,
            closing: self.closing,
            subscribed: self.subscribed,
            monitors: self.monitors,
        };
        if self.shown != shown {
            self.shown = shown;
            card.show(shown, &self.watching.flag);
        }
        card.command.store(self.command.map_or(0, |spec| spec.id), Relaxed);
    }

    /// A command that cannot be queued makes EXEC refuse the others.
    pub fn spoil(&mut self) {
        if let Some(queue) = &mut self.queue {
            queue.spoiled = true;
        }
    }
}
