//! Several commands as one step: EXEC and batches. And what such a step may depend on: watched keys.
use super::{
    Core, Wait,
    deliver::Aftermath,
    gate::{fenced, guarded},
};
use crate::{
    base::{
        atom::Record,
        bytes::Bytes,
        error::{Error, Result},
        hash,
    },
    cmd::{
        Body, Gate, Need, Reach,
        session::{Locked, Together, WatchedKey, Watching},
    },
    keyspace::{
        locks::{Held, Stripes},
        notes::Note,
        view::{Scope, View},
    },
};
use std::cell::{Cell, RefCell};

/// A gate that holds its locks over several commands.
pub(super) struct Step<'s, 'l> {
    held: RefCell<&'s mut Held<'l>>,
    record: RefCell<Record>,
    notes: RefCell<Vec<Note>>,
    core: &'s Core,
    db: Cell<u32>,
    now_ms: u64,
    touch: bool,
    panicked: Cell<bool>,
    /// Why nothing may be written; decided once, so that no step is half refused.
    refused: Option<Error>,
}

/// What a step has left.
pub(super) struct Ended {
    pub record: Record,
    pub notes: Vec<Note>,
    pub panicked: bool,
}

impl<'s, 'l> Step<'s, 'l> {
    /// Begins with stripes that are locked. `refused`: why nothing may be written.
    pub fn new(
        core: &'s Core,
        held: &'s mut Held<'l>,
        db: u32,
        now_ms: u64,
        touch: bool,
        refused: Option<Error>,
    ) -> Self {
        let record = match held.iter_mut().next() {
            Some(stripe) => core.record(db, stripe),
            None => Record::off(),
        };
        Self {
            held: RefCell::new(held),
            record: RefCell::new(record),
            notes: RefCell::default(),
            core,
            db: Cell::new(db),
            now_ms,
            touch,
            panicked: Cell::new(false),
            refused,
        }
    }

    /// Ends it, the stripes still locked.
    pub fn end(self) -> Ended {
        Ended {
            record: self.record.into_inner(),
            notes: self.notes.into_inner(),
            panicked: self.panicked.get(),
        }
    }
}

impl Gate for Step<'_, '_> {
    fn pass(&self, need: Need<'_>, body: &mut Body<'_>) -> Result<()> {
        if self.panicked.get() {
            // What the panic left half changed is not to be built upon.
            return Err(fenced());
        }
        if let Some(refused) = self.refused.as_ref().filter(|_| need.spec.is_write()) {
            return Err(refused.clone());
        }
        let hashed: Vec<(&[u8], u64)> = need.keys.iter().map(|key| (*key, hash::bytes(key))).collect();
        let held = &mut **self.held.borrow_mut();
        let seed = held.iter_mut().next().map_or(0, |stripe| stripe.begin());
        let mut record = self.record.borrow_mut();
        record.select(self.db.get());
        let before = record.mark();
        let mut view = View::new(Scope::Many(held), &hashed, self.now_ms, seed, self.db.get());
        view.touch = self.touch;
        view.heard_by(self.core);
        let (result, panicked) = guarded(|| body(&mut view, &mut record));
        let said = view.notes.take();
        if panicked {
            record.rewind(before);
        }
        self.panicked.set(panicked && need.spec.is_write());
        self.notes.borrow_mut().extend(said);
        for stripe in held.iter_mut() {
            stripe.settle();
            if stripe.has_dead() {
                self.core.upkeep.bury_within(stripe.take_dead());
            }
        }
        result
    }
}

impl Locked for Step<'_, '_> {
    fn select(&self, db: u32) {
        self.db.set(db);
    }
}

impl Core {
    /// See [`crate::cmd::session::Server::together`].
    pub(super) fn step(&self, need: Together<'_>, body: &mut dyn FnMut(&dyn Locked)) -> Result<bool> {
        if self.is_forked() {
            return Err(Error::forked());
        }
        let watched = need.watching.map_or(&[][..], |w| &w.keys);
        let refused = self.admit().err();
        let mut held = match need.reach {
            Reach::Keys => {
                let watched = watched.iter().map(|w| hash::bytes(&w.key));
                let hashes: Vec<u64> = need.keys.iter().map(|key| hash::bytes(key)).chain(watched).collect();
                self.lock_for(&hashes)?
            }
            Reach::All | Reach::Walk => self.lock_all()?,
        };
        let (now_ms, _) = self.begin(&mut held)?;
        if need.watching.is_some_and(|w| has_changed(w, &mut held, now_ms)) {
            return Ok(false);
        }
        let step = Step::new(self, &mut held, need.db, now_ms, need.touch, refused);
        // Also when the body itself panics, what its commands did is kept and the stripes are left in order.
        let (outcome, _) = guarded(|| {
            body(&step);
            Ok(())
        });
        let Ended { record, notes, panicked } = step.end();
        let dead = self.end(&mut held, panicked);
        let kept = self.keep(now_ms, &record);
        if let Some(stripe) = held.iter_mut().next() {
            stripe.tally.give_buffer(record);
        }
        let after = Aftermath { notes, who: need.who, ..Aftermath::default() };
        self.close(held, now_ms, after, dead, true);
        if !self.lates.is_empty() {
            self.catch_up();
        }
        let wait = if need.durable { Wait::Durable } else { Wait::Policy };
        outcome.and(self.acknowledge(kept, &wait)).map(|()| true)
    }

    /// See [`crate::cmd::session::Server::watch`].
    pub(super) fn add_watch(&self, watching: &mut Watching, db: u32, key: &[u8]) -> Result<()> {
        if watching.keys.iter().any(|w| w.db == db && w.key == key) {
            return Ok(());
        }
        let hash = hash::bytes(key);
        let mut stripe = self.lock_one(self.keyspace.stripe_of(hash))?;
        let now_ms = self.now_ms(&mut stripe);
        let existed = stripe.has_living(db, hash, key, now_ms);
        stripe.tally.interest.watchers().add(db as u8, hash, &watching.flag);
        stripe.tally.interest.watchers_changed();
        watching.keys.push(WatchedKey { db, key: Bytes::copy(key), existed });
        Ok(())
    }

    /// See [`crate::cmd::session::Server::unwatch`].
    pub(super) fn end_watch(&self, watching: &mut Watching) {
        self.unwatch_or_later(std::mem::take(watching));
    }
}

/// Tells whether a watched key was changed, or has expired since it was watched.
pub(super) fn has_changed(watching: &Watching, held: &mut Held<'_>, now_ms: u64) -> bool {
    let mut expired = |w: &WatchedKey| {
        let hash = hash::bytes(&w.key);
        w.existed && !held.at(hash).has_living(w.db, hash, &w.key, now_ms)
    };
    watching.flag.is_raised() || watching.keys.iter().any(&mut expired)
}
