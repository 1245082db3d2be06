//! What is left of a step when its commands have run: notes for others, callers that were served.
//!
//! It is collected and delivered while the step's stripes are locked, so that everybody hears of all steps in one order;
//! delivering is appending to mailboxes. Who has to be woken is woken when the locks have gone.
use super::{Core, pubsub::Rings, wait::Waiter};
use crate::{
    base::{bytes::Bytes, events::Classes},
    cmd::session::mailbox::Topic,
    keyspace::{
        interest::Touched,
        locks::Held,
        notes::{Audience, Listeners, Note},
        stripe::{Dead, Stripe},
    },
};
use std::sync::Arc;

/// A key that has changed, for those who cache it.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// `None`: any key may have.
    pub key: Option<Bytes>,
    /// The connection whose command it was; 0: none.
    pub who: u64,
}

impl Change {
    /// The key, or nothing.
    pub fn name(&self) -> &[u8] {
        self.key.as_deref().unwrap_or_default()
    }
}

/// See the module.
#[derive(Default)]
pub(super) struct Aftermath {
    /// Keys that somebody waits for and that have changed.
    pub ready: Vec<(u8, u64)>,
    pub changes: Vec<Change>,
    pub notes: Vec<Note>,
    /// Callers that were served, in that order.
    pub served: Vec<Arc<Waiter>>,
    /// Subscribers that have something to read.
    pub rings: Rings,
    /// The connection whose commands those are that are collected next; 0: none.
    pub who: u64,
}

impl Aftermath {
    /// Takes what was noted in a stripe.
    #[inline]
    pub fn collect_one(&mut self, stripe: &mut Stripe) {
        if stripe.tally.interest.has_noted() {
            let noted = stripe.tally.interest.take();
            self.ready.extend(noted.ready);
            let who = self.who;
            self.changes.extend(noted.touched.into_iter().map(|touched| match touched {
                Touched::Key(key) => Change { key: Some(key), who },
                Touched::Expired(key) => Change { key: Some(key), who: 0 },
                Touched::All => Change { key: None, who },
            }));
            self.notes.extend(noted.events);
        }
    }

    /// Takes what was noted in the held stripes.
    pub fn collect(&mut self, held: &mut Held<'_>) {
        held.iter_mut().for_each(|stripe| self.collect_one(stripe));
    }

    fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.served.is_empty() && self.rings.is_empty()
    }
}

impl Core {
    /// Ends a step whose commands have run and are kept: serves those who wait for what it has changed, delivers what was
    /// noted, unlocks, wakes who has to be woken, and frees. `dead` is what [`Core::end`] left of the commands; `wanted`: it
    /// may have given the upkeep something to do.
    pub(super) fn close(
        &self,
        mut held: Held<'_>,
        now_ms: u64,
        mut after: Aftermath,
        mut dead: Vec<Dead>,
        wanted: bool,
    ) {
        if self.serve(&mut held, now_ms, &mut after) {
            dead.append(&mut self.end(&mut held, false));
            after.collect(&mut held);
        }
        if !(after.notes.is_empty() && after.changes.is_empty()) {
            self.deliver(&mut after);
        }
        drop(held);
        self.finish(after);
        self.after(dead, wanted);
    }

    /// Appends notes to the mailboxes of those who listen.
    #[cold]
    pub(super) fn deliver(&self, after: &mut Aftermath) {
        self.deliver_notes(std::mem::take(&mut after.notes), &mut after.rings);
        if !after.changes.is_empty() {
            self.invalidate(std::mem::take(&mut after.changes), &mut after.rings);
        }
    }

    fn deliver_notes(&self, notes: Vec<Note>, rings: &mut Rings) {
        let mut lines = Vec::new();
        for note in notes {
            match note {
                Note::Event { name, db, key } => self.tell(name, db, &key, rings),
                Note::Message { audience, channel, body } => {
                    self.send(topic(audience), &channel, &body, rings);
                }
                Note::Line(line) => lines.push(line),
            }
        }
        if !lines.is_empty() {
            self.show(lines, rings);
        }
    }

    /// An event goes to the channel of its key, to that of its name, or to both.
    fn tell(&self, name: &'static str, db: u32, key: &[u8], rings: &mut Rings) {
        let classes = self.config.with(|settings| settings.notify_keyspace_events);
        let name = name.as_bytes();
        for (class, kind, about, body) in
            [(Classes::KEYSPACE, "keyspace", key, name), (Classes::KEYEVENT, "keyevent", name, key)]
        {
            if classes.has(class) {
                let channel = [format!("__{kind}@{db}__:").as_bytes(), about].concat();
                self.send(Topic::Channel, &channel, body, rings);
            }
        }
    }

    /// Delivers what a command has said that holds no stripe, and wakes who has to be woken.
    pub(super) fn deliver_now(&self, notes: Vec<Note>) {
        let mut rings = Rings::default();
        self.deliver_notes(notes, &mut rings);
        rings.ring();
    }

    /// Wakes who has to be woken. The locks have gone.
    #[inline]
    pub(super) fn finish(&self, after: Aftermath) {
        if !after.is_empty() {
            self.finish_slowly(after);
        }
    }

    #[cold]
    fn finish_slowly(&self, after: Aftermath) {
        after.served.iter().for_each(|waiter| waiter.wake());
        after.rings.ring();
        if !after.ready.is_empty() {
            self.serve_apart(after.ready);
        }
    }
}

/// What subscribers of an audience have subscribed to.
fn topic(audience: Audience) -> Topic {
    match audience {
        Audience::Channel => Topic::Channel,
        Audience::Shard => Topic::Shard,
    }
}

impl Listeners for Core {
    fn count(&self, audience: Audience, channel: &[u8]) -> usize {
        self.pubsub.audience(topic(audience), channel)
    }
}
