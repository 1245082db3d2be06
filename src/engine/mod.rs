//! Where commands and keyspace meet: the database, its gates, its upkeep.
pub mod batch;
mod clients;
mod config;
#[cfg(test)]
mod crash;
mod deliver;
mod gate;
pub mod home;
mod load;
mod locking;
mod monitor;
pub mod open;
pub mod options;
pub mod peer;
mod persist;
pub(crate) mod pubsub;
pub mod recover;
mod registry;
mod save;
mod stats;
mod store;
mod tick;
mod together;
mod tracking;
pub mod txn;
pub mod wait;

use crate::base::lock::Mutex;
use crate::{
    base::{
        clock::Clock,
        error::{Error, Result},
        limits::DATABASES,
        rng::Seeds,
        settings::Settings,
    },
    cmd::{
        Gate,
        session::{
            Locked, Persistence, Report, SaveHow, Saved, Server, Together, Watching,
            card::Card,
            mailbox::{Mailbox, Name, Topic},
            tracking::Tracker,
        },
    },
    keyspace::Keyspace,
    store::region::ForkMark,
};
pub(crate) use config::Bounds;
use options::Options;
use std::{
    collections::BTreeSet,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// What all handles of one database share.
pub struct Core {
    /// The process that has opened it.
    process: ForkMark,
    /// The directory, when there is one and it has been read. Closed before the keys are freed: that may take a while.
    pub(crate) store: OnceLock<store::Store>,
    pub(crate) keyspace: Keyspace,
    pub(crate) clock: Clock,
    pub(crate) seeds: Seeds,
    pub(crate) upkeep: tick::Upkeep,
    /// What commands recorded, when somebody asked for it.
    pub(crate) journal: Option<Mutex<Vec<recover::Step>>>,
    pub(crate) clients: clients::Clients,
    pub(crate) waiting: wait::Queues,
    lates: locking::Lates,
    pub(crate) pubsub: pubsub::Registry,
    pub(crate) caches: tracking::Caches,
    pub(crate) monitors: monitor::Monitors,
    pub(crate) config: config::Config,
    pub(crate) counters: stats::Counters,
    #[cfg(feature = "lua")]
    pub(crate) scripts: crate::script::Scripts,
}

/// A database: a handle, cheap to clone, usable from many threads at once. It speaks of one of the logical
/// databases; [`Db::select`] gives a handle of another.
#[derive(Clone)]
pub struct Db {
    pub(crate) core: home::Home,
    index: u32,
    pub(crate) touch: bool,
    wait: Wait,
    /// The connection that speaks; 0: none.
    pub(crate) who: u64,
}

/// When a write of a handle is answered.
#[derive(Clone)]
pub(crate) enum Wait {
    /// As `appendfsync` says.
    Policy,
    /// When it is on the disk for good.
    Durable,
    /// Somebody waits for the highest of these positions before he passes the answers on; see [`Db::settle`].
    Later(Arc<AtomicU64>),
}

impl Db {
    /// Opens a database that lives in memory and ends with its last handle.
    pub fn memory() -> Self {
        Self::with(Options::default())
    }

    /// Opens a database in memory with `options`.
    pub fn with(options: Options) -> Self {
        let core = Self::core(options);
        Self::of(core)
    }

    /// A handle of `core`, speaking of database 0.
    pub(crate) fn of(core: Arc<Core>) -> Self {
        Self { core: home::Home::new(core), index: 0, touch: true, wait: Wait::Policy, who: 0 }
    }

    fn core(options: Options) -> Arc<Core> {
        let seeds = Seeds::new(options.seed);
        let settings = Settings {
            encodings: options.encodings,
            requirepass: options.requirepass.unwrap_or_default(),
            appendonly: false,
            appendfsync: options.fsync,
            ..Settings::default()
        };
        let counters = stats::Counters::new(options.clock.now_ms());
        Arc::new_cyclic(|me| Core {
            process: ForkMark::new(),
            keyspace: Keyspace::new(options.stripes, options.encodings, &seeds),
            clock: options.clock,
            seeds,
            upkeep: tick::Upkeep::new(options.threads, me.clone()),
            journal: options.journal.then(Mutex::default),
            store: OnceLock::new(),
            clients: clients::Clients::default(),
            waiting: wait::Queues::default(),
            lates: locking::Lates::default(),
            pubsub: pubsub::Registry::default(),
            caches: tracking::Caches::default(),
            monitors: monitor::Monitors::default(),
            config: config::Config::new(settings),
            counters,
            #[cfg(feature = "lua")]
            scripts: crate::script::Scripts::default(),
        })
    }

    /// Returns a handle whose writes are on the disk for good before they return, whatever
    /// [`Fsync`](crate::Fsync) the store has. Callers that wait at the same time share one sync. In memory it means nothing.
    pub fn durable(&self) -> Self {
        Self { wait: Wait::Durable, ..self.clone() }
    }

    /// Tells whether this handle is one of [`Db::durable`].
    pub fn is_durable(&self) -> bool {
        matches!(self.wait, Wait::Durable)
    }

    /// A handle whose writes do not wait for the disk: [`Db::settle`] does, for all of them at once.
    pub(crate) fn deferring(&self) -> Self {
        match self.wait {
            Wait::Policy => Self { wait: Wait::Later(Arc::default()), ..self.clone() },
            _ => self.clone(),
        }
    }

    /// Waits for what the writes of a [`deferring`](Self::deferring) handle have to wait for.
    pub(crate) fn settle(&self) -> Result<()> {
        let Wait::Later(position) = &self.wait else { return Ok(()) };
        match (position.swap(0, Ordering::Relaxed), self.core.store.get()) {
            (position @ 1.., Some(store)) => self.core.heed(store.commit(position)),
            _ => Ok(()),
        }
    }

    /// Returns a handle of logical database `index`, which is below 16.
    ///
    /// # Errors
    /// `ERR DB index is out of range`.
    pub fn select(&self, index: u32) -> Result<Self> {
        if index as usize >= DATABASES {
            return Err(Error::command("ERR DB index is out of range"));
        }
        Ok(Self { index, ..self.clone() })
    }

    /// The number of the logical database this handle speaks of.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// The database's clock: tests set it by hand.
    pub fn clock(&self) -> &Clock {
        &self.core.clock
    }

    /// Returns a copy of what is set at the moment: the values behind `CONFIG GET`.
    pub fn settings(&self) -> Settings {
        self.core.config.get()
    }

    /// Lets `change` change the settings: what a listener finds out about itself, or a host wants otherwise. What
    /// others change at the same moment may be lost. Waits for a script that runs, however long.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        if self.core.own().is_err() {
            return;
        }
        // The host's closure runs before any lock is taken.
        let mut next = self.settings();
        change(&mut next);
        let mut held = self.core.keyspace.lock_all();
        held.iter_mut().for_each(|stripe| stripe.tally.configure(next.for_stripes()));
        let changed = self.core.change_settings(&mut |settings| {
            settings.clone_from(&next);
            Ok(())
        });
        debug_assert!(changed.is_ok(), "the change above cannot fail");
    }

    /// The number of open connections.
    pub fn connection_count(&self) -> usize {
        self.core.clients.len()
    }

    /// Counts a connection that a listener has refused: INFO shows how many there were.
    pub fn count_refused_connection(&self) {
        self.core.counters.connections_rejected.fetch_add(1, Ordering::Relaxed);
    }

    /// Does a share of the upkeep: frees what was removed and gives back keys that are past their time, until
    /// about `budget_us` microseconds have passed. True: there is more to do. A host that opened the database
    /// with `threads: 0` calls it now and then; otherwise the background thread does.
    pub fn tick(&self, budget_us: u64) -> bool {
        self.core.own().is_ok() && self.core.tick(budget_us)
    }
}

impl Core {
    /// Tells whether this process is a child of the one that has opened it.
    #[inline]
    pub(crate) fn is_forked(&self) -> bool {
        self.process.is_child()
    }
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db").field("index", &self.index).finish_non_exhaustive()
    }
}

impl Server for Core {
    fn together(&self, need: Together<'_>, body: &mut dyn FnMut(&dyn Locked)) -> Result<bool> {
        self.step(need, body)
    }
    fn watch(&self, watching: &mut Watching, db: u32, key: &[u8]) -> Result<()> {
        self.add_watch(watching, db, key)
    }
    fn unwatch(&self, watching: &mut Watching) {
        self.end_watch(watching);
    }
    fn clock(&self) -> &Clock {
        &self.clock
    }
    fn subscribe(&self, topic: Topic, reader: &Arc<Mailbox>, name: &[u8]) -> bool {
        self.pubsub.subscribe(topic, reader, name)
    }
    fn unsubscribe(&self, topic: Topic, reader: &Arc<Mailbox>, name: &[u8]) -> bool {
        self.pubsub.unsubscribe(topic, reader, name)
    }
    fn leave(&self, reader: &Arc<Mailbox>) {
        self.pubsub.leave(reader);
    }
    fn channels(&self, topic: Topic, pattern: Option<&[u8]>) -> Vec<Name> {
        self.pubsub.names(topic, pattern)
    }
    fn readers(&self, topic: Topic, name: &[u8]) -> usize {
        self.pubsub.readers(topic, name)
    }
    fn topic_counts(&self) -> [usize; 3] {
        self.pubsub.counts()
    }
    fn begin_tracking(
        &self,
        gate: &dyn Gate,
        card: &Arc<Card>,
        tracker: &Arc<Tracker>,
        prefixes: &[&[u8]],
    ) -> Result<()> {
        self.begin_caching(gate, card, tracker, prefixes)
    }
    fn end_tracking(&self, gate: &dyn Gate, card: &Arc<Card>, prefixes: &BTreeSet<Name>) {
        self.end_caching(gate, card, prefixes);
    }
    fn monitor(&self, reader: &Arc<Mailbox>) -> bool {
        self.monitors.add(reader)
    }
    fn end_monitor(&self, reader: &Arc<Mailbox>) {
        self.monitors.remove(reader);
    }
    fn remember(&self, id: u64, key: &[u8]) {
        self.remember_read(id, key);
    }
    fn forget_surplus(&self) {
        self.forget_surplus_reads();
    }
    fn card(&self, id: u64) -> Option<Arc<Card>> {
        self.clients.card(id)
    }
    fn cards(&self) -> Vec<Arc<Card>> {
        self.clients.cards()
    }
    fn settings(&self) -> Settings {
        self.config.get()
    }
    fn set(&self, change: &mut dyn FnMut(&mut Settings) -> Result<()>) -> Result<()> {
        self.change_settings(change)
    }
    #[cfg(feature = "lua")]
    fn scripts(&self) -> &dyn crate::cmd::session::Scripts {
        &self.scripts
    }
    fn report(&self, used_bytes: usize) -> Report {
        self.make_report(used_bytes)
    }
    fn reset_report(&self) {
        self.start_counting_again();
    }
    fn set_active_expire(&self, on: bool) {
        self.upkeep.set_active_expire(on);
    }
    fn save(&self, how: SaveHow) -> Result<Saved> {
        self.take_snapshot(how)
    }
    fn persistence(&self) -> Persistence {
        self.persistence_now()
    }
    fn synced(&self, wait: bool) -> Option<bool> {
        self.is_synced(wait)
    }
}
