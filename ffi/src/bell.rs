//! How a thread waits for a subscription, a watch or a pending call, so that whoever frees it can wake it.
//!
//! The core calls [`Bell::ring`] when it is time to look again. Rings are counted: one that comes between a look and
//! the sleep is not missed.
use crate::{boundary::misuse, process};
use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard},
    task::{Wake, Waker},
    time::{Duration, Instant},
};
use tenondb::{Error, Kind, Result, resp::Poller};

pub struct Bell {
    process: u32,
    /// The longest sleep between two looks.
    nap: Duration,
    state: Mutex<State>,
    rung: Condvar,
}

#[derive(Default)]
struct State {
    rings: u64,
    /// The rings before the last look that has found nothing, and 1: with no more of them there is nothing to look for.
    looked: u64,
    closed: bool,
    attached: Option<(Poller, u64)>,
}

/// As long as a wait may last that is meant to last for ever.
const FOREVER: Duration = Duration::from_secs(1 << 30);

/// What lies behind a handle that may be locked by a thread that a fork has left behind.
pub fn lock<T>(value: &Mutex<T>, process: u32) -> Result<MutexGuard<'_, T>> {
    if process != process::current() {
        return Err(of_the_parent());
    }
    Ok(value.lock().unwrap_or_else(|guard| guard.into_inner()))
}

#[cold]
pub fn of_the_parent() -> Error {
    misuse("ERR this handle belongs to the process that has opened it: open it again in the child of a fork")
}

#[cold]
fn freed() -> Error {
    Error::new(Kind::Closed, "ERR the handle was freed while this thread waited")
}

impl Bell {
    pub fn new(nap: Option<Duration>) -> Arc<Self> {
        let (process, nap) = (process::current(), nap.unwrap_or(FOREVER));
        Arc::new(Self { process, nap, state: Mutex::default(), rung: Condvar::new() })
    }

    pub fn process(&self) -> u32 {
        self.process
    }

    /// Has those who wait look again.
    pub fn ring(&self) {
        let Ok(mut state) = lock(&self.state, self.process) else { return };
        state.rings += 1;
        if let Some((poller, token)) = &state.attached {
            poller.push(*token);
        }
        drop(state);
        self.rung.notify_all();
    }

    /// Sends those who wait away: the handle is freed.
    pub fn close(&self) {
        let Ok(mut state) = lock(&self.state, self.process) else { return };
        state.closed = true;
        state.attached = None;
        drop(state);
        self.rung.notify_all();
    }

    /// From now on each ring puts `token` among those of the poller. It is there at once when there is something to look
    /// for: nobody has looked yet, or something has come since.
    pub fn attach(&self, poller: &Poller, token: u64) -> Result<()> {
        let mut state = lock(&self.state, self.process)?;
        if state.looked <= state.rings {
            poller.push(token);
        }
        state.attached = Some((poller.clone(), token));
        Ok(())
    }

    /// Fails when the handle is freed.
    fn open(&self) -> Result<MutexGuard<'_, State>> {
        let state = lock(&self.state, self.process)?;
        if state.closed { Err(freed()) } else { Ok(state) }
    }

    /// Looks until there is something, for `timeout_ms` at most: 0 means one look, less than 0 for ever.
    #[expect(
        clippy::disallowed_methods,
        reason = "how long a caller waits is no matter of the database's clock"
    )]
    pub fn wait<T>(&self, timeout_ms: i64, mut look: impl FnMut() -> Result<Option<T>>) -> Result<Option<T>> {
        let patience = u64::try_from(timeout_ms).map_or(FOREVER, Duration::from_millis).min(FOREVER);
        let mut end: Option<Instant> = None;
        loop {
            let seen = self.open()?.rings;
            let found = match look() {
                Ok(found) => found,
                // Perhaps only because the handle was freed meanwhile.
                Err(error) => return self.open().and(Err(error)),
            };
            if found.is_some() {
                return Ok(found);
            }
            let mut state = self.open()?;
            state.looked = state.looked.max(seen + 1);
            if timeout_ms == 0 {
                return Ok(None);
            }
            let now = Instant::now();
            let left = end.get_or_insert(now + patience).saturating_duration_since(now);
            if left.is_zero() {
                return Ok(None);
            }
            let sleeping = |state: &mut State| state.rings == seen && !state.closed;
            // A poisoned lock is one whose holder panicked: the counter it guards is whole all the same.
            drop(self.rung.wait_timeout_while(state, left.min(self.nap), sleeping));
        }
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.ring();
    }
}

/// The waker that rings it.
pub fn waker(bell: &Arc<Bell>) -> Waker {
    Waker::from(Arc::clone(bell))
}
