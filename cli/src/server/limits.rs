//! How much a connection may hold back, and how many files may be open.
//!
//! A client that does not take its replies must not fill the memory. Three stages, in this order:
//!
//! 1. *Back-pressure.* Above its allowance (1 MiB) of replies not taken, a connection is not read from: a slow
//!    reader slows itself down.
//! 2. *Patience.* Some clients send a long pipeline to its end before they read a byte; refusing to read from
//!    them for ever would be a deadlock. A connection that takes nothing for 50 ms while it is not read from has its
//!    allowance doubled, up to 256 MiB; it falls back once all is taken.
//! 3. *The cut.* A connection above 256 MiB that takes nothing for a minute is closed. `client-output-buffer-limit`,
//!    which the library looks after, may close it earlier.
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
const FILES_RESERVED: u64 = 32;

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
}

impl Pressure {
    pub fn new(now_ms: u64) -> Self {
        Self { allowance: ALLOWANCE_MIN, moved_ms: now_ms }
    }

    /// The bytes that may wait while the connection is still read from.
    pub fn allowance(&self) -> usize {
        self.allowance
    }

    /// Notes that the peer took some of it, or that replies begin to wait; `left` bytes do.
    pub fn moved(&mut self, left: usize, now_ms: u64) {
        self.moved_ms = now_ms;
        if left == 0 {
            self.allowance = ALLOWANCE_MIN;
        }
    }

    /// Judges a connection on which `waiting` bytes wait, now and then. One that is `leaving` has nothing more to say.
    pub fn judge(&mut self, waiting: usize, leaving: bool, now_ms: u64) -> Verdict {
        let still_ms = now_ms.saturating_sub(self.moved_ms);
        if (leaving || waiting > ALLOWANCE_MAX) && still_ms >= STALL_MS {
            return Verdict::Cut("it does not take its replies");
        }
        if waiting > self.allowance && still_ms >= PATIENCE_MS && self.allowance < ALLOWANCE_MAX {
            self.allowance = (waiting * 2).clamp(self.allowance, ALLOWANCE_MAX);
        }
        Verdict::Fine
    }
}

/// Lets the process open files for `clients` connections, as far as it may, and returns for how many it can.
pub fn raise_open_files(clients: u64) -> u64 {
    let want = clients + FILES_RESERVED;
    let limit = getrlimit(Resource::Nofile);
    let Some(now) = limit.current.filter(|now| *now < want) else { return clients };
    let reach = limit.maximum.map_or(want, |most| most.min(want));
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(reach), maximum: limit.maximum }).is_ok();
    let have = if raised { reach } else { now };
    if have >= want {
        return clients;
    }
    let possible = have.saturating_sub(FILES_RESERVED).max(1);
    eprintln!(
        "tenon: {have} files may be open: maxclients is {possible} instead of {clients} (see ulimit -n)"
    );
    possible
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_lets_a_pipeline_go_on_and_ends_when_it_is_abused() {
        let mut pressure = Pressure::new(0);
        let waiting = ALLOWANCE_MIN + 1;
        assert_eq!(pressure.judge(waiting, false, PATIENCE_MS - 1), Verdict::Fine);
        assert_eq!(pressure.allowance(), ALLOWANCE_MIN, "patience takes its time");
        assert_eq!(pressure.judge(waiting, false, PATIENCE_MS), Verdict::Fine);
        assert!(pressure.allowance() > waiting);
        let huge = ALLOWANCE_MAX + 1;
        assert_eq!(pressure.judge(huge, false, STALL_MS - 1), Verdict::Fine);
        assert_eq!(pressure.allowance(), ALLOWANCE_MAX);
        assert_eq!(pressure.judge(huge, false, STALL_MS), Verdict::Cut("it does not take its replies"));
        pressure.moved(0, STALL_MS);
        assert_eq!(pressure.allowance(), ALLOWANCE_MIN);
    }

    #[test]
    fn who_leaves_has_to_take_what_is_left() {
        let mut pressure = Pressure::new(0);
        assert_eq!(pressure.judge(1, true, STALL_MS - 1), Verdict::Fine);
        assert!(matches!(pressure.judge(1, true, STALL_MS), Verdict::Cut(_)));
        assert_eq!(pressure.judge(1, false, STALL_MS), Verdict::Fine);
    }
}
