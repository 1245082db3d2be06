//! `tenon serve`: moves bytes between sockets and connections of the library. No command is known here.
//!
//! One thread accepts and hears signals (`listener`), a few serve (`worker`), each its own share of the
//! connections (`peer`). A connection stays on its thread, so nothing here is locked while bytes move.
mod config;
mod limits;
mod listener;
mod outbox;
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
use tenondb::{Db, Options};
use worker::Worker;

/// What the threads of a server share.
pub struct Shared {
    pub db: Db,
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
pub fn serve(mut settings: Settings) -> Result<(), String> {
    settings.check()?;
    settings.clients_max = limits::raise_open_files(settings.clients_max);
    let options = Options { encodings: settings.encodings, ..Options::default() };
    let db = Db::with(options);
    let shared = Arc::new(Shared { db, settings, open: AtomicUsize::new(0), stopping: Arc::default() });
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
    end
}
