//! How a database is opened.
use crate::base::{clock::Clock, limits::Encodings};

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
            journal: false,
        }
    }
}
