//! Waiting: in slices, so that Ctrl-C ends it, and with other threads running meanwhile.
use crate::{
    attached::lazily,
    error,
    home::{self, Ends, Home},
    poller::{Poller, Token},
    value::{self, Decode},
};
use pyo3::{exceptions::PyValueError, prelude::*};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tenondb::{PendingCall, Reply};

/// How long a thread waits before it looks for signals.
const SLICE: Duration = Duration::from_millis(50);

/// Seconds of Python's as a time-out; `None`: for ever.
///
/// # Errors
/// `ValueError` for what is no time.
pub fn patience(seconds: Option<f64>) -> PyResult<Option<Duration>> {
    match seconds {
        None => Ok(None),
        Some(seconds) if seconds >= 1e9 => Ok(None),
        Some(seconds) => Duration::try_from_secs_f64(seconds.max(0.0))
            .map(Some)
            .map_err(|_| PyValueError::new_err("a time-out is a number of seconds")),
    }
}

/// Calls `look` with times to wait until it returns something or `patience` is over.
///
/// # Errors
/// What a signal handler raises: `KeyboardInterrupt`.
pub fn in_slices<T: Send>(
    py: Python<'_>,
    patience: Option<Duration>,
    mut look: impl FnMut(Duration) -> Option<T> + Send,
) -> PyResult<Option<T>> {
    let mut left = patience;
    loop {
        let slice = left.map_or(SLICE, |left| left.min(SLICE));
        let (found, took) = py.detach(|| {
            #[expect(
                clippy::disallowed_methods,
                reason = "how long a thread has slept decides about nothing else"
            )]
            let start = std::time::Instant::now();
            (look(slice), start.elapsed())
        });
        if found.is_some() {
            return Ok(found);
        }
        py.check_signals()?;
        if let Some(left) = &mut left {
            *left = left.saturating_sub(took);
            if left.is_zero() {
                return Ok(None);
            }
        }
    }
}

/// Waits for a command; one that is not served at once is given up when a signal or `close()` ends the wait, and what it was
/// served with meanwhile goes back.
pub fn finish(py: Python<'_>, home: &Home, mut call: PendingCall, attempt_detached: bool) -> PyResult<Reply> {
    let attempt = || call.wait_for(Duration::ZERO);
    let first = if attempt_detached { py.detach(attempt) } else { lazily(py, attempt) };
    let reply = match first {
        Some(reply) => Ok(Some(reply)),
        None => {
            let look =
                |slice| home.slice(|| call.wait_for(slice)).map_or(Some(None), |found| found.map(Some));
            in_slices(py, None, look).map(Option::flatten)
        }
    };
    // What it was served with and nobody takes goes back, for which its keys are wanted.
    lazily(py, || drop(call));
    reply?.ok_or_else(|| home::closed(py))?.map_err(|error| error::raised(py, &error))
}

/// A command that waits, for an event loop. Dropping it, or `cancel()`, gives back what it was served with.
#[pyclass(module = "tenondb._native", frozen)]
pub struct Pending {
    waiting: Arc<Waiting>,
    home: Arc<Home>,
    decode: Decode,
}

/// The call, and who is told when it is time to look. Both are only locked for a moment, with the interpreter held.
struct Waiting {
    call: Mutex<Call>,
    token: Mutex<Option<Token>>,
}

/// Where the call is: who looks takes it with him, since he may have to wait.
enum Call {
    Here(PendingCall),
    LookedAt,
    Gone,
}

impl Waiting {
    fn call(&self) -> MutexGuard<'_, Call> {
        self.call.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn token(&self) -> MutexGuard<'_, Option<Token>> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cancel(&self, py: Python<'_>) {
        let call = std::mem::replace(&mut *self.call(), Call::Gone);
        if let Call::Here(call) = call {
            lazily(py, || drop(call));
        }
    }
}

impl Ends for Waiting {
    fn end(&self, py: Python<'_>) {
        self.cancel(py);
        if let Some(token) = self.token().take() {
            token.push();
        }
    }
}

impl Pending {
    pub fn new(call: PendingCall, home: Arc<Home>, decode: Decode) -> Self {
        let waiting = Arc::new(Waiting { call: Mutex::new(Call::Here(call)), token: Mutex::default() });
        Self { waiting, home, decode }
    }
}

#[pymethods]
impl Pending {
    /// Puts `token` into `poller` when it is time to look again.
    fn attach(&self, py: Python<'_>, poller: &Poller, token: u64) {
        let poller = poller.inner.clone();
        *self.waiting.token() = Some(Token { poller: poller.clone(), token });
        if let Call::Here(call) = &*self.waiting.call() {
            call.notify(Some(Arc::new(move || poller.push(token))));
        }
        self.home.keep(py, &self.waiting);
    }

    /// Looks: `(True, reply)`, or `(False, None)` when it still waits.
    fn look<'p>(&self, py: Python<'p>) -> PyResult<(bool, Bound<'p, PyAny>)> {
        self.home.check(py)?;
        let taken = {
            let mut call = self.waiting.call();
            match &*call {
                Call::Here(_) => std::mem::replace(&mut *call, Call::LookedAt),
                // By another thread: he tells.
                Call::LookedAt => return Ok((false, py.None().into_bound(py))),
                Call::Gone => Call::Gone,
            }
        };
        let Call::Here(mut taken) = taken else {
            return Err(error::closed(py, "ERR the call was cancelled"));
        };
        let reply = lazily(py, || taken.poll_once());
        if let Some(reply) = reply {
            *self.waiting.call() = Call::Gone;
            let reply = reply.map_err(|error| error::raised(py, &error))?;
            return Ok((true, value::object(py, &reply, self.decode)?));
        }
        let mut call = self.waiting.call();
        if matches!(&*call, Call::Gone) {
            drop(call);
            // It was cancelled meanwhile.
            lazily(py, || drop(taken));
            return Err(error::closed(py, "ERR the call was cancelled"));
        }
        *call = Call::Here(taken);
        Ok((false, py.None().into_bound(py)))
    }

    /// Ends the wait.
    fn cancel(&self, py: Python<'_>) {
        self.waiting.cancel(py);
    }
}
