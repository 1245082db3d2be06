//! Transactions from code: closures that read, decide and write, and leave nothing behind when they fail.
//!
//! The closure runs without a lock, on a private overlay:
//!
//! ```text
//!     closure ──reads k──▶ overlay ──first touch──▶ stripe: clone of k's entry, and a watch on k
//!             ──writes k─▶ overlay
//!     commit:  lock the stripes of all touched keys ─ watch raised? ─yes─▶ run the closure again
//!                                                         └no─▶ install what was written, record, unlock
//! ```
//!
//! Cloning an entry costs nothing like its size (its blocks are shared), so that a transaction on a board of ten
//! million members is no worse than one on a counter. Others never wait for an open transaction and never
//! see its half.
use super::{Core, Db, Wait, deliver::Aftermath, gate::guarded, together::has_changed};
use crate::{
    base::{
        atom::Record,
        error::{Error, Kind, Result},
        hash,
        limits::Encodings,
        reply::Reply,
    },
    cmd::{
        Body, Gate, Need, Reach,
        key::del,
        session::{Client, Server, Session, Watching},
    },
    keyspace::{
        notes::Note,
        stripe::Stripe,
        view::{Scope, View},
    },
};
use std::{
    cell::RefCell,
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

/// Attempts after which a transaction yields to the others between two of them.
const EAGER_ATTEMPTS: u32 = 8;

/// An open transaction: a gate of its own. See [`Db::transaction`].
pub struct Txn<'d> {
    core: &'d Arc<Core>,
    db: u32,
    state: &'d RefCell<State>,
}

struct State {
    overlay: Stripe,
    /// The keys that were touched, by database, and whether they were written to.
    touched: HashMap<(u32, Vec<u8>), bool>,
    watching: Watching,
    record: Record,
    /// What its commands said to others.
    notes: Vec<Note>,
    now_ms: u64,
    /// A command panicked: the overlay may be half changed.
    panicked: bool,
}

impl Db {
    /// Runs `body` as one step: isolated, reading its own writes, all or nothing. `body` may be run several times,
    /// when a key that it has touched was changed meanwhile by somebody else; an `Err` or a panic leaves
    /// nothing behind.
    ///
    /// # Errors
    /// What `body` returns.
    ///
    /// # Examples
    /// ```
    /// use tenondb::{Db, Strings};
    /// let db = Db::memory();
    /// db.set("seat:7", "free")?;
    /// let booked = db.transaction(|tx| {
    ///     let free = tx.get("seat:7")?.is_some_and(|state| state == "free");
    ///     if free {
    ///         tx.set("seat:7", "alice")?;
    ///         tx.set("alice", "seat:7")?;
    ///     }
    ///     Ok(free)
    /// })?;
    /// assert!(booked);
    /// assert_eq!(db.get("alice")?.unwrap(), "seat:7");
    /// # Ok::<(), tenondb::Error>(())
    /// ```
    pub fn transaction<R>(&self, mut body: impl FnMut(&Txn<'_>) -> Result<R>) -> Result<R> {
        self.core.own()?;
        for attempt in 0u32.. {
            let state = RefCell::new(State::new(&self.core));
            // Dropped last, also when the closure panics: it ends the watches.
            let open = Open { core: &self.core, state: &state };
            let result = body(&Txn { core: self.core.shared(), db: self.index(), state: open.state })?;
            if self.core.commit(&mut state.borrow_mut(), &self.wait, self.who)? {
                return Ok(result);
            }
            if attempt >= EAGER_ATTEMPTS {
                std::thread::yield_now();
            }
        }
        Err(Error::new(Kind::Conflict, "ERR transaction conflict"))
    }
}

/// A transaction that is not a closure, for callers who cannot be run again: see [`Db::begin`]. Dropping it ends it, and
/// nothing of it is left.
pub struct OpenTxn {
    db: Db,
    state: RefCell<State>,
}

impl Db {
    /// Begins a transaction: isolated, reading its own writes, all or nothing, as [`Db::transaction`], which is the better
    /// choice where a closure can be run again.
    ///
    /// # Examples
    /// ```
    /// use tenondb::{Db, Kind, Strings};
    /// let db = Db::memory();
    /// let tx = db.begin();
    /// tx.txn().incrby("tickets", 1)?;
    /// assert_eq!(db.get("tickets")?, None);
    /// tx.commit()?;
    ///
    /// let tx = db.begin();
    /// tx.call(["INCR", "tickets"])?;
    /// db.incrby("tickets", 1)?;
    /// assert_eq!(tx.commit().unwrap_err().kind(), Kind::Conflict);
    /// assert_eq!(db.get("tickets")?.unwrap(), "2");
    /// # Ok::<(), tenondb::Error>(())
    /// ```
    pub fn begin(&self) -> OpenTxn {
        OpenTxn { db: self.clone(), state: RefCell::new(State::new(&self.core)) }
    }
}

impl OpenTxn {
    /// The transaction, for the typed commands.
    pub fn txn(&self) -> Txn<'_> {
        Txn { core: self.db.core.shared(), db: self.db.index(), state: &self.state }
    }

    /// Runs a command given as its name and arguments inside the transaction; see [`Txn::call`].
    ///
    /// # Errors
    /// The command's.
    pub fn call<A: AsRef<[u8]>>(&self, argv: impl IntoIterator<Item = A>) -> Result<Reply> {
        self.txn().call(argv)
    }

    /// The commands that follow speak of logical database `index`.
    ///
    /// # Errors
    /// `ERR DB index is out of range`.
    pub fn select(&mut self, index: u32) -> Result<()> {
        self.db = self.db.select(index)?;
        Ok(())
    }

    /// Makes what it has written visible, in one step.
    ///
    /// # Errors
    /// [`Kind::Conflict`]: something that it has touched was changed meanwhile by somebody else; nothing was written, and the
    /// caller may begin again. Those of the disk.
    pub fn commit(self) -> Result<()> {
        if self.db.core.commit(&mut self.state.borrow_mut(), &self.db.wait, self.db.who)? {
            return Ok(());
        }
        Err(Error::new(
            Kind::Conflict,
            "ERR transaction conflict: something it has touched was changed meanwhile, begin again",
        ))
    }
}

impl Drop for OpenTxn {
    fn drop(&mut self) {
        if self.db.core.own().is_ok() {
            self.db.core.end_watch(&mut self.state.get_mut().watching);
        }
    }
}

impl std::fmt::Debug for OpenTxn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenTxn").finish_non_exhaustive()
    }
}

struct Open<'d> {
    core: &'d Core,
    state: &'d RefCell<State>,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        // Nobody borrows the state while a closure unwinds out of it, except a gate that panicked itself.
        if !self.core.is_forked()
            && let Ok(mut state) = self.state.try_borrow_mut()
        {
            self.core.end_watch(&mut state.watching);
        }
    }
}

impl State {
    fn new(core: &Core) -> Self {
        let overlay = if core.is_forked() {
            // It will be refused everything: the lock of the settings is not asked for them.
            Stripe::new(0, Encodings::default(), 0)
        } else {
            let settings = core.config.for_stripes();
            let mut overlay = Stripe::new(0, settings.0, core.seeds.next());
            overlay.tally.configure(settings);
            overlay
        };
        let is_kept = core.journal.is_some() || core.store.get().is_some();
        let record = if is_kept { Record::on() } else { Record::off() };
        Self {
            overlay,
            touched: HashMap::new(),
            watching: Watching::default(),
            record,
            notes: Vec::new(),
            now_ms: core.clock.now_ms(),
            panicked: false,
        }
    }

    /// Brings `key` into the overlay when it is touched for the first time.
    fn touch(&mut self, core: &Core, db: u32, key: &[u8], hash: u64, write: bool) -> Result<()> {
        // Keys of one transaction are few: the allocation of a look-up key is its price.
        let entry = self.touched.entry((db, key.to_vec()));
        if let Entry::Vacant(_) = entry {
            core.add_watch(&mut self.watching, db, key)?;
            let stripe = core.lock_one(core.keyspace.stripe_of(hash))?;
            if let Some(entry) = stripe.clone_living(db, hash, key, self.now_ms) {
                drop(stripe);
                // Pushed by `add_watch`, whose clock may have passed the deadline that the transaction's has
                // not: what was cloned decides, so that such a key is found to have expired at the end.
                if let Some(watched) = self.watching.keys.iter_mut().rfind(|w| w.db == db && w.key == key) {
                    watched.existed = true;
                }
                self.overlay.install(db, hash, entry, self.now_ms);
            } else if stripe.tally.removed_ms > self.now_ms {
                // It may have been given back after the moment at which this transaction lives. Who runs the record
                // again at that moment would still find it.
                self.record.select(db);
                del::record(&mut self.record, key);
            }
        }
        *entry.or_insert(false) |= write;
        Ok(())
    }
}

impl Gate for Txn<'_> {
    fn pass(&self, need: Need<'_>, body: &mut Body<'_>) -> Result<()> {
        if self.core.is_forked() {
            return Err(Error::forked());
        }
        if need.reach != Reach::Keys {
            return Err(Error::new(
                Kind::Misuse,
                "ERR a transaction takes commands that name their keys, and a batch takes the others.",
            ));
        }
        let state = &mut *self.state.try_borrow_mut().map_err(|_| {
            Error::new(Kind::Misuse, "ERR a transaction is used inside one of its own commands")
        })?;
        let hashed: Vec<(&[u8], u64)> = need.keys.iter().map(|key| (*key, hash::bytes(key))).collect();
        for (key, hash) in &hashed {
            for db in [Some(self.db), need.other_db].into_iter().flatten() {
                state.touch(self.core, db, key, *hash, need.spec.is_write())?;
            }
        }
        let State { overlay, record, now_ms, .. } = state;
        record.select(self.db);
        let before = record.mark();
        let seed = overlay.begin();
        let mut view = View::new(Scope::One(overlay), &hashed, *now_ms, seed, self.db);
        view.heard_by(&**self.core);
        let (result, panicked) = guarded(|| body(&mut view, record));
        let said = view.notes.take();
        if panicked {
            state.record.rewind(before);
        }
        state.notes.extend(said);
        state.panicked |= panicked;
        state.overlay.settle();
        drop(state.overlay.take_dead());
        result
    }
}

/// The session of a script that runs inside a transaction.
pub struct Inside<'d> {
    txn: Txn<'d>,
    client: Client,
}

impl Session for Inside<'_> {
    fn client(&mut self) -> &mut Client {
        &mut self.client
    }
    fn gate(&self) -> &dyn Gate {
        &self.txn
    }
    fn server(&self) -> Arc<dyn Server> {
        Arc::clone(self.txn.core) as Arc<dyn Server>
    }
    fn select(&mut self, db: u32) {
        (self.client.db, self.txn.db) = (db, db);
    }
    fn is_within(&self) -> bool {
        true
    }
    fn is_apart(&self) -> bool {
        true
    }
}

impl<'d> Txn<'d> {
    /// What a script takes for a connection.
    pub(crate) fn session(&self) -> Inside<'d> {
        Inside { txn: Txn { ..*self }, client: Client::of_call(self.db) }
    }
}

impl Txn<'_> {
    /// Returns the same transaction, speaking of another logical database.
    ///
    /// # Errors
    /// `ERR DB index is out of range`.
    pub fn select(&self, index: u32) -> Result<Txn<'_>> {
        if index as usize >= crate::base::limits::DATABASES {
            return Err(Error::command("ERR DB index is out of range"));
        }
        Ok(Txn { db: index, ..*self })
    }
}

impl Core {
    /// Installs what a transaction wrote. False: something it touched has changed.
    fn commit(&self, state: &mut State, wait: &Wait, who: u64) -> Result<bool> {
        if self.is_forked() {
            return Err(Error::forked());
        }
        let hash_of = |key: &[u8]| hash::bytes(key);
        if state.panicked {
            // Whatever the closure made of the error it got: nothing half changed is installed.
            return Err(Error::new(
                Kind::Internal,
                "ERR internal error: a command of the transaction panicked",
            ));
        }
        if !state.touched.values().any(|written| *written) {
            // It has read, whatever it noted on its way.
            state.record = Record::off();
        }
        if !state.record.is_empty() {
            self.admit()?;
        }
        let hashes: Vec<u64> = state.touched.keys().map(|(_, key)| hash_of(key)).collect();
        let mut held = self.lock_for(&hashes)?;
        let (now_ms, _) = self.begin(&mut held)?;
        if has_changed(&state.watching, &mut held, now_ms) {
            return Ok(false);
        }
        for ((db, key), _) in state.touched.iter().filter(|(_, written)| **written) {
            let hash = hash_of(key);
            let entry = state.overlay.uninstall(*db, hash, key);
            let stripe = crate::keyspace::locks::Stripes::at(&mut held, hash);
            stripe.exchange(*db, hash, key, entry, state.now_ms);
        }
        let dead = self.end(&mut held, false);
        let kept = self.keep(state.now_ms, &state.record);
        let mut after = Aftermath { who, ..Aftermath::default() };
        // The commit found that keys were past their time; what the commands said comes after that.
        after.collect(&mut held);
        after.notes.append(&mut state.notes);
        self.close(held, now_ms, after, dead, true);
        self.acknowledge(kept, wait).map(|()| true)
    }
}
