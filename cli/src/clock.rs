//! The passing of time, for time-outs and for `.timer`. It never decides what a command means: the database
//! has a clock of its own.
use std::{sync::OnceLock, time::Instant};

/// Returns the microseconds since the first call.
#[expect(clippy::disallowed_methods, reason = "the one place of this crate that reads the monotonic clock")]
pub fn now_us() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    let now = Instant::now();
    now.duration_since(*START.get_or_init(|| now)).as_micros() as u64
}

/// Returns the milliseconds since the first call.
pub fn now_ms() -> u64 {
    now_us() / 1000
}
