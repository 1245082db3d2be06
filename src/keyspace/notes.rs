//! What a running command says to others than its caller: keyspace events, and messages. A gate delivers it at the
//! end of its step, while its stripes are still locked, so that everybody hears it in the order in which it happened;
//! of a step that is rolled back nobody hears anything.
use crate::base::bytes::Bytes;
pub use crate::base::events::Classes;

/// Whom a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Subscribers of the channel, and of patterns that match it: PUBLISH.
    Channel,
    /// Subscribers of the shard channel: SPUBLISH.
    Shard,
}

/// Something a command said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A keyspace event.
    Event { name: &'static str, db: u32, key: Bytes },
    /// A message.
    Message { audience: Audience, channel: Bytes, body: Bytes },
    /// The command itself, for those who monitor.
    Line(Bytes),
}

/// Who listens, as far as commands may know.
pub trait Listeners {
    /// How many subscribers a message to `channel` reaches now.
    fn count(&self, audience: Audience, channel: &[u8]) -> usize;
}

/// What a command has said, in order; and what is worth saying.
#[derive(Debug, Default)]
pub struct Notes {
    list: Vec<Note>,
    /// The events that are of interest.
    classes: Classes,
}

impl Notes {
    /// Nothing said yet.
    #[inline]
    pub(super) fn of(classes: Classes) -> Self {
        Self { list: Vec::new(), classes }
    }

    /// The events that are of interest.
    #[inline]
    pub(super) fn classes(&self) -> Classes {
        self.classes
    }

    /// Takes what was said.
    #[inline]
    pub fn take(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.list)
    }

    /// Adds something that was not said by the command itself.
    pub fn push(&mut self, note: Note) {
        self.list.push(note);
    }

    /// Says that something of `class` happened to `key`, when somebody listens to that class.
    #[inline]
    pub(super) fn event(&mut self, class: Classes, name: &'static str, db: u32, key: &[u8]) {
        if self.classes.has(class) {
            self.add(name, db, key);
        }
    }

    #[cold]
    fn add(&mut self, name: &'static str, db: u32, key: &[u8]) {
        self.list.push(Note::Event { name, db, key: Bytes::copy(key) });
    }
}

impl super::view::View<'_> {
    /// Says that something of `class` happened to `key`, when somebody listens to that class. While a collection is
    /// open, [`Mut::notify`](super::view::Mut::notify) says it.
    #[inline]
    pub fn notify(&mut self, class: Classes, name: &'static str, key: &[u8]) {
        self.notes.event(class, name, self.db, key);
    }

    /// Sends a message when the step ends, and returns how many subscribers it reaches.
    pub fn publish(&mut self, audience: Audience, channel: &[u8], body: &[u8]) -> usize {
        let count = self.listeners.map_or(0, |listeners| listeners.count(audience, channel));
        if count > 0 {
            let (channel, body) = (Bytes::copy(channel), Bytes::copy(body));
            self.notes.list.push(Note::Message { audience, channel, body });
        }
        count
    }
}
