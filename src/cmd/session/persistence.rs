//! What commands ask of the part of the engine that keeps things: snapshots, and how the log is.

/// How a snapshot is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaveHow {
    /// `SAVE`: it is done when the call returns.
    Now,
    /// `BGSAVE`: it is begun. An error while one is being written.
    Background,
    /// `BGSAVE SCHEDULE` and `BGREWRITEAOF`: while one is being written, another one follows it.
    Scheduled,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    Done,
    Started,
    Scheduled,
}

/// How snapshots and the log are, for INFO.
///
/// A snapshot here is what a point-in-time file and a rewritten log are in Redis, both at once: recovery starts from it,
/// and the log behind it is short.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Persistence {
    /// Changes that the latest snapshot does not have; `None`: nobody counts them, in memory.
    pub changes: Option<u64>,
    /// Unix time in seconds of the latest good snapshot, or of the opening.
    pub last_save_s: u64,
    /// Seconds since the one that is being written was begun.
    pub running_s: Option<u64>,
    /// Another one follows it.
    pub scheduled: bool,
    /// Seconds that the latest one took.
    pub last_took_s: Option<u64>,
    /// The latest one could not be written.
    pub last_failed: bool,
    /// Good ones since the opening.
    pub count: u64,
    /// Keys that were there when the database was opened; `None`: nothing was loaded.
    pub loaded_keys: Option<u64>,
    /// The log; `None`: what is written goes to none.
    pub log: Option<LogState>,
}

/// How the log is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogState {
    /// Bytes since the latest snapshot.
    pub bytes: u64,
    /// Bytes of the latest snapshot; 0: there is none.
    pub base_bytes: u64,
    /// Bytes that the kernel does not have yet.
    pub waiting_bytes: u64,
    /// Something is not on the disk for good.
    pub unsynced: bool,
    /// Writing to it fails: writes are refused.
    pub failing: bool,
}
