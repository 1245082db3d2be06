//! Watched prefixes: what a cache inside the program has to forget.
use crate::{
    base::{bytes::Bytes, clock::Stopwatch, error::Result},
    cmd::session::mailbox::{Bound, Letter, Mailbox},
    engine::Db,
};
use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

/// What a cache has to forget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invalidation {
    /// This key has changed, has expired or is gone, in one of the logical databases.
    Key(Bytes),
    /// Any key may have changed: a database was emptied, two were exchanged, or more invalidations were left unread than
    /// there was room for.
    All,
}

impl Invalidation {
    fn of(letter: &Letter) -> Self {
        match letter {
            Letter::Stale { keys: Some(keys), .. } => {
                keys.first().map_or(Self::All, |key| Self::Key(key.clone()))
            }
            // Nothing else is ever put into the mailbox of a watch.
            _ => Self::All,
        }
    }
}

/// How much may wait for the reader of a [`PrefixWatch`]. What has no room is not lost: all that waits becomes one
/// [`Invalidation::All`].
#[derive(Debug, Clone, Copy)]
pub struct WatchOptions {
    /// The most invalidations that wait to be read; 65,536 by default, 1 at least.
    pub capacity: usize,
    /// The most bytes that wait: names and 64 for each; 32 MiB by default.
    pub bytes_max: usize,
}

impl Default for WatchOptions {
    fn default() -> Self {
        Self { capacity: 65_536, bytes_max: 32 << 20 }
    }
}

/// Tells which keys of a prefix have changed, since it was made. Dropping it ends it.
///
/// An invalidation is there before the call that has changed the key returns, whichever door it came through – the typed API,
/// a connection, a transaction (when it commits; one that is rolled back tells nothing). A key that is past its time is told when the
/// upkeep takes it out: within about a tenth of a second, or at the next [`Db::tick`] of a database without threads. Nobody
/// waits for the reader: see [`WatchOptions`].
///
/// It is an iterator that blocks, and never ends; threads may share it by reference ([`PrefixWatch::recv`]), each invalidation
/// then goes to one of them. For futures there are [`PrefixWatch::recv_async`] and [`PrefixWatch::poll_next`].
///
/// As long as anybody watches or tracks, every change of any key costs about as much as the copy of its name; otherwise this
/// costs nothing.
///
/// # Examples
/// A cache that is never out of date: what was invalidated is dropped before the cache is looked at, and the watch is older than
/// anything in it.
/// ```
/// use std::collections::HashMap;
/// use tenondb::{Db, Invalidation, PrefixWatch, Strings};
///
/// struct Config {
///     db: Db,
///     watch: PrefixWatch,
///     cached: HashMap<Vec<u8>, Option<String>>,
/// }
///
/// impl Config {
///     fn get(&mut self, key: &str) -> tenondb::Result<Option<String>> {
///         while let Some(stale) = self.watch.try_recv() {
///             match stale {
///                 Invalidation::Key(key) => drop(self.cached.remove(&*key)),
///                 Invalidation::All => self.cached.clear(),
///             }
///         }
///         if let Some(value) = self.cached.get(key.as_bytes()) {
///             return Ok(value.clone());
///         }
///         let value = self.db.get(key)?.map(|value| value.to_string());
///         self.cached.insert(key.into(), value.clone());
///         Ok(value)
///     }
/// }
///
/// let db = Db::memory();
/// let watch = db.watch_prefix("configuration:")?;
/// let mut config = Config { db: db.clone(), watch, cached: HashMap::new() };
/// assert_eq!(config.get("configuration:mode")?, None);
/// db.set("configuration:mode", "fast")?;
/// assert_eq!(config.get("configuration:mode")?.as_deref(), Some("fast"));
/// # Ok::<(), tenondb::Error>(())
/// ```
pub struct PrefixWatch {
    db: Db,
    prefix: Bytes,
    mailbox: Arc<Mailbox>,
}

impl Db {
    /// Watches all keys whose names begin with `prefix`, in all logical databases; the empty one is that of every key.
    ///
    /// All keys are locked for a moment when nobody else watches or tracks keys yet.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::Kind::Internal): keys are fenced off because a command has panicked on them.
    pub fn watch_prefix(&self, prefix: impl AsRef<[u8]>) -> Result<PrefixWatch> {
        self.watch_prefix_with(prefix, WatchOptions::default())
    }

    /// The same, with bounds of its own.
    ///
    /// # Errors
    /// As [`Db::watch_prefix`].
    pub fn watch_prefix_with(&self, prefix: impl AsRef<[u8]>, options: WatchOptions) -> Result<PrefixWatch> {
        self.core.own()?;
        let bound = Bound::Forget { letters: options.capacity.max(1), bytes: options.bytes_max };
        let mailbox = Arc::new(Mailbox::of_reader(bound));
        let prefix = Bytes::copy(prefix.as_ref());
        self.core.begin_watch(self, &prefix, &mailbox)?;
        Ok(PrefixWatch { db: self.clone(), prefix, mailbox })
    }
}

impl PrefixWatch {
    /// The prefix that is watched.
    pub fn prefix(&self) -> &[u8] {
        &self.prefix
    }

    /// Returns the next invalidation if there is one.
    pub fn try_recv(&self) -> Option<Invalidation> {
        self.db.core.own().ok()?;
        self.mailbox.take_one().as_ref().map(Invalidation::of)
    }

    /// Returns the next invalidation; waits until there is one. In the child of a fork it is always [`Invalidation::All`].
    pub fn recv(&self) -> Invalidation {
        if self.db.core.own().is_err() {
            return Invalidation::All;
        }
        loop {
            if let Some(letter) = self.mailbox.wait(None) {
                return Invalidation::of(&letter);
            }
        }
    }

    /// Returns the next invalidation; waits until there is one, for so long at most. `None`: there was none.
    pub fn recv_timeout(&self, patience: Duration) -> Option<Invalidation> {
        self.db.core.own().ok()?;
        let watch = Stopwatch::start();
        loop {
            let left = patience.saturating_sub(Duration::from_micros(watch.elapsed_us()));
            let letter = self.mailbox.wait(Some(left));
            if letter.is_some() || left.is_zero() {
                return letter.as_ref().map(Invalidation::of);
            }
        }
    }

    /// Returns the next invalidation, or has the task woken when there is one; it is never `Ready(None)`. Only the task that
    /// has polled last is woken.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Invalidation>> {
        if self.db.core.own().is_err() {
            return Poll::Ready(Some(Invalidation::All));
        }
        match self.mailbox.poll(cx.waker()) {
            Some(letter) => Poll::Ready(Some(Invalidation::of(&letter))),
            None => Poll::Pending,
        }
    }

    /// Returns the next invalidation, as a future: nothing is lost when it is dropped before it is done.
    pub async fn recv_async(&mut self) -> Invalidation {
        poll_fn(|cx| self.poll_next(cx)).await.unwrap_or(Invalidation::All)
    }

    /// The number of invalidations that wait.
    pub fn len(&self) -> usize {
        if self.db.core.own().is_err() {
            return 0;
        }
        self.mailbox.waiting().0
    }

    /// Tells whether no invalidation waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Waits for each invalidation; does not end.
impl Iterator for PrefixWatch {
    type Item = Invalidation;

    fn next(&mut self) -> Option<Invalidation> {
        Some(self.recv())
    }
}

impl Drop for PrefixWatch {
    fn drop(&mut self) {
        if self.db.core.own().is_ok() {
            self.db.core.end_prefix_watch(&self.db, &self.prefix, &self.mailbox);
        }
    }
}

impl std::fmt::Debug for PrefixWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PrefixWatch").field("prefix", &self.prefix).field("mailbox", &self.mailbox).finish()
    }
}
