//! What happened to a task: a list beside it, to which every step adds a line in the same transaction in which it acts.
//!
//! ```text
//!   run W        worker W has begun
//!   back W B     process B has taken the task back from W, whose heartbeat had stopped
//!   done W       worker W has finished
//! ```
//!
//! A task may be run again after it was taken back, and only then; it is done once, by the one who ran it last.
use std::ops::AddAssign;
use tenondb::Bytes;

/// How often things happened.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    pub runs: u64,
    /// Taken back from a worker whose process was killed …
    pub back_from_killed: u64,
    /// … and from one whose heartbeat stopped while its process went on.
    pub back_from_silent: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.runs += other.runs;
        self.back_from_killed += other.back_from_killed;
        self.back_from_silent += other.back_from_silent;
    }
}

/// The process that a worker belongs to: the first part of its name.
pub fn boot_of(worker: &str) -> u64 {
    worker.split('.').next().and_then(|boot| boot.parse().ok()).unwrap_or(0)
}

/// Follows the lines of one task, and counts them, or says what cannot be.
pub fn read(lines: &[Bytes]) -> Result<Tally, String> {
    let (mut tally, mut holder, mut done) = (Tally::default(), None, false);
    for line in lines {
        let line = line.to_string();
        let words: Vec<&str> = line.split(' ').collect();
        if done {
            return Err(format!("`{line}` after it was done"));
        }
        match words[..] {
            ["run", worker] => {
                if let Some(other) = holder.replace(worker.to_owned()) {
                    return Err(format!("`{line}` while {other} held it"));
                }
                tally.runs += 1;
            }
            ["back", worker, boot] => {
                // Nobody: it was taken to be run, and the worker stopped before it had begun.
                if holder.take().is_some_and(|other| other != worker) {
                    return Err(format!("`{line}` while another held it"));
                }
                let is_killed = boot.parse().is_ok_and(|boot: u64| boot_of(worker) < boot);
                tally.back_from_killed += u64::from(is_killed);
                tally.back_from_silent += u64::from(!is_killed);
            }
            ["done", worker] if holder.as_deref() == Some(worker) => done = true,
            _ => return Err(format!("`{line}` while {holder:?} held it")),
        }
    }
    if done { Ok(tally) } else { Err("it was never done".into()) }
}
