//! Letting other threads run while the engine works: for slow calls at once, for quick ones only when they have to wait.
//!
//! A quick command keeps the interpreter: letting it go costs more than the command does. But its keys may be held, for ever by a
//! script without an end; waiting with the interpreter nobody could even say SCRIPT KILL. So the engine says, just before it
//! sleeps, that it does ([`Attention`]), and the interpreter is let go there and then, until the call has come back. A count of the
//! slow calls under way, for the quick ones to look at, was the other choice: it would know nothing of the engine's own
//! threads, let go for many who wait for nobody, and be one more line of memory that all threads write to.
//!
//! Signals come to the main thread only, and Python looks at them when a call has returned. While a script runs on it, the
//! interpreter's own alarm (`signal.set_wakeup_fd`) is led here; Ctrl-C stops the script as SCRIPT KILL does.
use pyo3::{ffi, prelude::*};
use std::{
    cell::Cell,
    io::{ErrorKind, Read},
    os::{fd::AsRawFd, unix::net::UnixStream},
    ptr::null_mut,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tenondb::Attention;

/// The number of the signal that Ctrl-C sends.
const SIGINT: u8 = 2;

thread_local! {
    /// What this thread has to come back with, when it has let the interpreter go in the middle of a quick call.
    static LET_GO: Cell<*mut ffi::PyThreadState> = const { Cell::new(null_mut()) };
    /// Signals do not come here.
    static NEVER_SIGNALLED: Cell<bool> = const { Cell::new(false) };
}

/// Called by the engine inside [`lazily`], and nowhere else.
#[expect(unsafe_code, reason = "the interpreter is let go by a function of C")]
fn let_go() {
    if LET_GO.get().is_null() {
        // SAFETY: `lazily` was called with the interpreter held, by this thread, and it was not let go since.
        LET_GO.set(unsafe { ffi::PyEval_SaveThread() });
    }
}

/// Has the interpreter again in the end, also when the engine panics.
struct Back;

impl Drop for Back {
    #[inline]
    #[expect(unsafe_code, reason = "and taken by another")]
    fn drop(&mut self) {
        let state = LET_GO.replace(null_mut());
        if !state.is_null() {
            // SAFETY: it is what letting go has returned, on this thread, and it is used once.
            unsafe { ffi::PyEval_RestoreThread(state) };
        }
    }
}

/// Runs a quick call of the engine with the interpreter held as long as it need not wait. `body` neither makes, reads nor drops
/// objects, and the caller holds no lock that others take with the interpreter held.
#[inline]
pub fn lazily<R: Send>(_: Python<'_>, body: impl FnOnce() -> R + Send) -> R {
    let _back = Back;
    Attention { before_sleep: Some(let_go), stops_script: None }.during(body)
}

/// Both ends of the alarm, of one process, and what came that is for others.
struct Alarm {
    process: u32,
    ends: Option<(UnixStream, UnixStream)>,
    rung: Vec<u8>,
}

static ALARM: Mutex<Alarm> = Mutex::new(Alarm { process: 0, ends: None, rung: Vec::new() });

fn alarm() -> MutexGuard<'static, Alarm> {
    ALARM.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Alarm {
    /// The descriptor that the interpreter writes to.
    fn fd(&mut self) -> std::io::Result<i32> {
        let process = std::process::id();
        if self.process != process {
            // The child of a fork would share it with its parent.
            (self.process, self.ends) = (process, None);
        }
        if self.ends.is_none() {
            let (reads, writes) = UnixStream::pair()?;
            reads.set_nonblocking(true)?;
            writes.set_nonblocking(true)?;
            self.ends = Some((reads, writes));
        }
        Ok(self.ends.as_ref().map_or(-1, |(_, writes)| writes.as_raw_fd()))
    }

    /// Takes what has come.
    fn listen(&mut self) {
        let Some((reads, _)) = &mut self.ends else { return };
        let mut signals = [0; 64];
        loop {
            match reads.read(&mut signals) {
                Ok(0) => return,
                Ok(count) => self.rung.extend_from_slice(&signals[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }
}

/// Asked by a script that runs.
fn is_interrupted() -> bool {
    let mut alarm = alarm();
    alarm.listen();
    alarm.rung.contains(&SIGINT)
}

/// The alarm while it is led here; who had it before gets it back, and what came for him.
struct Led<'p> {
    signal: Bound<'p, PyModule>,
    before: i32,
}

impl<'p> Led<'p> {
    /// Leads the alarm here; `None`: no signal comes to this thread.
    fn here(py: Python<'p>) -> PyResult<Option<Self>> {
        if NEVER_SIGNALLED.get() {
            return Ok(None);
        }
        let Ok(fd) = alarm().fd() else { return Ok(None) };
        let signal = py.import("signal")?;
        match set_alarm(&signal, fd) {
            Ok(before) => Ok(Some(Self { signal, before })),
            Err(_) => {
                NEVER_SIGNALLED.set(true);
                Ok(None)
            }
        }
    }

    fn end(self) -> PyResult<()> {
        set_alarm(&self.signal, self.before)?;
        let mut alarm = alarm();
        alarm.listen();
        let rung = std::mem::take(&mut alarm.rung);
        drop(alarm);
        if self.before >= 0 && !rung.is_empty() {
            // Nobody waits there for more than a hint: what has no room is not missed.
            let _ = self.signal.py().import("os")?.call_method1("write", (self.before, rung.as_slice()));
        }
        Ok(())
    }
}

/// Has the interpreter write the numbers of signals to `fd`, and returns to what it did before.
fn set_alarm(signal: &Bound<'_, PyModule>, fd: i32) -> PyResult<i32> {
    let options = pyo3::types::PyDict::new(signal.py());
    options.set_item("warn_on_full_buffer", false)?;
    signal.call_method("set_wakeup_fd", (fd,), Some(&options))?.extract()
}

/// Runs a call that may run a script, with other threads running meanwhile. Ctrl-C stops it, unless it has written, and the
/// handler is run when it has come back. One that raises nothing changes nothing: where the result `was_stopped`, the call
/// is made again, of which nothing has happened.
///
/// # Errors
/// What the handler raises: `KeyboardInterrupt`.
pub fn interruptibly<R: Send>(
    py: Python<'_>,
    mut body: impl FnMut() -> R + Send,
    was_stopped: impl Fn(&R) -> bool,
) -> PyResult<R> {
    loop {
        let Some(led) = Led::here(py)? else { return Ok(py.detach(body)) };
        // What came before it was led here.
        let result = py.check_signals().map(|()| {
            let attention = Attention { before_sleep: None, stops_script: Some(is_interrupted) };
            py.detach(|| attention.during(&mut body))
        });
        let interrupted = is_interrupted();
        led.end()?;
        let result = result?;
        py.check_signals()?;
        if !interrupted || !was_stopped(&result) {
            return Ok(result);
        }
    }
}
