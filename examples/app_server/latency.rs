//! Latencies counted in classes of 1/16 of a power of two: percentiles within 6 %, in a few kilobytes.
use std::time::Duration;

const STEPS: usize = 16;
const CLASSES: usize = 40 * STEPS;

/// How long requests took.
#[derive(Clone)]
pub struct Latencies {
    classes: Vec<u64>,
}

impl Default for Latencies {
    fn default() -> Self {
        Self { classes: vec![0; CLASSES] }
    }
}

impl Latencies {
    /// Counts one.
    pub fn add(&mut self, taken: Duration) {
        let ns = (taken.as_nanos() as u64).max(STEPS as u64);
        let power = ns.ilog2() as usize;
        let step = (ns >> (power - 4)) as usize % STEPS;
        self.classes[((power - 4) * STEPS + step).min(CLASSES - 1)] += 1;
    }

    /// Adds those of another thread.
    pub fn merge(&mut self, other: &Self) {
        self.classes.iter_mut().zip(&other.classes).for_each(|(mine, theirs)| *mine += theirs);
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.classes.iter().sum()
    }

    /// The latency, in microseconds, that `share` of the requests did not exceed.
    pub fn us(&self, share: f64) -> f64 {
        let wanted = (self.count() as f64 * share).ceil() as u64;
        let mut seen = 0;
        for (class, count) in self.classes.iter().enumerate() {
            seen += count;
            if seen >= wanted && seen > 0 {
                let (power, step) = (class / STEPS, class % STEPS + 1);
                return (((STEPS + step) as u64) << power) as f64 / 1000.0;
            }
        }
        0.0
    }
}
