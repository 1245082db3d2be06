//! What others may see of a connection, and do to it: `CLIENT LIST`, `CLIENT KILL`, messages.
//!
//! The connection itself writes here: a few relaxed stores for each piece of input, the rest when it changes.
use super::{mailbox::Mailbox, tracking::Tracker};
use crate::base::lock::Mutex;
use crate::{
    base::{bytes::Bytes, limits::DATABASES},
    keyspace::watch::Flag,
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering::Relaxed},
};

/// Wakes the door of a connection that was told to end, or has something to read. It must not block, nor call the
/// database: a transaction may
/// be under way.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// A command of a connection that waits.
pub trait Blocked: Send + Sync {
    /// Ends the wait: with the answer that there was nothing, or with an error. False: it was over.
    fn unblock(&self, refuse: bool) -> bool;
}

/// Where a connection comes from.
#[derive(Clone, Default)]
pub struct Origin {
    /// The peer's address as `CLIENT LIST` shows it (`127.0.0.1:50612`).
    pub addr: String,
    /// The address the peer has connected to.
    pub laddr: String,
    /// The number of its descriptor, -1 when it has none.
    pub fd: i32,
    /// It came through a unix socket.
    pub unix: bool,
    /// It comes from this machine, or from this process.
    pub local: bool,
    /// Called when the connection was told to end by somebody else, or when there is something for it.
    pub wake: Option<Wake>,
}

/// The names a connection has given itself.
#[derive(Debug, Clone, Default)]
pub struct Labels {
    pub name: Bytes,
    pub lib_name: Bytes,
    pub lib_ver: Bytes,
}

/// What a connection shows of its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shown {
    pub db: u32,
    pub protocol: u8,
    /// Commands queued by MULTI; `None` outside of it.
    pub queued: Option<usize>,
    pub queued_bytes: usize,
    pub watched: usize,
    /// A watched key has changed: found out when somebody looks.
    pub dirty: bool,
    pub no_touch: bool,
    pub no_evict: bool,
    pub closing: bool,
    /// It has subscribed to something.
    pub subscribed: bool,
    /// It is shown all commands.
    pub monitors: bool,
}

/// One connection, as others see it.
pub struct Card {
    pub id: u64,
    pub origin: Origin,
    /// When it was opened, in Unix milliseconds.
    pub opened_ms: u64,
    labels: Mutex<Labels>,
    /// With the flag of what it watches, which others raise.
    shown: Mutex<(Shown, Flag)>,
    /// The clock reading of its latest input.
    pub seen_ms: AtomicU64,
    /// The id of the latest command, 0 before the first.
    pub command: AtomicU16,
    /// Commands that were not about keys: those are counted where the keys are.
    pub commands: AtomicU64,
    pub total_commands: AtomicU64,
    pub input_bytes: AtomicU64,
    pub output_bytes: AtomicU64,
    /// Request bytes that wait for the rest of their command.
    pub waiting_bytes: AtomicU64,
    blocked: Mutex<Option<Arc<dyn Blocked>>>,
    /// How it is told of changed keys.
    tracker: Mutex<Option<Arc<Tracker>>>,
    /// What others have to say to it. It also knows how much output nobody has taken yet.
    pub mailbox: Arc<Mailbox>,
    killed: AtomicBool,
}

impl Card {
    /// Makes the card of a fresh connection.
    pub fn new(id: u64, origin: Origin, opened_ms: u64) -> Self {
        let mailbox = Arc::new(Mailbox::of_connection(origin.wake.clone()));
        Self {
            id,
            origin,
            opened_ms,
            labels: Mutex::default(),
            shown: Mutex::default(),
            seen_ms: AtomicU64::new(opened_ms),
            command: AtomicU16::new(0),
            commands: AtomicU64::new(0),
            total_commands: AtomicU64::new(0),
            input_bytes: AtomicU64::new(0),
            output_bytes: AtomicU64::new(0),
            waiting_bytes: AtomicU64::new(0),
            blocked: Mutex::default(),
            tracker: Mutex::default(),
            mailbox,
            killed: AtomicBool::new(false),
        }
    }

    /// A copy of the names.
    pub fn labels(&self) -> Labels {
        self.labels.lock().clone()
    }

    /// Changes the names.
    pub fn relabel(&self, change: impl FnOnce(&mut Labels)) {
        change(&mut self.labels.lock());
    }

    /// Counts a command that is not about keys. Only the connection itself does.
    pub fn count_command(&self) {
        self.commands.store(self.commands.load(Relaxed) + 1, Relaxed);
    }

    /// What the connection last showed.
    pub fn shown(&self) -> Shown {
        let (shown, watching) = &*self.shown.lock();
        Shown { dirty: shown.watched > 0 && watching.is_raised(), ..*shown }
    }

    /// Shows a new state; `watching` is raised when a watched key has changed.
    pub fn show(&self, shown: Shown, watching: &Flag) {
        debug_assert!((shown.db as usize) < DATABASES);
        *self.shown.lock() = (shown, watching.clone());
    }

    /// Shows that the connection waits in a command, or not any more.
    pub fn show_blocked(&self, blocked: Option<Arc<dyn Blocked>>) {
        *self.blocked.lock() = blocked;
    }

    /// Tells whether the connection waits in a command.
    pub fn is_blocked(&self) -> bool {
        self.blocked.lock().is_some()
    }

    /// How the connection is told of changed keys, if it is.
    pub fn tracker(&self) -> Option<Arc<Tracker>> {
        self.tracker.lock().clone()
    }

    /// Shows how the connection is told of changed keys.
    pub fn show_tracker(&self, tracker: Option<Arc<Tracker>>) {
        *self.tracker.lock() = tracker;
    }

    /// Ends the wait of the connection's command; see [`Blocked`].
    pub fn unblock(&self, refuse: bool) -> bool {
        // Unlocked first: the door is woken meanwhile.
        let blocked = self.blocked.lock().clone();
        blocked.is_some_and(|blocked| blocked.unblock(refuse))
    }

    /// Tells the connection to end, and wakes its door.
    pub fn kill(&self) {
        if !self.killed.swap(true, Relaxed)
            && let Some(wake) = &self.origin.wake
        {
            wake();
        }
    }

    /// Tells whether somebody wants the connection to end, or its mailbox was full.
    pub fn is_killed(&self) -> bool {
        self.killed.load(Relaxed) || self.mailbox.is_cut()
    }
}

impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Card").field("id", &self.id).field("addr", &self.origin.addr).finish_non_exhaustive()
    }
}
