//! How steps get their locks: nobody waits for a script that does not end.
//!
//! A script holds all stripes, unless a transaction's closure runs it. Who comes while it runs parks, as behind any step, and is told BUSY once it has run for
//! `busy-reply-threshold` – a thread that serves connections must come back to read the SCRIPT KILL. Nothing of his command has happened then.
//!
//! What cannot be refused, since nobody is there who could try again (the end of a watch, of a wait, of tracking), is put off
//! while a script runs: on a list that the upkeep works off, and whoever has held several keys on his way.
use super::{Core, Db, wait::Waiter};
use crate::{
    base::{
        bytes::Bytes,
        error::{Kind, Result},
        hash,
        lock::Mutex,
        sync::TimedMutexGuard,
    },
    cmd::session::{Watching, busy},
    keyspace::{
        locks::{GoesOn, Held},
        stripe::Stripe,
    },
};
use std::{
    mem::take,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

/// How long a script that has written is waited for by who closes the database.
#[cfg(feature = "lua")]
const SCRIPT_ENDS_IN: Duration = Duration::from_secs(5);

/// What has to be done when the locks can be had.
pub(super) enum Late {
    /// These watches have ended.
    Unwatch(Watching),
    /// This caller waits no more.
    Withdraw(Arc<Waiter>),
    /// Somebody waits for these keys, and they have changed.
    Serve(Vec<(u8, u64)>),
    /// The command, in this database, that gives back what a caller was served with and was never told of.
    TakeBack(u32, Vec<Bytes>),
    /// One less wants to be told of changed keys.
    Untrack,
}

/// What was put off.
#[derive(Default)]
pub(super) struct Lates {
    list: Mutex<Vec<Late>>,
    any: AtomicBool,
}

impl Lates {
    pub(super) fn is_empty(&self) -> bool {
        !self.any.load(SeqCst)
    }
}

impl Core {
    /// Tells whether a script runs.
    pub(super) fn is_scripted(&self) -> bool {
        #[cfg(feature = "lua")]
        return self.scripts.is_any();
        #[cfg(not(feature = "lua"))]
        return false;
    }

    /// Tells whether a step that cannot have its locks waits for them: no script has run for too long.
    fn goes_on(&self) -> bool {
        #[cfg(feature = "lua")]
        return !self.scripts.is_long(self.config.with(|settings| settings.busy_reply_threshold));
        #[cfg(not(feature = "lua"))]
        return true;
    }

    /// Locks stripe `index` for a step.
    ///
    /// # Errors
    /// `BUSY`: a script has it, and has had it for too long.
    #[inline]
    pub(super) fn lock_one(&self, index: usize) -> Result<TimedMutexGuard<'_, Stripe>> {
        self.keyspace.lock_while(index, &|| self.goes_on()).ok_or_else(busy)
    }

    /// Locks the stripes of `hashes` for a step.
    ///
    /// # Errors
    /// As [`Core::lock_one`].
    pub(super) fn lock_some(&self, hashes: impl Iterator<Item = u64>) -> Result<Held<'_>> {
        self.keyspace.lock_some_while(hashes, &|| self.goes_on()).ok_or_else(busy)
    }

    /// Locks all stripes for a step.
    ///
    /// # Errors
    /// As [`Core::lock_one`].
    pub(super) fn lock_all(&self) -> Result<Held<'_>> {
        self.keyspace.lock_all_while(&|| self.goes_on()).ok_or_else(busy)
    }

    /// Lets the directory go, if there is one; scripts that run are ended before.
    pub(super) fn close_store(&self) -> Result<()> {
        let Some(store) = self.store.get() else {
            #[cfg(feature = "lua")]
            self.scripts.stop_for(Duration::ZERO);
            #[cfg(feature = "lua")]
            self.scripts.go_on();
            return Ok(());
        };
        #[cfg(feature = "lua")]
        if self.scripts.stop_for(SCRIPT_ENDS_IN) {
            // What they wrote is recorded when their locks have gone.
            drop(self.keyspace.lock_all());
        }
        // What was put off beside them belongs into the directory, too.
        self.catch_up();
        // Scripts stay refused, as everything is.
        store.close(Some(self))
    }

    /// Stops scripts, whatever they have done: nothing is recorded any more.
    pub(super) fn cut_scripts_off(&self) {
        #[cfg(feature = "lua")]
        self.scripts.cut_off();
    }

    /// Does `body` with what says how long a step waits.
    pub(super) fn patiently<R>(&self, body: impl FnOnce(GoesOn<'_>) -> R) -> R {
        body(&|| self.goes_on())
    }

    /// Puts something off.
    #[cold]
    pub(super) fn put_off(&self, late: Late) {
        self.lates.list.lock().push(late);
        self.lates.any.store(true, SeqCst);
        self.upkeep.wake();
    }

    /// Does what was put off, unless a script runs.
    #[cold]
    pub(super) fn catch_up(&self) {
        if self.is_scripted() || !self.lates.any.swap(false, SeqCst) {
            return;
        }
        // Taken before: what is done may be put off again, and the list must not be locked then.
        let lates = take(&mut *self.lates.list.lock());
        for late in lates {
            match late {
                Late::Unwatch(watching) => self.unwatch_or_later(watching),
                Late::Withdraw(waiter) => self.forget_or_later(&waiter),
                Late::Serve(ready) => self.serve_apart(ready),
                // Whether its caller had wanted it on the disk for good nobody knows any more.
                Late::TakeBack(db, undo) => {
                    let db = self.upkeep.owner().and_then(|owner| owner.durable().select(db).ok());
                    db.into_iter().for_each(|db| db.take_back(&undo));
                }
                Late::Untrack => self.upkeep.owner().into_iter().for_each(|db| self.leave_caches(&db)),
            }
        }
    }

    /// Ends watches, now or later.
    pub(super) fn unwatch_or_later(&self, mut watching: Watching) {
        while let Some(watched) = watching.keys.last() {
            let hash = hash::bytes(&watched.key);
            let index = self.keyspace.stripe_of(hash);
            let Some(mut stripe) = self.keyspace.lock_while(index, &|| !self.is_scripted()) else {
                return self.put_off(Late::Unwatch(watching));
            };
            stripe.tally.interest.watchers().remove(watched.db as u8, hash, &watching.flag);
            stripe.tally.interest.watchers_changed();
            watching.keys.pop();
        }
    }
}

impl Db {
    /// Runs the command that takes a result back, if there is one, now or later. What refuses now (a key that is of another
    /// type meanwhile) has nobody to tell.
    pub(crate) fn take_back(&self, undo: &[Bytes]) {
        if self.run_undo(undo).is_err_and(|error| error.kind() == Kind::Busy) {
            self.core.put_off(Late::TakeBack(self.index(), undo.to_vec()));
        }
    }
}
