//! Commands by their words that may wait, as futures: `db.pending_call(["BLPOP", "jobs", "0"])`.
use crate::{
    base::{
        atom::atoms,
        bell::{Bell, Woken},
        bytes::Bytes,
        clock::Stopwatch,
        error::{Error, Kind, Result},
        reply::{Reply, Tree},
    },
    cmd::session::dispatch,
    engine::{Db, peer::Peer},
};
use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

/// How long a thread sleeps at once: the ends of waits are found by looking in a database that only its host ticks.
const NAP: Duration = Duration::from_millis(10);

/// A command that is executed by the first look at it, and may then have to wait. It is a future, for any executor; a
/// thread can wait for it, too. Dropping it ends the wait: what it was served with meanwhile is given back.
#[must_use = "the command is executed by the first look"]
pub struct PendingCall {
    state: State,
    bell: Arc<Bell>,
    is_ticked: bool,
}

enum State {
    New(Db, Vec<Bytes>),
    Waits(Box<Peer>),
    Done,
}

impl Db {
    /// Runs a command given as its name and arguments, as [`Db::call`] does; one that waits does not block the thread.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use tenondb::{Db, Reply};
    /// let db = Db::memory();
    /// let mut job = db.pending_call(["BLPOP", "jobs", "0"]);
    /// assert!(job.wait_for(Duration::from_millis(1)).is_none());
    /// db.call(["RPUSH", "jobs", "build"])?;
    /// assert_eq!(job.wait()?.as_list().unwrap()[1].as_bytes(), Some(&b"build"[..]));
    /// # Ok::<(), tenondb::Error>(())
    /// ```
    pub fn pending_call<A: AsRef<[u8]>>(&self, argv: impl IntoIterator<Item = A>) -> PendingCall {
        let words = argv.into_iter().map(|word| Bytes::copy(word.as_ref())).collect();
        let is_ticked = self.core.upkeep.has_thread();
        PendingCall { state: State::New(self.clone(), words), bell: Arc::default(), is_ticked }
    }
}

impl PendingCall {
    /// Blocks the thread until the command is done.
    ///
    /// # Errors
    /// What the command says, in Redis's words.
    pub fn wait(mut self) -> Result<Reply> {
        loop {
            if let Some(result) = self.wait_for(Duration::MAX) {
                return result;
            }
        }
    }

    /// Blocks the thread until the command is done, for `patience` at most: `None` says that it still waits.
    pub fn wait_for(&mut self, patience: Duration) -> Option<Result<Reply>> {
        let watch = Stopwatch::start();
        loop {
            self.bell.arm();
            if let Some(result) = self.look() {
                return Some(result);
            }
            let left = patience.saturating_sub(Duration::from_micros(watch.elapsed_us()));
            if left.is_zero() {
                return None;
            }
            let nap = if self.is_ticked { left } else { left.min(NAP) };
            if self.bell.sleep((nap != Duration::MAX).then_some(nap)) == Woken::Interrupted {
                return None;
            }
        }
    }

    /// Calls `notify` when it is time to look again, on any thread, under no lock; it must not block.
    pub fn notify(&self, notify: Option<Arc<dyn Fn() + Send + Sync>>) {
        self.bell.set_notify(notify);
    }

    /// The result, if the command is done. Executes it, if that was not done yet. After `None`, whoever
    /// [`PendingCall::notify`] has named is called once.
    pub fn poll_once(&mut self) -> Option<Result<Reply>> {
        self.bell.arm();
        self.look()
    }

    fn look(&mut self) -> Option<Result<Reply>> {
        let mut tree = Tree::default();
        match std::mem::replace(&mut self.state, State::Done) {
            State::New(db, words) => {
                let bell = Arc::clone(&self.bell);
                let mut peer = Peer::of_call(&db, Some(Arc::new(move || bell.ring())));
                let atoms = atoms(&words);
                if atoms.is_empty() {
                    return Some(Err(Error::syntax()));
                }
                if let Err(error) = peer.db.core.own() {
                    return Some(Err(error));
                }
                dispatch(&mut peer, &atoms, &mut tree);
                if peer.parked.is_some() {
                    self.state = State::Waits(Box::new(peer));
                    // Its time may be over by now.
                    return self.look();
                }
            }
            State::Waits(mut peer) => {
                if let Err(error) = peer.db.core.own() {
                    return Some(Err(error));
                }
                if !peer.is_over() {
                    self.state = State::Waits(peer);
                    return None;
                }
                peer.finish(&mut tree);
            }
            State::Done => {
                return Some(Err(Error::new(Kind::Misuse, "ERR the result was taken before")));
            }
        }
        Some(tree.into_result())
    }
}

impl Future for PendingCall {
    type Output = Result<Reply>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.bell.set_waker(context.waker());
        self.poll_once().map_or(Poll::Pending, Poll::Ready)
    }
}

impl std::fmt::Debug for PendingCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let waits = matches!(self.state, State::Waits(_));
        f.debug_struct("PendingCall").field("waits", &waits).finish_non_exhaustive()
    }
}
