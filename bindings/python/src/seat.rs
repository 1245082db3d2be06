//! Which directories this process has open, how often, and as what: one `open()` takes a seat, the last to leave closes.
use crate::{error, options::Asked};
use pyo3::prelude::*;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};
use tenondb::{Error, Kind};

/// A directory that is open.
struct Table {
    seats: usize,
    /// What the first has asked for: the engine is one for all.
    asked: Arc<Asked>,
}

struct Open {
    process: u32,
    tables: BTreeMap<PathBuf, Table>,
}

/// Only looked at for a moment, with the interpreter held: nobody forks meanwhile.
static OPEN: Mutex<Open> = Mutex::new(Open { process: 0, tables: BTreeMap::new() });

fn open() -> MutexGuard<'static, Open> {
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if open.process != process {
        // The child of a fork has opened nothing yet.
        *open = Open { process, tables: BTreeMap::new() };
    }
    open
}

/// One `open()` of a directory. Dropping it leaves.
pub struct Seat {
    path: PathBuf,
    left: AtomicBool,
}

impl Seat {
    /// Takes a seat at `path`; returns it and what the engine is opened with.
    ///
    /// # Errors
    /// `MisuseError`: the directory is open already, with other options than those that `asked` has been given.
    pub fn take(py: Python<'_>, path: &Path, asked: &Arc<Asked>) -> PyResult<(Self, Arc<Asked>)> {
        let path = place(path);
        let mut open = open();
        let table =
            open.tables.entry(path.clone()).or_insert_with(|| Table { seats: 0, asked: Arc::clone(asked) });
        let differs = asked.differs(&table.asked);
        if differs.is_none() {
            table.seats += 1;
        }
        let first = Arc::clone(&table.asked);
        // Making an exception may run the garbage collector, and that anything.
        drop(open);
        if let Some(name) = differs {
            return Err(refused(py, name));
        }
        Ok((Self { path, left: AtomicBool::new(false) }, first))
    }

    /// The directory.
    pub fn path(&self) -> &PathBuf {
        &self.path
    }

    /// Leaves. True: nobody else of this process has the directory open. The second time it does nothing.
    pub fn leave(&self) -> bool {
        if self.left.swap(true, Relaxed) {
            return false;
        }
        let mut open = open();
        match open.tables.get_mut(&self.path) {
            Some(table) if table.seats > 1 => {
                table.seats -= 1;
                false
            }
            _ => open.tables.remove(&self.path).is_some(),
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Makes what is raised when `option` is not what the directory is open with.
#[cold]
pub fn refused(py: Python<'_>, option: &str) -> PyErr {
    let text = format!("ERR this process has the directory open already, with another {option}");
    error::raised(py, &Error::quoting(Kind::Misuse, text))
}

/// The one name of a directory, which may not be there yet.
fn place(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.into());
    let found = whole.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)));
    match found {
        Some((above, real)) => match whole.strip_prefix(above) {
            Ok(rest) if rest.as_os_str().is_empty() => real,
            Ok(rest) => real.join(rest),
            Err(_) => whole,
        },
        None => whole,
    }
}
