//! The scripts that run at the moment, so that they can be stopped from outside.
//!
//! Each is one number, changed by exchanges, because who stops it holds no lock of its keys:
//!
//! ```text
//!             SCRIPT KILL
//!   RUNNING ─────────────▶ STOPPED    every line of it raises from now on
//!      │
//!      └── its first write ──▶ WROTE  it cannot be stopped any more: it would be half done
//! ```
use crate::base::error::{Error, Kind, Result};
use parking_lot::Mutex;
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

const RUNNING: u32 = 0;
/// What the layer below looks for: an odd number.
const STOPPED: u32 = 1;
const WROTE: u32 = 2;

/// One script that runs.
#[derive(Debug, Default)]
pub struct Progress(AtomicU32);

impl Progress {
    /// What the layer below looks at.
    pub fn flag(&self) -> &AtomicU32 {
        &self.0
    }

    /// Notes that the script is about to write. False: it has been stopped.
    pub fn write(&self) -> bool {
        let changed = self.0.compare_exchange(RUNNING, WROTE, Ordering::AcqRel, Ordering::Acquire);
        changed.is_ok() || changed == Err(WROTE)
    }

    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Acquire) == STOPPED
    }

    fn stop(&self) -> bool {
        let changed = self.0.compare_exchange(RUNNING, STOPPED, Ordering::AcqRel, Ordering::Acquire);
        changed.is_ok() || changed == Err(STOPPED)
    }
}

/// The scripts that run.
#[derive(Debug, Default)]
pub struct Running {
    all: Mutex<Vec<Arc<Progress>>>,
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
    pub fn enter(&self) -> Entered<'_> {
        let progress = Arc::<Progress>::default();
        self.all.lock().push(Arc::clone(&progress));
        Entered { running: self, progress }
    }

    /// Notes that one of them has run for too long.
    pub fn take_long(&self) {
        self.busy.store(true, Ordering::Relaxed);
    }

    #[inline]
    pub fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Relaxed)
    }

    /// Stops those that have not written.
    pub fn kill(&self) -> Result<()> {
        let all = self.all.lock();
        if all.is_empty() {
            return Err(Error::new(Kind::Conflict, "NOTBUSY No scripts in execution right now."));
        }
        // Each of them is asked, also when one was stopped already.
        let stopped = all.iter().filter(|progress| progress.stop()).count();
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_written_is_not_stopped() {
        let running = Running::default();
        assert_eq!(running.kill().unwrap_err().code(), "NOTBUSY");
        let reader = running.enter();
        assert!(running.kill().is_ok() && reader.progress.is_stopped() && !reader.progress.write());
        drop(reader);
        let writer = running.enter();
        assert!(writer.progress.write() && writer.progress.write());
        assert_eq!(running.kill().unwrap_err().code(), "UNKILLABLE");
        assert!(!writer.progress.is_stopped());
        drop(writer);
        assert_eq!(running.kill().unwrap_err().code(), "NOTBUSY");
    }
}
