//! The lives of one store: what it was at every moment, what it was told to be kept, and what is left of it.
use super::act::{Act, Words};
use crate::{
    Db, Kind, Options,
    base::{
        clock::Clock,
        error::{Error, Result},
        settings::Fsync,
    },
    store::{
        log,
        vfs::{Dir, sim::Sim},
    },
};
use std::{fmt, sync::Arc};

/// How a store is opened, and what it lives on.
#[derive(Debug, Clone)]
pub struct Setup {
    pub seed: u64,
    pub fsync: Fsync,
    pub segment_bytes: u64,
    pub ring_bytes: usize,
    /// How long the first life is.
    pub acts: u64,
    /// A failure shows what was done, act by act.
    pub tells: bool,
    /// The log's growth is a reason for a snapshot.
    pub grows: bool,
    pub has_memory: bool,
    pub has_boot_id: bool,
    /// The disk fails now and then.
    pub troubled: bool,
}

/// How a life ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    PowerLoss,
    Killed,
}

/// What the store was between two acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    pub position: u64,
    pub digest: String,
    pub now_ms: u64,
}

/// See the module.
pub struct Life {
    pub setup: Setup,
    pub sim: Sim,
    pub clock: Clock,
    db: Option<Db>,
    /// The past, in order. The latest of several at one position is how it is seen from now on.
    pub moments: Vec<Moment>,
    /// Everything below was acknowledged: the death of the process is no excuse.
    pub told: u64,
    /// Everything below was acknowledged as durable.
    pub durable: u64,
    /// The disk does what it says.
    pub honest: bool,
    /// What led here.
    trail: Vec<String>,
}

impl fmt::Display for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.setup, self.trail.join("; "))
    }
}

pub fn digest(db: &Db) -> String {
    match db.call(["DEBUG", "DIGEST"]) {
        Ok(reply) => String::from_utf8_lossy(reply.as_bytes().unwrap_or_default()).into_owned(),
        Err(error) => error.to_string(),
    }
}

impl Life {
    /// Begins the first life; the machine stops at operation `crash_at`.
    pub fn begin(setup: &Setup, crash_at: Option<u64>) -> Self {
        let sim = Sim::new(setup.seed);
        if !setup.has_memory {
            sim.without_memory();
        }
        if !setup.has_boot_id {
            sim.without_boot_id();
        }
        let clock = Clock::manual(1_000_000);
        let nothing = Moment { position: 0, digest: digest(&Db::memory()), now_ms: clock.now_ms() };
        let mut life = Self {
            setup: setup.clone(),
            sim,
            clock,
            db: None,
            moments: vec![nothing],
            told: 0,
            durable: 0,
            honest: true,
            trail: Vec::new(),
        };
        if let Some(n) = crash_at {
            life.crash_at(n);
        }
        match life.open(false) {
            Ok(db) => life.db = Some(db),
            Err(error) => assert!(life.is_down(), "{life}: {error}"),
        }
        life
    }

    pub fn crash_at(&mut self, n: u64) {
        self.trail.push(format!("crash at {n}"));
        self.sim.crash_at(n);
    }

    pub fn note(&mut self, what: impl Into<String>) {
        self.trail.push(what.into());
    }

    pub fn is_down(&self) -> bool {
        self.sim.is_down()
    }

    pub fn is_open(&self) -> bool {
        self.db.is_some() && !self.is_down()
    }

    pub fn db(&self) -> &Db {
        self.db.as_ref().expect("open")
    }

    /// Opens the store; nothing is checked.
    pub fn open(&self, salvage: bool) -> Result<Db> {
        let Setup { seed, fsync, segment_bytes, ring_bytes, .. } = self.setup;
        let options = Options {
            stripes: 4,
            threads: 0,
            clock: self.clock.clone(),
            seed: Some(seed ^ self.sim.operations()),
            fsync,
            segment_bytes,
            salvage,
            ..Options::default()
        };
        let log = log::Options { segment_bytes, ring_bytes, salvage, retry_ms: 0 };
        let dir: Arc<dyn Dir> = Arc::new(self.sim.clone());
        let db = Db::of(Db::open_on(dir, None, options, log)?);
        if self.setup.grows {
            db.call(["CONFIG", "SET", "auto-aof-rewrite-min-size", "2000"])?;
            db.call(["CONFIG", "SET", "save", "300 10"])?;
        }
        Ok(db)
    }

    pub fn position(db: &Db) -> u64 {
        db.core.store.get().map_or(0, |store| store.log.position())
    }

    pub fn synced(&self) -> u64 {
        self.db().core.store.get().map_or(0, |store| store.log.synced())
    }

    /// The end of the log.
    pub fn end(&self) -> u64 {
        self.moments.last().map_or(0, |moment| moment.position)
    }

    /// Does one thing, and notes what it led to.
    pub fn act(&mut self, act: &Act) -> Result<()> {
        let Some(db) = self.db.clone() else { return Err(Error::command("ERR not open")) };
        let before = Self::position(&db);
        if let Act::Reopen { closes } = act {
            drop(db);
            return self.reopen(*closes);
        }
        let result = perform(&db, &self.clock, act);
        let moment =
            Moment { position: Self::position(&db), digest: digest(&db), now_ms: self.clock.now_ms() };
        let position = moment.position;
        if self.setup.tells {
            let end = result.as_ref().err().map(ToString::to_string);
            self.trail.push(format!("{act} ({before} to {position}, synced {}) {end:?}", self.synced()));
        }
        let last = self.moments.last();
        if last.is_some_and(|last| last.position == position && last.now_ms == moment.now_ms) {
            assert_eq!(last, Some(&moment), "{self}: {act:?} changed something without a record");
        } else {
            self.moments.push(moment);
        }
        if self.is_down() {
            return result;
        }
        if result.is_ok() {
            let always = db.settings().appendfsync == Fsync::Always;
            match act {
                Act::Sync | Act::Save => (self.told, self.durable) = (position, position),
                _ if position > before => {
                    self.told = position;
                    if always || matches!(act, Act::Call { durable: true, .. }) {
                        self.durable = position;
                    }
                }
                _ => {}
            }
        }
        if self.honest {
            self.durable = self.durable.max(self.synced());
            self.told = self.told.max(self.durable);
        }
        result
    }

    fn reopen(&mut self, closes: bool) -> Result<()> {
        let Some(db) = self.db.take() else { return Ok(()) };
        let closed = if closes { db.close() } else { Ok(()) };
        drop(db);
        if self.is_down() {
            return closed;
        }
        if closed.is_ok() {
            (self.told, self.durable) = (self.end(), self.end());
        }
        self.trail.push("reopened".into());
        match self.open(false) {
            Ok(db) if !self.is_down() => {
                self.check(&db, self.end());
                self.db = Some(db);
                closed
            }
            Ok(_) => closed,
            Err(error) => {
                assert!(self.is_down(), "{self}: {error}");
                closed
            }
        }
    }

    /// The directory that `fate` leaves.
    pub fn left_by(&self, fate: Fate) -> Sim {
        let left = match fate {
            Fate::PowerLoss => self.sim.power_loss(),
            Fate::Killed => self.sim.process_killed(),
        };
        left.set_capacity(None);
        left
    }

    /// The same past over the directory `sim`, not opened yet.
    pub fn over(&self, sim: Sim) -> Self {
        Self {
            setup: self.setup.clone(),
            sim,
            clock: Clock::manual(self.clock.now_ms()),
            db: None,
            moments: self.moments.clone(),
            told: self.told,
            durable: self.durable,
            honest: self.honest,
            trail: self.trail.clone(),
        }
    }

    /// The next life, over what `fate` left; checked, if the machine stays up so long: until its operation
    /// `crash_at`.
    pub fn next(&self, sim: Sim, fate: Fate, crash_at: Option<u64>) -> Self {
        let mut next = self.over(sim);
        next.trail.push(format!("{fate:?}"));
        if let Some(n) = crash_at {
            next.crash_at(n);
        }
        if fate == Fate::PowerLoss {
            next.told = next.durable;
        }
        match next.open(false) {
            Ok(_) if next.is_down() => {}
            Ok(db) => {
                next.check(&db, next.told);
                if fate == Fate::PowerLoss {
                    // It was read from the disk.
                    next.durable = next.told;
                }
                next.db = Some(db);
            }
            Err(error) => assert!(next.is_down(), "{next}: refused: {error}"),
        }
        next
    }

    /// Checks that `db` is a moment of the past that is not before `floor`, and forgets what came after it.
    pub fn check(&mut self, db: &Db, floor: u64) {
        self.check_until(db, floor, Self::position(db));
    }

    /// The same for a log that came from elsewhere to its end, and was at `end` before.
    pub fn check_until(&mut self, db: &Db, floor: u64, end: u64) {
        let now_ms = self.clock.now_ms();
        let report = || db.open_report().map_or(String::new(), |report| report.to_string());
        assert!(end >= floor, "{self}: {end} instead of {floor} at least, of {}: {}", self.end(), report());
        let at = self.moments.iter().rposition(|moment| moment.position == end);
        let Some(at) = at else { panic!("{self}: half a step, {end}: {}", report()) };
        self.moments.truncate(at + 1);
        self.clock.set_ms(self.moments[at].now_ms);
        let digest_then = digest(db);
        self.clock.set_ms(now_ms);
        assert_eq!(digest_then, self.moments[at].digest, "{self}: not what it was at {end}: {}", report());
        self.moments.push(Moment { position: end, digest: digest(db), now_ms });
        self.told = end;
        self.durable = self.durable.min(end);
    }

    /// Adopts an engine that was opened by hand.
    pub fn adopt(&mut self, db: Db) {
        self.db = Some(db);
    }
}

fn perform(db: &Db, clock: &Clock, act: &Act) -> Result<()> {
    match act {
        Act::Call { db: index, durable, words } => {
            let db = db.select(*index)?;
            let db = if *durable { db.durable() } else { db };
            db.call(words).map(drop)
        }
        Act::Batch(commands) => {
            let mut batch = db.batch();
            for command in commands {
                batch.call(command);
            }
            batch.run().map(drop)
        }
        Act::Transaction(commands) => db.transaction(|tx| {
            for command in commands {
                may_fail(tx.call(command).map(drop), command)?;
            }
            Ok(())
        }),
        Act::Sync => db.sync(),
        Act::Save => db.call(["SAVE"]).map(drop),
        Act::Background => db.call(["BGSAVE"]).map(drop),
        Act::Tick => {
            db.tick(0);
            Ok(())
        }
        Act::Later(ms) => {
            clock.advance_ms(*ms);
            Ok(())
        }
        Act::Policy(fsync) => {
            let name = match fsync {
                Fsync::Always => "always",
                Fsync::EverySecond => "everysec",
                Fsync::Never => "no",
            };
            db.call(["CONFIG", "SET", "appendfsync", name]).map(drop)
        }
        Act::Reopen { .. } => Ok(()),
    }
}

/// A command of a transaction may be wrong about a type, or may not be for transactions: the others go on.
fn may_fail(done: Result<()>, _command: &Words) -> Result<()> {
    match done {
        Err(error) if error.kind() == Kind::Io => Err(error),
        _ => Ok(()),
    }
}
