//! A function of the program's that is called, and the certainty that it is called no more.
use crate::{bell, process};
use std::{
    ffi::c_void,
    sync::{Condvar, Mutex},
    thread::{self, ThreadId},
};
use tenondb::Result;

/// A function that is called with the context it was named with. It must neither block nor call this library, nor throw.
///
/// Since: 0.1
pub type tenon_notify = Option<unsafe extern "C" fn(context: *mut c_void)>;

pub struct Callee {
    process: u32,
    state: Mutex<State>,
    quiet: Condvar,
}

#[derive(Default)]
struct State {
    target: Option<Target>,
    /// The threads that are in it now.
    running: Vec<ThreadId>,
}

#[derive(Clone, Copy)]
struct Target {
    call: unsafe extern "C" fn(*mut c_void),
    context: *mut c_void,
}

// SAFETY: the context is passed on and never followed here; the program is told that any thread may call.
unsafe impl Send for Target {}

impl Default for Callee {
    fn default() -> Self {
        Self { process: process::current(), state: Mutex::default(), quiet: Condvar::new() }
    }
}

impl Callee {
    /// Names who is called from now on, and waits until nobody is in the one before – except this very thread.
    pub fn set(&self, call: tenon_notify, context: *mut c_void) -> Result<()> {
        let mut state = bell::lock(&self.state, self.process)?;
        state.target = call.map(|call| Target { call, context });
        let me = thread::current().id();
        while state.running.iter().any(|thread| *thread != me) {
            state = self.quiet.wait(state).unwrap_or_else(|state| state.into_inner());
        }
        Ok(())
    }

    pub fn call(&self) {
        let Ok(mut state) = bell::lock(&self.state, self.process) else { return };
        let Some(Target { call, context }) = state.target else { return };
        let me = thread::current().id();
        state.running.push(me);
        drop(state);
        // SAFETY: the program has named the function for such a call, and keeps its context until `set` has returned.
        unsafe { call(context) };
        // It may have forked: the child has nobody to tell.
        let Ok(mut state) = bell::lock(&self.state, self.process) else { return };
        if let Some(at) = state.running.iter().position(|thread| *thread == me) {
            state.running.swap_remove(at);
        }
        drop(state);
        self.quiet.notify_all();
    }
}
