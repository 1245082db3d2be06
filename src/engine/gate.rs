//! The database as a gate: lock, run, record, unlock, free.
use super::{Core, Db, Wait, deliver::Aftermath, recover::Step};
use crate::{
    base::{
        atom::Record,
        error::{Error, Kind, Result},
        hash,
        sync::TimedMutexGuard,
    },
    cmd::{Body, Gate, Need, Reach, session::busy},
    keyspace::{
        locks::{GoesOn, Held},
        notes::Note,
        stripe::{Dead, Stripe},
        view::{Scope, View},
    },
};
use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Keys past their time that a write gives back on its way.
const SHARE: usize = 2;

/// Runs a body and stops a panic: the caller gets an error, and the stripes are to be fenced off (true).
#[inline]
pub(super) fn guarded(body: impl FnOnce() -> Result<()>) -> (Result<()>, bool) {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(result) => (result, false),
        Err(_) => (Err(Error::new(Kind::Internal, "ERR internal error: a command panicked")), true),
    }
}

/// The answer of a stripe that a panic left half changed.
#[cold]
pub(super) fn fenced() -> Error {
    Error::new(
        Kind::Internal,
        "ERR internal error: these keys are fenced off because a command panicked on them",
    )
}

impl Gate for Db {
    #[inline]
    fn pass(&self, need: Need<'_>, body: &mut Body<'_>) -> Result<()> {
        self.core.own()?;
        match (need.reach, need.keys) {
            (Reach::Keys, [key]) => self.pass_one(need, key, body),
            (Reach::Keys, []) if !need.spec.is_write() => self.pass_none(body),
            (Reach::Walk, _) => self.pass_walk(need, body),
            _ => self.pass_many(need, body),
        }
    }
}

impl Db {
    fn pass_one(&self, need: Need<'_>, key: &[u8], body: &mut Body<'_>) -> Result<()> {
        let core = &*self.core;
        if need.spec.is_write() {
            core.admit()?;
        }
        let hashed = [(key, hash::bytes(key))];
        let mut stripe = core.lock_one(core.keyspace.stripe_of(hashed[0].1))?;
        if stripe.tally.fenced {
            return Err(fenced());
        }
        if need.spec.is_write() && stripe.tally.interest.is_awaited(hashed[0].1) {
            // Who waits is served in this step, which may take other stripes.
            drop(stripe);
            return self.pass_many(need, body);
        }
        let now_ms = core.now_ms(&mut stripe);
        let seed = stripe.begin();
        if !need.spec.is_write() {
            let mut view = View::new(Scope::One(&mut stripe), &hashed, now_ms, seed, self.index());
            view.touch = self.touch;
            let result = guarded(|| body(&mut view, &mut Record::off())).0;
            let notes = view.notes.take();
            if !notes.is_empty() {
                core.conclude_one(stripe, notes, self.who);
            }
            return result;
        }
        let mut record = core.record(self.index(), &mut stripe);
        let mut view = View::new(Scope::One(&mut stripe), &hashed, now_ms, seed, self.index());
        view.touch = self.touch;
        let (result, panicked) = guarded(|| body(&mut view, &mut record));
        let notes = view.notes.take();
        stripe.tally.fenced |= panicked;
        stripe.settle();
        let kept = if panicked { Ok(None) } else { core.keep(now_ms, &record) };
        stripe.tally.give_buffer(record);
        let wanted = stripe.has_deadlines() && core.share(&mut stripe, now_ms);
        let dead = if stripe.has_dead() { stripe.take_dead() } else { Vec::new() };
        if notes.is_empty() && !stripe.tally.interest.has_noted() {
            drop(stripe);
        } else {
            core.conclude_one(stripe, notes, self.who);
        }
        core.after(dead, wanted);
        result.and(core.acknowledge(kept, &self.wait))
    }

    /// A command that names no key and writes none, such as PUBLISH: nothing is locked.
    fn pass_none(&self, body: &mut Body<'_>) -> Result<()> {
        let core = &*self.core;
        let given_up = Cell::new(false);
        let mut walk = core.keyspace.walk(&|| true, &given_up);
        let mut view = View::new(Scope::Many(&mut walk), &[], core.clock.now_ms(), 0, self.index());
        view.heard_by(core);
        let result = guarded(|| body(&mut view, &mut Record::off())).0;
        let notes = view.notes.take();
        if !notes.is_empty() {
            core.deliver_now(notes);
        }
        result
    }

    /// One stripe after the other: nothing is locked between two of them, and nothing may be written.
    fn pass_walk(&self, need: Need<'_>, body: &mut Body<'_>) -> Result<()> {
        self.core.patiently(|goes_on| self.walk(need, body, goes_on))
    }

    fn walk(&self, need: Need<'_>, body: &mut Body<'_>, goes_on: GoesOn<'_>) -> Result<()> {
        debug_assert!(!need.spec.is_write());
        let core = &*self.core;
        let given_up = Cell::new(false);
        let mut walk = core.keyspace.walk(goes_on, &given_up);
        let (now_ms, seed) = (core.clock.now_ms(), core.seeds.next());
        let mut view = View::new(Scope::Many(&mut walk), &[], now_ms, seed, self.index());
        view.touch = self.touch;
        view.given_up = Some(&given_up);
        let result = guarded(|| body(&mut view, &mut Record::off())).0;
        let notes = view.notes.take();
        drop(view);
        if !notes.is_empty() {
            drop(walk);
            core.deliver_now(notes);
        }
        if given_up.get() { Err(busy()) } else { result }
    }

    fn pass_many(&self, need: Need<'_>, body: &mut Body<'_>) -> Result<()> {
        let core = &*self.core;
        if need.spec.is_write() {
            core.admit()?;
        }
        let hashed: Vec<(&[u8], u64)> = need.keys.iter().map(|key| (*key, hash::bytes(key))).collect();
        let mut held = match need.reach {
            Reach::Keys => {
                let hashes: Vec<u64> = hashed.iter().map(|(_, hash)| *hash).collect();
                core.lock_for(&hashes)?
            }
            Reach::All | Reach::Walk => core.lock_all()?,
        };
        let (now_ms, seed) = core.begin(&mut held)?;
        let mut record = match held.iter_mut().next() {
            Some(stripe) if need.spec.is_write() => core.record(self.index(), stripe),
            _ => Record::off(),
        };
        let mut view = View::new(Scope::Many(&mut held), &hashed, now_ms, seed, self.index());
        view.heard_by(core);
        view.touch = self.touch;
        let (result, panicked) = guarded(|| body(&mut view, &mut record));
        let notes = view.notes.take();
        let dead = core.end(&mut held, panicked && need.spec.is_write());
        // What a panic left half done is not for the log: the disk still has these keys as they were.
        let kept = if panicked { Ok(None) } else { core.keep(now_ms, &record) };
        if let Some(stripe) = held.iter_mut().next() {
            stripe.tally.give_buffer(record);
        }
        let after = Aftermath { notes, who: self.who, ..Aftermath::default() };
        core.close(held, now_ms, after, dead, need.spec.is_write());
        result.and(core.acknowledge(kept, &self.wait))
    }
}

impl Core {
    /// Delivers what a step on one stripe has noted, unlocks it, and wakes who has to be woken.
    #[cold]
    pub(super) fn conclude_one(&self, mut stripe: TimedMutexGuard<'_, Stripe>, notes: Vec<Note>, who: u64) {
        let mut after = Aftermath { notes, who, ..Aftermath::default() };
        after.collect_one(&mut stripe);
        self.deliver(&mut after);
        drop(stripe);
        self.finish(after);
    }

    /// The clock reading of a step on `stripe`: guarded against small steps backwards, unless somebody sets the
    /// clock by hand and means it.
    #[inline]
    pub(super) fn now_ms(&self, stripe: &mut Stripe) -> u64 {
        let now_ms = self.clock.now_ms();
        if self.clock.is_manual() { now_ms } else { stripe.clock(now_ms) }
    }

    /// Starts a step on several stripes: the clock reading and the seed.
    pub(super) fn begin(&self, held: &mut Held<'_>) -> Result<(u64, u64)> {
        if held.iter_mut().any(|stripe| stripe.tally.fenced) {
            return Err(fenced());
        }
        let now_ms =
            held.iter_mut().map(|stripe| self.now_ms(stripe)).max().unwrap_or_else(|| self.clock.now_ms());
        let seed = held.iter_mut().next().map_or_else(|| self.seeds.next(), Stripe::begin);
        Ok((now_ms, seed))
    }

    /// Ends a step on several stripes, and returns what is to be freed after the unlock.
    pub(super) fn end(&self, held: &mut Held<'_>, panicked: bool) -> Vec<Dead> {
        let mut dead = Vec::new();
        for stripe in held.iter_mut() {
            stripe.tally.fenced |= panicked;
            stripe.settle();
            if stripe.has_dead() {
                dead.append(&mut stripe.take_dead());
            }
        }
        dead
    }

    /// The record of a step that starts with `stripe`, speaking of database `db`.
    #[inline]
    pub(super) fn record(&self, db: u32, stripe: &mut Stripe) -> Record {
        if self.store.get().is_none() && self.journal.is_none() {
            return Record::off();
        }
        let mut record = Record::reusing(stripe.tally.take_buffer());
        record.select(db);
        record
    }

    /// Tells whether writes are taken at the moment. Asked before anything is changed.
    #[inline]
    pub(super) fn admit(&self) -> Result<()> {
        match self.store.get() {
            Some(store) => self.heed(store.admit()),
            None => Ok(()),
        }
    }

    /// Keeps what a command recorded, and returns the position behind it. Called while its stripes are locked, so that
    /// the order is a serial one.
    #[inline]
    pub(super) fn keep(&self, now_ms: u64, record: &Record) -> Result<Option<u64>> {
        if record.is_empty() {
            return Ok(None);
        }
        if let Some(journal) = &self.journal {
            journal.lock().push(Step { now_ms, encoded: record.encoded().to_vec() });
        }
        match self.store.get() {
            Some(store) => store.append(now_ms, record.encoded()),
            None => Ok(None),
        }
    }

    /// Does for a step that was kept what its caller may wait for. Called when the locks have gone.
    #[inline]
    pub(super) fn acknowledge(&self, kept: Result<Option<u64>>, wait: &Wait) -> Result<()> {
        match (self.store.get(), kept?) {
            (Some(store), Some(position)) => {
                if self.upkeep.is_idle() && store.wants_upkeep() {
                    self.upkeep.wake();
                }
                self.heed(store.acknowledge(self, position, wait))
            }
            _ => Ok(()),
        }
    }

    /// A write's share of the upkeep. True: the background thread is wanted.
    fn share(&self, stripe: &mut Stripe, now_ms: u64) -> bool {
        (self.upkeep.expires() && stripe.reclaim(now_ms, SHARE)) || self.upkeep.is_idle()
    }

    /// What is left to do when the locks have gone.
    #[inline]
    pub(super) fn after(&self, dead: Vec<Dead>, wanted: bool) {
        if !dead.is_empty() {
            self.upkeep.bury(dead);
        }
        if wanted && self.upkeep.is_idle() {
            self.upkeep.wake();
        }
    }
}
