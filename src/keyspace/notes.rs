//! What a running command says to others than its caller: keyspace events, and messages. A gate delivers it at the
//! end of its step, while its stripes are still locked, so that everybody hears it in the order in which it happened;
//! of a step that is rolled back nobody hears anything.
use crate::base::bytes::Bytes;

/// Classes of keyspace events: the letters of `notify-keyspace-events`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Classes(u32);

impl Classes {
    pub const KEYSPACE: Self = Self(1 << 0);
    pub const KEYEVENT: Self = Self(1 << 1);
    pub const GENERIC: Self = Self(1 << 2);
    pub const STRING: Self = Self(1 << 3);
    pub const LIST: Self = Self(1 << 4);
    pub const SET: Self = Self(1 << 5);
    pub const HASH: Self = Self(1 << 6);
    pub const ZSET: Self = Self(1 << 7);
    pub const EXPIRED: Self = Self(1 << 8);
    pub const EVICTED: Self = Self(1 << 9);
    pub const STREAM: Self = Self(1 << 10);
    pub const KEYMISS: Self = Self(1 << 11);
    pub const MODULE: Self = Self(1 << 13);
    pub const NEW: Self = Self(1 << 14);
    pub const OVERWRITTEN: Self = Self(1 << 15);
    pub const TYPE_CHANGED: Self = Self(1 << 16);

    /// Tells whether one of `others` is among these.
    #[inline]
    pub const fn has(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// Tells whether there is none.
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// These and `others`.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }
}

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
    Event { class: Classes, name: &'static str, db: u32, key: Bytes },
    /// A message.
    Message { audience: Audience, channel: Bytes, body: Bytes },
}

/// Who listens, as far as commands may know.
pub trait Listeners {
    /// How many subscribers a message to `channel` reaches now.
    fn count(&self, audience: Audience, channel: &[u8]) -> usize;
}

/// What one command has said, in order.
pub struct Notes<'v> {
    list: Vec<Note>,
    /// The events that are of interest.
    classes: Classes,
    listeners: Option<&'v dyn Listeners>,
}

impl<'v> Notes<'v> {
    /// Nothing said yet.
    #[inline]
    pub(super) fn of(classes: Classes) -> Self {
        Self { list: Vec::new(), classes, listeners: None }
    }

    /// Takes what was said.
    #[inline]
    pub fn take(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.list)
    }

    /// Lets messages know whom they reach.
    pub fn heard_by(&mut self, listeners: &'v dyn Listeners) {
        self.listeners = Some(listeners);
    }
}

impl super::view::View<'_> {
    /// Says that something of `class` happened to `key`, when somebody listens to that class.
    #[inline]
    pub fn notify(&mut self, class: Classes, name: &'static str, key: &[u8]) {
        if self.notes.classes.has(class) {
            let note = Note::Event { class, name, db: self.db, key: Bytes::copy(key) };
            self.notes.list.push(note);
        }
    }

    /// Sends a message when the step ends, and returns how many subscribers it reaches.
    pub fn publish(&mut self, audience: Audience, channel: &[u8], body: &[u8]) -> usize {
        let count = self.notes.listeners.map_or(0, |listeners| listeners.count(audience, channel));
        if count > 0 {
            let (channel, body) = (Bytes::copy(channel), Bytes::copy(body));
            self.notes.list.push(Note::Message { audience, channel, body });
        }
        count
    }
}
