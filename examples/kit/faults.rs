//! What was wrong, and how often: a program that checks itself goes on when something is amiss, and fails at its end.
use std::sync::atomic::{AtomicU64, Ordering};

/// The first few of them are said.
const SAID: u64 = 10;

/// A count of faults that threads share.
#[derive(Debug, Default)]
pub struct Faults(AtomicU64);

impl Faults {
    /// Counts a fault unless something holds.
    pub fn must(&self, holds: bool, what: &str) {
        if !holds && self.0.fetch_add(1, Ordering::Relaxed) < SAID {
            eprintln!("WRONG: {what}");
        }
    }

    /// How many there were.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Says how it went, and tells whether all is well.
    pub fn verdict(&self) -> bool {
        let faults = self.count();
        println!("{}", if faults == 0 { "everything adds up".into() } else { format!("{faults} faults") });
        faults == 0
    }
}
