//! What publishers and players know beside the database, to check it by.
use crate::faults::Faults;
use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tenondb::Db;

pub const PLAYERS: usize = 1_000;
pub const PLACES: usize = 50;

/// A place, as long as its lock is held: nobody comes or goes, and nothing is said.
#[derive(Debug, Default)]
pub struct Place {
    pub listeners: usize,
    /// The number of the last message.
    pub said: u64,
}

pub struct World {
    pub db: Db,
    pub faults: Faults,
    pub places: Vec<Mutex<Place>>,
    pub said_to_all: Mutex<u64>,
    /// How many subscriptions messages were put into, as PUBLISH has counted, and how many messages were read.
    pub delivered: AtomicU64,
    pub heard: AtomicU64,
    /// Nobody publishes any more.
    pub over: AtomicBool,
    began: Instant,
}

/// The channel and the set of a place.
pub fn place_name(place: usize) -> String {
    format!("place:{place}")
}

/// A lock that nobody holds while he panics.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    #[expect(clippy::disallowed_methods, reason = "latencies are measured here")]
    pub fn new(db: Db) -> Self {
        Self {
            db,
            faults: Faults::default(),
            places: (0..PLACES).map(|_| Mutex::default()).collect(),
            said_to_all: Mutex::default(),
            delivered: AtomicU64::new(0),
            heard: AtomicU64::new(0),
            over: AtomicBool::new(false),
            began: Instant::now(),
        }
    }

    /// A message: its number, when it was written, and what is said.
    pub fn letter(&self, number: u64, said: &str) -> String {
        format!("{number} {} {said}", self.now().as_nanos())
    }

    /// The time since the world began.
    pub fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Counts what PUBLISH says it has delivered.
    pub fn count(&self, delivered: usize, listeners: usize) {
        self.faults.must(delivered == listeners, "PUBLISH has not counted its receivers rightly");
        self.delivered.fetch_add(delivered as u64, Ordering::Relaxed);
    }

    /// Waits while more than `ahead_max` messages are unread; not when something is amiss, and they may never be read.
    pub fn wait_for_readers(&self, ahead_max: u64) {
        let unread =
            || self.delivered.load(Ordering::Relaxed).saturating_sub(self.heard.load(Ordering::Relaxed));
        while unread() > ahead_max && self.faults.count() == 0 {
            thread::sleep(Duration::from_micros(100));
        }
    }
}
