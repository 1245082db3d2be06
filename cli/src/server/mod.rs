//! `tenon serve`: moves bytes between sockets and connections of the library. No command is known here.
//!
//! One thread accepts and hears signals (`listener`), a few serve (`worker`), each its own share of the
//! connections (`peer`). A connection stays on its thread, so nothing here is locked while bytes move.
mod bell;
mod config;
mod limits;
mod listener;
mod peer;
mod settings;
mod stream;
mod worker;

pub use settings::{DIRECTIVES, Settings};

use crate::clock;
use listener::Listener;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize},
    },
    time::Duration,
};
use worker::Worker;

/// How often a server that stops looks whether its threads have come to their end.
const LOOK_AT_ENDS: Duration = Duration::from_millis(2);

/// What the threads of a server share.
pub struct Shared {
    pub settings: Settings,
    /// Connections that are open.
    pub open: AtomicUsize,
    /// No connection is taken any more; what is owed is sent.
    pub stopping: Arc<AtomicBool>,
}

/// Waits until all threads have come to their end, as long as a farewell may take.
fn await_ends(workers: &[Worker]) {
    let end_ms = clock::now_ms() + limits::FAREWELL_MS;
    while !workers.iter().all(Worker::has_ended) && clock::now_ms() < end_ms {
        std::thread::sleep(LOOK_AT_ENDS);
    }
}

/// Serves until a signal ends it.
///
/// # Errors
/// Why it could not start, in words for the person who started it.
pub fn serve(settings: Settings) -> Result<(), String> {
    settings.check()?;
    let clients = settings.db.settings().maxclients;
    let possible = limits::raise_open_files(clients);
    if possible < clients {
        settings.db.configure(|settings| settings.maxclients = possible);
    }
    settings.publish();
    let db = settings.db.clone();
    let shared = Arc::new(Shared { settings, open: AtomicUsize::new(0), stopping: Arc::default() });
    let mut listener = Listener::open(shared.clone())?;
    // One more than are wanted: while scripts have all of these, somebody has to read SCRIPT KILL.
    let workers: Vec<Worker> = (0..=shared.settings.threads)
        .map(|index| Worker::start(index, shared.clone()))
        .collect::<std::io::Result<_>>()
        .map_err(|error| format!("cannot start a thread: {error}"))?;
    listener.announce();
    let end = listener.run(&workers);
    drop(listener);
    // A script that has not written, if there is one, is over; for another the others' farewell is long enough.
    let _ = db.call(["SCRIPT", "KILL"]);
    await_ends(&workers);
    let closed = db.close();
    await_ends(&workers);
    // One in memory, whose script has written and does not end, is left where it is: the process ends with it.
    for worker in workers.into_iter().filter(Worker::has_ended) {
        worker.join()?;
    }
    closed.map_err(|error| format!("cannot keep what was written: {error}"))?;
    end
}
