//! The only source of time. A database reads its [`Clock`] once per command; tests set it by hand.
use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A source of time: the system's, or one that is set by hand. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System { skew_ms: Arc<AtomicI64> },
    Manual { now_us: Arc<AtomicU64> },
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl Clock {
    /// The system's wall clock.
    pub fn system() -> Self {
        Self(Source::System { skew_ms: Arc::new(AtomicI64::new(0)) })
    }

    /// A clock that stands still at `now_ms` (Unix time in milliseconds) until it is set or advanced.
    pub fn manual(now_ms: u64) -> Self {
        Self(Source::Manual { now_us: Arc::new(AtomicU64::new(now_ms.saturating_mul(1000))) })
    }

    /// Returns Unix time in milliseconds. It may lag by the granularity of the kernel's coarse clock
    /// (1–10 ms): that clock costs a tenth of the precise one.
    #[inline]
    pub fn now_ms(&self) -> u64 {
        match &self.0 {
            Source::System { skew_ms } => coarse_ms().saturating_add_signed(skew_ms.load(Ordering::Relaxed)),
            Source::Manual { now_us } => now_us.load(Ordering::Relaxed) / 1000,
        }
    }

    /// Returns Unix time in microseconds, precisely.
    pub fn now_us(&self) -> u64 {
        match &self.0 {
            Source::System { skew_ms } => {
                precise_us().saturating_add_signed(skew_ms.load(Ordering::Relaxed).saturating_mul(1000))
            }
            Source::Manual { now_us } => now_us.load(Ordering::Relaxed),
        }
    }

    /// Sets a manual clock to `now_ms`; gives a system clock the skew that makes it show `now_ms` now.
    pub fn set_ms(&self, now_ms: u64) {
        match &self.0 {
            Source::System { skew_ms } => {
                let base = i64::try_from(coarse_ms()).unwrap_or(i64::MAX);
                let want = i64::try_from(now_ms).unwrap_or(i64::MAX);
                skew_ms.store(want.saturating_sub(base), Ordering::Relaxed);
            }
            Source::Manual { now_us } => now_us.store(now_ms.saturating_mul(1000), Ordering::Relaxed),
        }
    }

    /// Moves the clock ahead by `by_ms`.
    pub fn advance_ms(&self, by_ms: u64) {
        match &self.0 {
            Source::System { skew_ms } => {
                skew_ms.fetch_add(i64::try_from(by_ms).unwrap_or(i64::MAX), Ordering::Relaxed);
            }
            Source::Manual { now_us } => {
                now_us.fetch_add(by_ms.saturating_mul(1000), Ordering::Relaxed);
            }
        }
    }

    /// Tells whether the clock only moves by hand.
    pub fn is_manual(&self) -> bool {
        matches!(self.0, Source::Manual { .. })
    }
}

#[cfg(target_os = "linux")]
fn coarse_ms() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::RealtimeCoarse);
    let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
    seconds * 1000 + now.tv_nsec as u64 / 1_000_000
}

#[cfg(not(target_os = "linux"))]
fn coarse_ms() -> u64 {
    precise_us() / 1000
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the system's time")]
fn precise_us() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros() as u64)
}

/// A stopwatch: how long something took, for statistics and time limits. It never decides what a command means.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the monotonic clock")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Returns the microseconds since the start.
    pub fn elapsed_us(&self) -> u64 {
        self.0.elapsed().as_micros() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_by_hand_and_a_clone_shares_it() {
        let clock = Clock::manual(1_000);
        let twin = clock.clone();
        clock.advance_ms(500);
        assert_eq!((twin.now_ms(), twin.now_us()), (1_500, 1_500_000));
        twin.set_ms(10);
        assert_eq!(clock.now_ms(), 10);
    }

    #[test]
    fn the_system_clock_can_be_skewed() {
        let clock = Clock::system();
        let before = clock.now_ms();
        clock.advance_ms(86_400_000);
        assert!(clock.now_ms() >= before + 86_400_000);
        assert!(clock.now_us() / 1000 >= before + 86_400_000);
        clock.set_ms(5_000);
        assert!(clock.now_ms() >= 5_000 && clock.now_ms() < 1_000_000);
    }
}
