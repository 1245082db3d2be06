//! The directories that this process has open. Opening one twice gives the same engine; one that is being closed is
//! waited for.
use super::Core;
use crate::base::lock::{Condvar, Mutex};
use crate::store::region::PerProcess;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock, Weak},
};

type Slots = HashMap<(PathBuf, u64), Arc<Slot>>;

static REGISTRY: LazyLock<PerProcess<Mutex<Slots>>> = LazyLock::new(PerProcess::new);

/// One directory, by its canonical path and its number: one that was removed and made again is another one.
#[derive(Default)]
pub struct Slot {
    state: Mutex<State>,
    closed: Condvar,
}

#[derive(Default)]
struct State {
    core: Weak<Core>,
    /// An engine has it, which may be about to close.
    taken: bool,
}

/// The directory at `path`, which exists.
pub fn slot(path: &Path) -> std::io::Result<Arc<Slot>> {
    let path = path.canonicalize()?;
    let number = number(&path)?;
    Ok(Arc::clone(REGISTRY.own().lock().entry((path, number)).or_default()))
}

#[cfg(unix)]
fn number(path: &Path) -> std::io::Result<u64> {
    Ok(std::os::unix::fs::MetadataExt::ino(&path.metadata()?))
}

#[cfg(not(unix))]
fn number(_: &Path) -> std::io::Result<u64> {
    Ok(0)
}

impl Slot {
    /// Returns the engine that has the directory, or makes one. Others who open it at the same time wait.
    pub fn engine<E>(&self, make: impl FnOnce() -> Result<Arc<Core>, E>) -> Result<Arc<Core>, E> {
        let mut state = self.state.lock();
        loop {
            match state.core.upgrade() {
                Some(core) => return Ok(core),
                None if !state.taken => break,
                None => {}
            }
            // Somebody is opening it, or its last handle has gone and its files are being closed.
            self.closed.wait(&mut state);
        }
        // Without the lock: an engine that comes to nothing says so here, too.
        *state = State { core: Weak::new(), taken: true };
        drop(state);
        match make() {
            Ok(core) => {
                self.state.lock().core = Arc::downgrade(&core);
                self.closed.notify_all();
                Ok(core)
            }
            Err(error) => {
                self.leave();
                Err(error)
            }
        }
    }

    /// Says that the engine is about to let the directory go: who opens it now waits.
    pub fn begin_leaving(&self) {
        self.state.lock().core = Weak::new();
    }

    /// Says that the files are closed: the directory may be opened again.
    pub fn leave(&self) {
        *self.state.lock() = State::default();
        self.closed.notify_all();
    }
}
