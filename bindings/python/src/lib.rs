//! The native half of the Python package: a database, its transactions, subscriptions and connections, and nothing that
//! decides what a command means. The other half, in Python, builds arguments and reshapes replies.
//!
//! - The interpreter is let go only for what may block or take long (`home.rs`, `facts.rs`).
//! - A quick call that has to wait after all lets it go then (`attached.rs`).
//! - No thread of the engine ever runs Python: an event loop is told by a descriptor (`poller.rs`).
//! - No Python object is made, read or dropped while the engine holds a lock.
mod attached;
mod clock;
mod db;
mod error;
mod facts;
mod home;
mod line;
mod options;
mod pack;
mod poller;
mod replies;
mod seat;
mod sub;
mod txn;
mod value;
mod view;
mod wait;
mod word;

/// The module `tenondb._native`.
#[pyo3::pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use crate::{
        clock::Clock,
        db::Db,
        line::Line,
        pack::{Packer, Sender},
        poller::Poller,
        replies::Replies,
        sub::{PrefixWatch, Subscription},
        txn::Transaction,
        view::Value,
        wait::Pending,
    };
}
