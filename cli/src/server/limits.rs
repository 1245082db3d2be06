//! How much a connection may hold back, and how many files may be open.
//!
//! A client that does not take its replies must not fill the memory. Three stages, in this order:
//!
//! 1. *Back-pressure.* Above its allowance (1 MiB) of replies not taken, a connection is not read from: a slow
//!    reader slows itself down.
//! 2. *Patience.* Some clients send a long pipeline to its end before they read a byte; refusing to read from
//!    them for ever would be a deadlock. A connection that takes nothing for 50 ms while it is not read from has its
//!    allowance doubled, up to 256 MiB; it falls back once all is taken.
//! 3. *The cut.* A connection above 256 MiB that takes nothing for a minute is closed, and so is one above the
//!    `client-output-buffer-limit` of its class, at once (hard) or when it stays there (soft).
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Reply bytes that may wait before a connection is no longer read from.
pub const ALLOWANCE_MIN: usize = 1 << 20;
/// Reply bytes above which patience ends.
pub const ALLOWANCE_MAX: usize = 256 << 20;
/// How long a connection that is not read from may take nothing before its allowance grows.
pub const PATIENCE_MS: u64 = 50;
/// How long a connection above [`ALLOWANCE_MAX`] may take nothing.
pub const STALL_MS: u64 = 60_000;
/// How long replies may take to leave when the server ends.
pub const FAREWELL_MS: u64 = 5_000;
/// Files that are open besides the connections.
const FILES_RESERVED: usize = 32;

/// A limit of `client-output-buffer-limit`, in bytes; 0: none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutputLimit {
    /// Above it a connection is closed at once.
    pub hard: usize,
    /// Above it for `soft_s` seconds on end a connection is closed.
    pub soft: usize,
    pub soft_s: u64,
}

/// What is to be done about a connection's waiting replies.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    Fine,
    Cut(&'static str),
}

/// The account of the replies that one connection has not taken. Times are milliseconds of one clock.
#[derive(Debug)]
pub struct Pressure {
    allowance: usize,
    /// When something was taken last, or the replies began to wait.
    moved_ms: u64,
    /// Since when the soft limit is exceeded.
    soft_since_ms: Option<u64>,
}

impl Pressure {
    pub fn new(now_ms: u64) -> Self {
        Self { allowance: ALLOWANCE_MIN, moved_ms: now_ms, soft_since_ms: None }
    }

    /// The bytes that may wait while the connection is still read from.
    pub fn allowance(&self) -> usize {
        self.allowance
    }

    /// Notes that the peer took some of it, and that `left` bytes wait.
    pub fn taken(&mut self, left: usize, now_ms: u64) {
        self.moved_ms = now_ms;
        if left == 0 {
            self.allowance = ALLOWANCE_MIN;
        }
    }

    /// Notes that replies begin to wait.
    pub fn begins(&mut self, now_ms: u64) {
        self.moved_ms = now_ms;
    }

    /// How long nothing was taken.
    pub fn still_ms(&self, now_ms: u64) -> u64 {
        now_ms.saturating_sub(self.moved_ms)
    }

    /// Judges a connection on which `waiting` bytes wait. Belongs after every turn, and now and then while
    /// something waits.
    pub fn judge(&mut self, waiting: usize, limit: OutputLimit, now_ms: u64) -> Verdict {
        if limit.hard != 0 && waiting > limit.hard {
            return Verdict::Cut("its replies exceed the hard output limit");
        }
        if limit.soft == 0 || waiting <= limit.soft {
            self.soft_since_ms = None;
        } else {
            let since = *self.soft_since_ms.get_or_insert(now_ms);
            if now_ms.saturating_sub(since) >= limit.soft_s * 1000 {
                return Verdict::Cut("its replies exceed the soft output limit");
            }
        }
        let still_ms = self.still_ms(now_ms);
        if waiting > ALLOWANCE_MAX && still_ms >= STALL_MS {
            return Verdict::Cut("it does not take its replies");
        }
        if waiting > self.allowance && still_ms >= PATIENCE_MS && self.allowance < ALLOWANCE_MAX {
            self.allowance = (waiting * 2).clamp(self.allowance, ALLOWANCE_MAX);
        }
        Verdict::Fine
    }
}

/// Reads a size as configuration files write it: `512`, `1k` (1000), `1kb` (1024), `8mb`, `1gb`.
pub fn parse_size(text: &str) -> Option<usize> {
    let text = text.to_ascii_lowercase();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let unit = match &text[digits..] {
        "" | "b" => 1,
        "k" => 1000,
        "kb" => 1 << 10,
        "m" => 1_000_000,
        "mb" => 1 << 20,
        "g" => 1_000_000_000,
        "gb" => 1 << 30,
        _ => return None,
    };
    text[..digits].parse::<usize>().ok()?.checked_mul(unit)
}

/// Lets the process open files for `clients` connections, as far as it may, and returns for how many it can.
pub fn raise_open_files(clients: usize) -> usize {
    let want = (clients + FILES_RESERVED) as u64;
    let limit = getrlimit(Resource::Nofile);
    let Some(now) = limit.current.filter(|now| *now < want) else { return clients };
    let reach = limit.maximum.map_or(want, |most| most.min(want));
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(reach), maximum: limit.maximum }).is_ok();
    let have = if raised { reach } else { now };
    if have >= want {
        return clients;
    }
    let possible = usize::try_from(have).unwrap_or(usize::MAX).saturating_sub(FILES_RESERVED).max(1);
    eprintln!(
        "tenon: {have} files may be open: maxclients is {possible} instead of {clients} (see ulimit -n)"
    );
    possible
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: OutputLimit = OutputLimit { hard: 0, soft: 0, soft_s: 0 };

    #[test]
    fn sizes_are_read_as_in_redis() {
        let read = ["0", "1k", "1kb", "8MB", "1gb", "12b"].map(parse_size);
        let want = [0, 1000, 1024, 8 << 20, 1 << 30, 12].map(Some);
        assert_eq!(read, want);
        assert_eq!(["", "k", "-1", "1x", "99999999999999999999"].map(parse_size), [None; 5]);
    }

    #[test]
    fn patience_lets_a_pipeline_go_on_and_ends_when_it_is_abused() {
        let mut pressure = Pressure::new(0);
        let waiting = ALLOWANCE_MIN + 1;
        assert_eq!(pressure.judge(waiting, NONE, PATIENCE_MS - 1), Verdict::Fine);
        assert_eq!(pressure.allowance(), ALLOWANCE_MIN, "patience takes its time");
        assert_eq!(pressure.judge(waiting, NONE, PATIENCE_MS), Verdict::Fine);
        assert!(pressure.allowance() > waiting);
        let huge = ALLOWANCE_MAX + 1;
        assert_eq!(pressure.judge(huge, NONE, STALL_MS - 1), Verdict::Fine);
        assert_eq!(pressure.allowance(), ALLOWANCE_MAX);
        assert_eq!(pressure.judge(huge, NONE, STALL_MS), Verdict::Cut("it does not take its replies"));
        pressure.taken(0, STALL_MS);
        assert_eq!(pressure.allowance(), ALLOWANCE_MIN);
    }

    #[test]
    fn hard_limits_cut_at_once_and_soft_limits_in_time() {
        let limit = OutputLimit { hard: 100, soft: 10, soft_s: 2 };
        let mut pressure = Pressure::new(0);
        assert!(matches!(pressure.judge(101, limit, 0), Verdict::Cut(_)));
        assert_eq!(pressure.judge(11, limit, 1_000), Verdict::Fine);
        assert_eq!(pressure.judge(11, limit, 2_999), Verdict::Fine);
        assert_eq!(
            pressure.judge(10, limit, 2_999),
            Verdict::Fine,
            "it fell below the limit: the time starts anew"
        );
        assert_eq!(pressure.judge(11, limit, 3_000), Verdict::Fine);
        assert!(matches!(pressure.judge(11, limit, 5_000), Verdict::Cut(_)));
    }
}
