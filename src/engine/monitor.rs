//! Who is shown all commands (`MONITOR`).
use super::{Core, pubsub::Rings};
use crate::base::lock::Mutex;
use crate::{
    base::bytes::Bytes,
    cmd::session::mailbox::{Letter, Mailbox, Name, Post, Put},
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

/// The readers of all commands. The lock is a leaf, except that mailboxes are put into while it is held: the lines of one
/// step stand together.
#[derive(Default)]
pub struct Monitors {
    readers: Mutex<Vec<Arc<Mailbox>>>,
    /// Their number, for those who want to know whether there are any.
    count: AtomicUsize,
}

impl Monitors {
    /// Tells whether anybody is shown commands: one load.
    #[inline]
    pub fn is_any(&self) -> bool {
        self.count.load(Relaxed) > 0
    }

    /// Adds a reader. False: it was there already.
    pub fn add(&self, reader: &Arc<Mailbox>) -> bool {
        let mut readers = self.readers.lock();
        let is_new = !readers.iter().any(|other| Arc::ptr_eq(other, reader));
        if is_new {
            readers.push(Arc::clone(reader));
        }
        self.count.store(readers.len(), Relaxed);
        is_new
    }

    /// Takes a reader out.
    pub fn remove(&self, reader: &Arc<Mailbox>) {
        let mut readers = self.readers.lock();
        readers.retain(|other| !Arc::ptr_eq(other, reader));
        self.count.store(readers.len(), Relaxed);
    }
}

impl Core {
    /// Shows commands to all who monitor.
    #[cold]
    pub(super) fn show(&self, lines: Vec<Bytes>, rings: &mut Rings) {
        let post = Post { limit: self.config.pubsub_limit(), clock: &self.clock };
        let readers = self.monitors.readers.lock();
        let mut cuts = 0;
        for line in lines {
            let now_us = self.clock.now_us();
            let mut text = format!("{}.{:06} ", now_us / 1_000_000, now_us % 1_000_000).into_bytes();
            text.extend_from_slice(&line);
            let text: Name = text.into();
            for reader in &*readers {
                let put = reader.put(Letter::Line(Arc::clone(&text)), &post);
                cuts += u64::from(put == Put::Cut);
                if matches!(put, Put::First | Put::Cut) {
                    rings.add(reader);
                }
            }
        }
        if cuts > 0 {
            self.counters.output_limit_disconnections.fetch_add(cuts, Relaxed);
        }
    }
}
