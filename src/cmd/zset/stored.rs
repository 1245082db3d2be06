//! Results that are stored at a key: ZRANGESTORE, ZUNIONSTORE, ZINTERSTORE, ZDIFFSTORE.
use crate::{
    base::emit::{Emit, Sink},
    keyspace::{notes::Classes, view::View},
    value::ZSet,
};

/// What was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// The number of members.
    pub count: u64,
    /// A key was made, or one was removed.
    pub changed: bool,
}

impl Stored {
    /// Puts `set` at `target`, whatever was there; an empty one just removes the key. `event` is what that is
    /// called.
    pub fn put(view: &mut View<'_>, target: &[u8], set: ZSet, event: &'static str) -> Self {
        let count = set.len() as u64;
        if count == 0 {
            return Self { count, changed: view.delete(target) };
        }
        view.replace(target, set);
        view.notify(Classes::ZSET, event, target);
        Self { count, changed: true }
    }
}

impl Emit for Stored {
    fn emit(self, to: &mut dyn Sink) {
        self.count.emit(to);
    }
}

impl From<Stored> for u64 {
    fn from(stored: Stored) -> Self {
        stored.count
    }
}
