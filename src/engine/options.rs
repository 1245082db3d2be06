//! How a database is opened.
use crate::base::{clock::Clock, limits::Encodings, settings::Fsync};
use std::{fmt, sync::Arc};

/// How a database is opened: every field with its unit, default and consequence.
#[derive(Debug, Clone)]
pub struct Options {
    /// The number of locks the keys are spread over, rounded up to a power of two; 64. More of them make
    /// collisions between threads rarer and commands over all keys slower.
    pub stripes: usize,
    /// Background threads: 1 (the default; it starts when there is something to do) or 0 (the host calls
    /// [`Db::tick`](crate::Db::tick)).
    pub threads: usize,
    /// When collections leave their compact encodings; Redis's defaults.
    pub encodings: Encodings,
    /// Where time comes from; the system.
    pub clock: Clock,
    /// Seeds chance (SPOP, RANDOMKEY …), so that a run can be repeated; by default it differs in every process.
    pub seed: Option<u64>,
    /// What connections must say (`AUTH`) before anything else; none by default. It does not guard the typed API.
    pub requirepass: Option<Vec<u8>>,
    /// When what was written is on the disk for good (`appendfsync`); once a second. `CONFIG SET` changes it later. The
    /// death of the process loses nothing, whatever it is: this is about power and the kernel.
    pub fsync: Fsync,
    /// Opens a damaged store with what is left of it: what lies behind the damage is kept aside, not read. Without it
    /// such a store is refused.
    pub salvage: bool,
    /// Is told how far a long load is, often, and by any of the threads that load.
    pub progress: Option<Progress>,
    /// The size in bytes at which a new segment of the log is begun; 64 MiB.
    pub segment_bytes: u64,
    /// Keeps the log form of everything that is written, for tests of the log.
    #[doc(hidden)]
    pub journal: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            stripes: 64,
            threads: 1,
            encodings: Encodings::default(),
            clock: Clock::system(),
            seed: None,
            requirepass: None,
            fsync: Fsync::default(),
            salvage: false,
            progress: None,
            segment_bytes: 64 << 20,
            journal: false,
        }
    }
}

/// Who wants to know how far a load is.
#[derive(Clone)]
pub struct Progress(Arc<dyn Fn(Loading) + Send + Sync>);

/// How far a load is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loading {
    /// Bytes of the snapshot and of the log that were read.
    pub bytes: u64,
    /// Bytes there are.
    pub bytes_total: u64,
}

impl Progress {
    /// Calls `tell` now and then.
    pub fn new(tell: impl Fn(Loading) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    pub(crate) fn tell(&self, loading: Loading) {
        (self.0)(loading);
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Progress")
    }
}
