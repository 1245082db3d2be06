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

use listener::Listener;
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize},
};
use worker::Worker;

/// What the threads of a server share.
pub struct Shared {
    pub settings: Settings,
    /// Connections that are open.
    pub open: AtomicUsize,
    /// No connection is taken any more; what is owed is sent.
    pub stopping: Arc<AtomicBool>,
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
    let workers: Vec<Worker> = (0..shared.settings.threads)
        .map(|index| Worker::start(index, shared.clone()))
        .collect::<std::io::Result<_>>()
        .map_err(|error| format!("cannot start a thread: {error}"))?;
    listener.announce();
    let end = listener.run(&workers);
    drop(listener);
    for worker in workers {
        worker.join()?;
    }
    db.close().map_err(|error| format!("cannot keep what was written: {error}"))?;
    end
}
