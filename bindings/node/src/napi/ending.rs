//! Scripts beside an environment that ends.
//!
//! Whoever ends a worker – `terminate()`, or the end of the process – waits for its thread, and Node can stop nothing but JavaScript on it. So a
//! script of ours asks now and then whether the environment that it was called in has been told to end, and is then stopped as SCRIPT KILL
//! does it.
//!
//! One that has written goes on: it must not be left half done. Who has only ended the worker waits for it; SCRIPT KILL refuses it,
//! too. A process that ends gives it the time that closing a database gives it, and is then over: Node has run its last line of
//! JavaScript and only waits, and of what the script wrote nothing was recorded, as after any death of the process.
use super::{Env, node};
use napi_sys as sys;
use std::{
    cell::Cell,
    ptr,
    sync::OnceLock,
    time::{Duration, Instant},
};
use tenondb::Attention;

/// How long a process that ends waits for a script that has written.
const SCRIPT_ENDS_IN: Duration = Duration::from_secs(5);

/// The exit code of the process, from when it ends.
static EXIT_CODE: OnceLock<i32> = OnceLock::new();

unsafe extern "C" {
    /// Ends the process at once, from any thread: nothing is run any more that others could be in the middle of.
    safe fn _exit(code: i32) -> !;
}

thread_local! {
    /// The environment that is calling us.
    static CALLER: Cell<sys::napi_env> = const { Cell::new(ptr::null_mut()) };
    /// Since when the script that runs here was to end.
    static STOPPED_AT: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Notes that the main thread has told that the process ends.
pub fn process_exits(code: i32) {
    // Told twice: by a listener that exits with another code. The one that came first may be out of date, and nothing else.
    let _ = EXIT_CODE.set(code);
}

impl Env<'_> {
    /// Runs what may run a script: it is stopped when this environment is told to end.
    pub fn attentively<R>(self, body: impl FnOnce() -> R) -> R {
        struct Back(sys::napi_env);
        impl Drop for Back {
            fn drop(&mut self) {
                CALLER.set(self.0);
                STOPPED_AT.set(None);
            }
        }
        let _back = Back(CALLER.replace(self.0));
        Attention { before_sleep: None, stops_script: Some(is_ending) }.during(body)
    }
}

/// Asked by a script that runs on this thread, inside [`Env::attentively`].
fn is_ending() -> bool {
    let env = CALLER.get();
    let (mut undefined, mut same, mut thrown) = (ptr::null_mut(), false, false);
    // Nothing of this makes anything or runs code of the caller. What may end in an exception is refused as soon as JavaScript must
    // not run any more: that is how Node lets it be known.
    node!(napi_get_undefined(env, &mut undefined));
    let status = node!(napi_strict_equals(env, undefined, undefined, &mut same));
    node!(napi_is_exception_pending(env, &mut thrown));
    let ends = status != sys::Status::napi_ok && !thrown;
    if let Some(code) = EXIT_CODE.get().filter(|_| ends) {
        give_up_late(*code);
    }
    ends
}

/// Ends the process when the script has had its time.
#[cold]
#[expect(
    clippy::disallowed_methods,
    reason = "how long somebody waits outside of the database is not its clock's affair"
)]
fn give_up_late(code: i32) {
    let since = STOPPED_AT.get().unwrap_or_else(Instant::now);
    STOPPED_AT.set(Some(since));
    if since.elapsed() >= SCRIPT_ENDS_IN {
        _exit(code);
    }
}
