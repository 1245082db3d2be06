//! Commands that may wait: a thread blocks, a future is woken.
use crate::base::lock::Mutex;
use crate::{
    base::{
        atom::{Args, atoms},
        bytes::Bytes,
        error::{Error, Kind, Result},
    },
    cmd::wait::{Blocking, Tried},
    engine::{
        Db,
        wait::{Attempt, Outcome, Waiter, Waiting},
    },
};
use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

/// A command that waits for keys, such as [`BLPop`](crate::op::BLPop): a future for any executor, or something to
/// [`wait`](Pending::wait) for. It was run once when it was made; whoever makes one of its keys ready runs it again, for those who
/// wait in the order of their arrival.
///
/// Dropping it ends the wait. If it was served meanwhile, what it took is put back, to where it was taken from.
///
/// Its deadline goes by the database's clock, and is over at the latest when that much time has really passed. It is kept by the background
/// thread; without one (`threads: 0`) by [`Db::tick`] or by polling.
#[must_use = "nobody waits until it is polled or waited for"]
pub struct Pending<T> {
    db: Db,
    state: State<T>,
}

enum State<T> {
    /// Not taken yet, perhaps; and the command that takes it back.
    Ready(Option<Result<T>>, Vec<Bytes>),
    Waits(Arc<Waiter>, Arc<Mutex<Option<Result<T>>>>, bool),
}

// Nothing in it is pinned.
impl<T> Unpin for Pending<T> {}

impl Db {
    /// Runs `op` and blocks the thread until it is done or its time is over: then the result is empty.
    ///
    /// # Errors
    /// The command's; `UNBLOCKED` never happens to it; `ERR the database is closed` when it is closed meanwhile.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use tenondb::{Db, Lists, op::BLPop};
    /// let db = Db::memory();
    /// let worker = std::thread::spawn({
    ///     let db = db.clone();
    ///     move || db.wait(BLPop::new(&["jobs"], Duration::from_secs(5)))
    /// });
    /// db.rpush("jobs", &["build"])?;
    /// let (queue, job) = worker.join().unwrap()?.unwrap();
    /// assert_eq!((&*queue, &*job), (&b"jobs"[..], &b"build"[..]));
    /// # Ok::<(), tenondb::Error>(())
    /// ```
    pub fn wait<C: Blocking>(&self, op: C) -> Result<C::Owned>
    where
        C::Owned: Default,
    {
        self.pending(op).wait()
    }

    /// Runs `op`, and returns what is to be awaited, or waited for.
    ///
    /// ```
    /// # use std::{sync::Arc, task::{Context, Poll, Wake, Waker}, pin::pin, future::Future, time::Duration};
    /// use tenondb::{Db, Lists, op::BLPop};
    /// # struct Nobody; impl Wake for Nobody { fn wake(self: Arc<Self>) {} }
    /// # let waker = Waker::from(Arc::new(Nobody)); let mut context = Context::from_waker(&waker);
    /// let db = Db::memory();
    /// let mut job = pin!(db.pending(BLPop::new(&["jobs"], Duration::ZERO)));
    /// assert!(job.as_mut().poll(&mut context).is_pending());
    /// db.rpush("jobs", &["build"])?;
    /// assert!(matches!(job.poll(&mut context), Poll::Ready(Ok(Some(_)))));
    /// # Ok::<(), tenondb::Error>(())
    /// ```
    pub fn pending<C: Blocking>(&self, op: C) -> Pending<C::Owned>
    where
        C::Owned: Default,
    {
        let words = op.words();
        let state = match C::attempt(self, Args::new(&atoms(&words)), true) {
            Ok(Tried::Done(result, undo)) => State::Ready(Some(Ok(result)), undo),
            Ok(Tried::Waits(patience)) => {
                let slot = Arc::new(Mutex::new(None));
                let (kept, mut words) = (Arc::clone(&slot), words);
                let again: Attempt = Box::new(move |gate| {
                    let (result, undo) = match C::attempt(gate, Args::new(&atoms(&words)), true) {
                        Ok(Tried::Done(result, undo)) => (Ok(result), undo),
                        Ok(Tried::Waits(patience)) => {
                            if let Some(settled) = patience.settled {
                                words = settled;
                            }
                            return None;
                        }
                        Err(error) => (Err(error), Vec::new()),
                    };
                    *kept.lock() = Some(result);
                    Some(undo)
                });
                let what = Waiting {
                    db: self.index(),
                    keys: &op.waited(),
                    touch: self.touch,
                    is_write: C::WRITES,
                    wake: None,
                };
                match self.core.park(what, patience, again) {
                    Ok(waiter) => State::Waits(waiter, slot, false),
                    Err(error) => State::Ready(Some(Err(error)), Vec::new()),
                }
            }
            Err(error) => State::Ready(Some(Err(error)), Vec::new()),
        };
        Pending { db: self.clone(), state }
    }
}

impl<T: Default> Pending<T> {
    /// Blocks the thread until the command is done or its time is over: then the result is empty.
    ///
    /// # Errors
    /// The command's; `ERR the database is closed` when it is closed meanwhile.
    pub fn wait(mut self) -> Result<T> {
        if let State::Waits(waiter, ..) = &self.state {
            self.db.core.sleep(waiter);
        }
        self.outcome().unwrap_or_else(|| Err(taken()))
    }

    /// The result, if the wait is over and nobody has had it.
    fn outcome(&mut self) -> Option<Result<T>> {
        let (waiter, slot) = match &mut self.state {
            State::Ready(result, _) => return result.take(),
            State::Waits(waiter, slot, _) => (waiter, slot),
        };
        let core = &self.db.core;
        core.end_if_due(waiter);
        let result = match waiter.take()? {
            Outcome::Served(position) => match core.confirm(position, &self.db) {
                Ok(()) => slot.lock().take().unwrap_or_else(|| Err(taken())),
                Err(error) => Err(error),
            },
            Outcome::Ended(end) => {
                core.withdraw(waiter);
                end.error().map_or_else(|| Ok(T::default()), Err)
            }
        };
        self.state = State::Ready(None, Vec::new());
        Some(result)
    }
}

#[cold]
fn taken() -> Error {
    Error::new(Kind::Misuse, "ERR the result was taken before")
}

impl<T: Default> Future for Pending<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let State::Waits(waiter, _, timed) = &mut self.state {
            // Before the look: who serves it behind the look wakes this task.
            waiter.woken_by(context.waker());
            let (waiter, first) = (Arc::clone(waiter), !std::mem::replace(timed, true));
            if first {
                self.db.core.set_timer(&waiter);
            }
        }
        match self.outcome() {
            Some(result) => Poll::Ready(result),
            None if matches!(self.state, State::Ready(..)) => Poll::Ready(Err(taken())),
            None => Poll::Pending,
        }
    }
}

impl<T> Drop for Pending<T> {
    fn drop(&mut self) {
        match &self.state {
            State::Waits(waiter, ..) => self.db.core.leave(&self.db, waiter),
            State::Ready(Some(Ok(_)), undo) => self.db.take_back(undo),
            State::Ready(..) => {}
        }
    }
}

impl<T> std::fmt::Debug for Pending<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let waits = matches!(&self.state, State::Waits(waiter, ..) if !waiter.is_over());
        f.debug_struct("Pending").field("waits", &waits).finish_non_exhaustive()
    }
}
