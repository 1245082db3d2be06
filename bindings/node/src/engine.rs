//! Engines of this process, as the environments of Node share them: by directory, by name, by token.
//!
//! The core gives the same engine for the same directory. What is kept here beside it: how many have it open, so that the last who closes
//! it writes it out and lets the directory go; the names of databases in memory; the tokens by which another worker finds one.
use crate::lock::locked;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicU64, Ordering},
    },
};
use tenondb::{Db, Error, Kind, Options, Result};

/// An engine that somebody has open.
pub struct Engine {
    db: Db,
    /// How many have it open.
    opened: Mutex<usize>,
    token: String,
    /// Who may open it again; `None`: nobody by name.
    slot: Option<Arc<Slot>>,
}

/// One directory or name: whoever opens or closes it holds the lock meanwhile.
type Slot = Mutex<Weak<Engine>>;

#[derive(PartialEq, Eq, Hash, Clone)]
enum Place {
    Directory(PathBuf, u64),
    Name(String),
}

static PLACES: Mutex<Option<HashMap<Place, Arc<Slot>>>> = Mutex::new(None);
static TOKENS: Mutex<Option<HashMap<String, Weak<Engine>>>> = Mutex::new(None);

impl Engine {
    /// The directory's engine: the one that is open already, or a new one.
    pub fn directory(dir: &Path, options: Options) -> Result<Arc<Self>> {
        // The core says what is wrong with a directory that cannot be made.
        let _ = std::fs::create_dir_all(dir);
        let place = std::fs::canonicalize(dir).unwrap_or_else(|_| dir.to_path_buf());
        let number = number(&place);
        Self::at(Place::Directory(place, number), || Db::open_with(dir, options))
    }

    /// The database in memory of this name: the one that is open already, or a new one.
    pub fn named(name: String, options: Options) -> Result<Arc<Self>> {
        Self::at(Place::Name(name), || Ok(Db::with(options)))
    }

    /// A database in memory of its own.
    pub fn memory(options: Options) -> Arc<Self> {
        Self::new(Db::with(options), None)
    }

    /// The engine that another environment has open and has given this token for.
    pub fn of_token(token: &str) -> Result<Arc<Self>> {
        let found = locked(&TOKENS).as_ref().and_then(|all| all.get(token)).and_then(Weak::upgrade);
        found.filter(|engine| engine.enter()).ok_or_else(|| {
            Error::new(Kind::Closed, "ERR nobody in this process has the database of this token open")
        })
    }

    fn at(place: Place, open: impl FnOnce() -> Result<Db>) -> Result<Arc<Self>> {
        let slot = Arc::clone(locked(&PLACES).get_or_insert_default().entry(place).or_default());
        let mut held = locked(&slot);
        if let Some(engine) = held.upgrade().filter(|engine| engine.enter()) {
            return Ok(engine);
        }
        let engine = Self::new(open()?, Some(Arc::clone(&slot)));
        *held = Arc::downgrade(&engine);
        Ok(engine)
    }

    fn new(db: Db, slot: Option<Arc<Slot>>) -> Arc<Self> {
        let token = fresh_token();
        let engine = Arc::new(Self { db, opened: Mutex::new(1), token: token.clone(), slot });
        let mut tokens = locked(&TOKENS);
        let tokens = tokens.get_or_insert_default();
        tokens.retain(|_, engine| engine.strong_count() > 0);
        tokens.insert(token, Arc::downgrade(&engine));
        engine
    }

    /// Counts one more who has it open; false: it was closed meanwhile.
    fn enter(&self) -> bool {
        let mut opened = locked(&self.opened);
        *opened += usize::from(*opened > 0);
        *opened > 0
    }

    /// Counts one less. The last one writes out what there is, and ends what waits.
    pub fn leave(&self) -> Result<()> {
        // Who opens the same place waits, and then finds it closed.
        let _place = self.slot.as_ref().map(|slot| locked(slot));
        let is_last = {
            let mut opened = locked(&self.opened);
            *opened = opened.saturating_sub(1);
            *opened == 0
        };
        if is_last { self.db.close() } else { Ok(()) }
    }

    /// A handle of its database 0.
    pub fn db(&self) -> Db {
        self.db.clone()
    }

    /// What another environment finds it by.
    pub fn token(&self) -> &str {
        &self.token
    }
}

/// A word that nobody else in this process has. It is no secret: who runs in the process reaches everything in it.
fn fresh_token() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    format!("tenon:{}:{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// What tells a directory from one that was removed and made again.
#[cfg(unix)]
fn number(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |meta| std::os::unix::fs::MetadataExt::ino(&meta))
}

#[cfg(not(unix))]
fn number(_: &Path) -> u64 {
    0
}
