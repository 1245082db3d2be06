//! The scripts that run at the moment, so that they can be stopped from outside.
//!
//! Each is one number, changed by exchanges, because who stops it holds no lock of its keys:
//!
//! ```text
//!             SCRIPT KILL
//!   RUNNING ─────────────▶ STOPPED    every line of it raises from now on
//!      │
//!      └── its first write ──▶ WROTE  it cannot be stopped any more: it would be half done
//!                                │
//!                                └── the database closes ──▶ CUT OFF  as STOPPED: nothing of it is kept
//! ```
use crate::base::{
    clock::Stopwatch,
    error::{Error, Kind, Result},
    lock::{Condvar, Mutex},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

const RUNNING: u32 = 0;
/// What the layer below looks for: an odd number.
const STOPPED: u32 = 1;
const WROTE: u32 = 2;
const CUT_OFF: u32 = 3;

/// One script that runs.
#[derive(Debug)]
pub struct Progress {
    state: AtomicU32,
    since: Stopwatch,
    /// It has all keys locked; one inside a transaction's closure has none, and nobody waits for it.
    holds_keys: bool,
}

impl Progress {
    /// What the layer below looks at.
    pub fn flag(&self) -> &AtomicU32 {
        &self.state
    }

    /// Notes that the script is about to write. False: it has been stopped.
    pub fn write(&self) -> bool {
        let changed = self.state.compare_exchange(RUNNING, WROTE, Ordering::AcqRel, Ordering::Acquire);
        changed.is_ok() || changed == Err(WROTE)
    }

    pub fn is_stopped(&self) -> bool {
        matches!(self.state.load(Ordering::Acquire), STOPPED | CUT_OFF)
    }

    /// Stops it, unless it has written. False: it goes on.
    pub fn stop(&self) -> bool {
        let changed = self.state.compare_exchange(RUNNING, STOPPED, Ordering::AcqRel, Ordering::Acquire);
        changed.is_ok() || matches!(changed, Err(STOPPED | CUT_OFF))
    }

    fn cut_off(&self) {
        if !self.stop() {
            self.state.store(CUT_OFF, Ordering::Release);
        }
    }
}

/// The scripts that run.
#[derive(Debug, Default)]
pub struct Running {
    all: Mutex<Vec<Arc<Progress>>>,
    /// Told when one ends.
    ended: Condvar,
    /// The database closes: none begins.
    closing: AtomicBool,
    /// One of them has run for too long. Read by every command, written hardly ever.
    busy: AtomicBool,
}

/// A script that runs, until this is dropped.
pub struct Entered<'r> {
    running: &'r Running,
    pub progress: Arc<Progress>,
}

impl Running {
    /// Notes that a script begins.
    pub fn enter(&self, holds_keys: bool) -> Result<Entered<'_>> {
        let progress =
            Arc::new(Progress { state: AtomicU32::new(RUNNING), since: Stopwatch::start(), holds_keys });
        let mut all = self.all.lock();
        if self.closing.load(Ordering::Relaxed) {
            return Err(Error::new(Kind::Closed, "ERR the database is closed"));
        }
        all.push(Arc::clone(&progress));
        Ok(Entered { running: self, progress })
    }

    /// Tells whether one runs that has the keys.
    pub fn is_any(&self) -> bool {
        self.all.lock().iter().any(|progress| progress.holds_keys)
    }

    /// Tells whether one that has the keys has run for `threshold_ms` (0: for ever), and notes it: one whose single command takes long
    /// cannot say so itself.
    pub fn is_long(&self, threshold_ms: u64) -> bool {
        let is_long = |progress: &Arc<Progress>| {
            progress.holds_keys && progress.since.elapsed_us() / 1000 >= threshold_ms
        };
        if self.is_busy() {
            return true;
        }
        let all = self.all.lock();
        if threshold_ms == 0 || !all.iter().any(is_long) {
            return false;
        }
        // Under the lock: otherwise its end could come between.
        self.take_long();
        true
    }

    /// Lets none begin, stops those that have not written, and waits for the others, but not for ever. True: none runs.
    pub fn stop_for(&self, patience: Duration) -> bool {
        let mut all = self.all.lock();
        self.closing.store(true, Ordering::Relaxed);
        let waited = Stopwatch::start();
        while !all.is_empty() {
            all.iter().for_each(|progress| _ = progress.stop());
            let left = patience.saturating_sub(Duration::from_micros(waited.elapsed_us()));
            if left.is_zero() || self.ended.wait_for(&mut all, left).timed_out() {
                return all.is_empty();
            }
        }
        true
    }

    /// Stops all, also those that have written.
    pub fn cut_off(&self) {
        self.all.lock().iter().for_each(|progress| progress.cut_off());
    }

    /// Ends what [`Running::stop_for`] began: scripts may begin again.
    pub fn go_on(&self) {
        let _all = self.all.lock();
        self.closing.store(false, Ordering::Relaxed);
    }

    /// Notes that one of them has run for too long.
    pub fn take_long(&self) {
        self.busy.store(true, Ordering::Relaxed);
    }

    #[inline]
    pub fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Relaxed)
    }

    /// Stops those that have not written: of those that others wait for, if there are any.
    pub fn kill(&self) -> Result<()> {
        let all = self.all.lock();
        if all.is_empty() {
            return Err(Error::new(Kind::Conflict, "NOTBUSY No scripts in execution right now."));
        }
        let waited_for = all.iter().any(|progress| progress.holds_keys);
        let meant = all.iter().filter(|progress| progress.holds_keys == waited_for);
        // Each of them is asked, also when one was stopped already.
        let stopped = meant.filter(|progress| progress.stop()).count();
        if stopped == 0 {
            return Err(Error::new(
                Kind::Conflict,
                "UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait \
                 the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.",
            ));
        }
        Ok(())
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        let mut all = self.running.all.lock();
        all.retain(|progress| !Arc::ptr_eq(progress, &self.progress));
        if self.running.is_busy() {
            // Another that takes long says so again.
            self.running.busy.store(false, Ordering::Relaxed);
        }
        self.running.ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_written_is_not_stopped() {
        let running = Running::default();
        assert_eq!(running.kill().unwrap_err().code(), "NOTBUSY");
        let reader = running.enter(true).unwrap();
        assert!(running.kill().is_ok() && reader.progress.is_stopped() && !reader.progress.write());
        drop(reader);
        let writer = running.enter(true).unwrap();
        assert!(writer.progress.write() && writer.progress.write());
        assert_eq!(running.kill().unwrap_err().code(), "UNKILLABLE");
        assert!(!writer.progress.is_stopped());
        assert!(!running.stop_for(Duration::ZERO));
        assert!(!writer.progress.is_stopped() && running.enter(true).is_err());
        running.cut_off();
        assert!(writer.progress.is_stopped() && !writer.progress.write());
        drop(writer);
        running.go_on();
        assert!(running.enter(true).is_ok() && !running.is_any());
        assert_eq!(running.kill().unwrap_err().code(), "NOTBUSY");
    }

    #[test]
    fn one_without_keys_keeps_nobody_waiting_and_is_killed_when_no_other_runs() {
        let running = Running::default();
        let apart = running.enter(false).unwrap();
        std::thread::sleep(Duration::from_millis(2));
        assert!(!running.is_any() && !running.is_long(1) && !running.is_busy());
        let holder = running.enter(true).unwrap();
        assert!(running.is_any() && holder.progress.write());
        assert_eq!(running.kill().unwrap_err().code(), "UNKILLABLE");
        assert!(!apart.progress.is_stopped());
        drop(holder);
        assert!(running.kill().is_ok() && apart.progress.is_stopped());
        assert!(!running.stop_for(Duration::ZERO), "closing waits for it, too");
    }
}
