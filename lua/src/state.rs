//! A state of Lua with its libraries: what scripts run in, one at a time.
use crate::{
    ffi::{self, Lua, Shared},
    frame::{self, Frame, Raise},
    locals::Locals,
};
use std::{
    cell::Cell,
    ffi::c_void,
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::{NonNull, null, null_mut},
    sync::atomic::AtomicU32,
};

/// Who runs a script: what its natives find when they ask for [`Frame::host`].
pub trait Host {
    /// Does what a native of the host's is for: `what` says which.
    ///
    /// # Errors
    /// Those that the script is to see.
    fn call(&self, what: u32, frame: &mut Frame<'_>) -> Result<usize, Raise>;
    /// Called now and then while the script runs.
    fn look(&self) {}
}

/// What a state may use.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Above so many bytes Lua's own allocations fail, which is an error of the script.
    pub used_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { used_bytes_max: 256 * 1024 * 1024 }
    }
}

/// What opens a library: it pushes its table, and nothing else.
pub type Open = for<'f> fn(&mut Frame<'f>) -> Result<(), Raise>;

/// Where a compiled script is kept in its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk(i32);

/// How a script failed. What it raised is the one value on the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// An error: a table, in which `err` is the text, and `source` and `line` where it was.
    Raised,
    /// A text: memory ran out, or an error could not be made a table of.
    Plain,
}

/// What natives reach of the state they run in.
pub(crate) struct Inner {
    pub locals: Locals,
    /// Invariant: while it is there, [`State::run`] has it borrowed.
    pub host: Cell<Option<NonNull<dyn Host>>>,
}

/// A state of Lua.
pub struct State {
    /// Invariant: open, and its Rust side is running: nothing that is called here can raise.
    lua: *mut Lua,
    /// Shared with `lua`, which knows where it is: a box that is not moved out of.
    shared: *mut Shared,
    inner: *mut Inner,
    free: Vec<Chunk>,
    places: i32,
}

// SAFETY: nothing in it belongs to a thread; what natives keep is `Send`.
unsafe impl Send for State {}

unsafe extern "C" fn look(state: *mut c_void) {
    // SAFETY: the layer passes what `State::new` has put there, which lives as long as the state.
    let inner = unsafe { &*state.cast::<Inner>() };
    if let Some(host) = inner.host.get() {
        // SAFETY: `Inner::host`'s invariant.
        let host = unsafe { host.as_ref() };
        let _ = catch_unwind(AssertUnwindSafe(|| host.look()));
    }
}

impl State {
    /// Opens a state with Lua's own libraries; its globals can be set until it is sealed. `None`: there is no memory.
    pub fn new(limits: Limits) -> Option<Self> {
        let inner = Box::into_raw(Box::new(Inner { locals: Locals::default(), host: Cell::new(None) }));
        let shared = Box::into_raw(Box::new(Shared {
            used: 0,
            used_max: limits.used_bytes_max,
            rust: 0,
            threshold: 0,
            stop: null(),
            call: Some(frame::call),
            look: Some(look),
            state: inner.cast(),
            globals: null_mut(),
        }));
        // SAFETY: it lives until `lua` is closed.
        let lua = unsafe { ffi::tn_open(shared) };
        let state = Self { lua, shared, inner, free: Vec::new(), places: 0 };
        (!lua.is_null()).then_some(state)
    }

    fn frame(&mut self) -> Frame<'_> {
        // SAFETY: the invariant of `lua`, which is borrowed as long as the frame is there.
        unsafe { Frame::new(self.lua) }
    }

    /// Bytes that Lua has allocated.
    pub fn used_bytes(&self) -> usize {
        // SAFETY: `shared` lives as long as `self`; no script runs, since that would have it borrowed.
        unsafe { (*self.shared).used }
    }

    /// Gives a global name to the one value that `open` pushes.
    ///
    /// # Errors
    /// What it raised, or why it cannot be.
    pub fn set_up(
        &mut self,
        name: &str,
        open: impl FnOnce(&mut Frame<'_>) -> Result<(), Raise>,
    ) -> Result<(), Raise> {
        let mut frame = self.frame();
        frame.truncate(0);
        open(&mut frame)?;
        // SAFETY: the invariant of `lua`.
        let set = unsafe { ffi::tn_set_global(self.lua, name.as_ptr(), name.len()) };
        if set == 0 { Err(Raise::text("the state is sealed")) } else { Ok(()) }
    }

    /// Gives the value of a global a second name.
    ///
    /// # Errors
    /// The state is sealed.
    pub fn alias(&mut self, alias: &str, name: &str) -> Result<(), Raise> {
        let lua = self.lua;
        self.set_up(alias, |_| {
            // SAFETY: the invariant of `lua`.
            unsafe { ffi::tn_push_global(lua, name.as_ptr(), name.len()) };
            Ok(())
        })
    }

    /// Lets `change` change a global that is there, which it finds as the first value of its frame: a library's table.
    ///
    /// # Errors
    /// What it raised.
    pub fn amend(
        &mut self,
        name: &str,
        change: impl FnOnce(&mut Frame<'_>) -> Result<(), Raise>,
    ) -> Result<(), Raise> {
        self.frame().truncate(0);
        // SAFETY: the invariant of `lua`.
        unsafe { ffi::tn_push_global(self.lua, name.as_ptr(), name.len()) };
        let changed = change(&mut self.frame());
        self.frame().truncate(0);
        changed
    }

    /// Lets `prepare` see what natives keep, before a script runs.
    pub fn prepare(&mut self, prepare: impl FnOnce(&Frame<'_>)) {
        prepare(&self.frame());
    }

    /// Makes everything that a script can reach read-only.
    pub fn seal(&mut self) {
        // SAFETY: the invariant of `lua`.
        unsafe { ffi::tn_seal(self.lua) };
    }

    /// Compiles a script. `name` is what it is called in its errors, behind an `@`.
    ///
    /// # Errors
    /// The compiler's text.
    pub fn load(&mut self, text: &[u8], name: &std::ffi::CStr) -> Result<Chunk, Vec<u8>> {
        let chunk = self.free.pop().unwrap_or_else(|| {
            self.places += 1;
            Chunk(self.places)
        });
        // SAFETY: the invariant of `lua`; both texts are only read during the call.
        let status = unsafe { ffi::tn_load(self.lua, text.as_ptr(), text.len(), name.as_ptr(), chunk.0) };
        if status == 0 {
            return Ok(chunk);
        }
        self.free.push(chunk);
        Err(self.text_of_top())
    }

    /// Lets a compiled script go.
    pub fn unload(&mut self, chunk: Chunk) {
        // SAFETY: the invariant of `lua`.
        unsafe { ffi::tn_unload(self.lua, chunk.0) };
        self.free.push(chunk);
    }

    fn text_of_top(&mut self) -> Vec<u8> {
        let mut frame = self.frame();
        let text = frame.to_bytes(-1).unwrap_or(b"unknown error").to_vec();
        frame.truncate(0);
        text
    }

    /// Runs a script to its end, or until `stop` is odd. `then` finds its result, or what it raised, as the one value of its frame.
    pub fn run<R>(
        &mut self,
        chunk: Chunk,
        [keys, args]: [&[&[u8]]; 2],
        host: &dyn Host,
        stop: &AtomicU32,
        then: impl FnOnce(&mut Frame<'_>, Result<(), Failure>) -> R,
    ) -> R {
        let host: NonNull<dyn Host + '_> = NonNull::from(host);
        // SAFETY: only the lifetime is another; `Ending` takes it away before this call returns.
        let host: NonNull<dyn Host> = unsafe { std::mem::transmute(host) };
        let ending = Ending { lua: self.lua, shared: self.shared, inner: self.inner };
        // SAFETY: `inner` lives as long as `self`.
        unsafe { (*self.inner).host.set(Some(host)) };
        // SAFETY: `shared` lives as long as `self`, and only Lua looks at it meanwhile.
        unsafe { (*self.shared).stop = stop };
        let given = push_words(&mut self.frame(), keys).and_then(|()| push_words(&mut self.frame(), args));
        let ended = match given {
            // SAFETY: the invariant of `lua`; KEYS and ARGV are on its stack.
            Ok(()) => unsafe { ffi::tn_run(self.lua, chunk.0) },
            Err(_) => {
                let mut frame = self.frame();
                frame.truncate(0);
                let _ = frame.push_bytes(b"not enough memory");
                ffi::OUT_OF_MEMORY
            }
        };
        let mut frame = self.frame();
        let ended = match ended {
            0 => Ok(()),
            _ if frame.kind(-1) == frame::Kind::Table => Err(Failure::Raised),
            _ => Err(Failure::Plain),
        };
        let result = then(&mut frame, ended);
        drop(ending);
        result
    }

    /// Runs a chunk with these libraries and returns the text of its first result: for tests of libraries.
    ///
    /// # Errors
    /// The text of its error.
    pub fn test(&mut self, libraries: &[(&str, Open)], text: &str) -> Result<Vec<u8>, Vec<u8>> {
        struct Nobody;
        impl Host for Nobody {
            fn call(&self, _: u32, _: &mut Frame<'_>) -> Result<usize, Raise> {
                Err(Raise::text("there is no host"))
            }
        }
        for (name, open) in libraries {
            self.set_up(name, *open).map_err(|raised| format!("{raised:?}"))?;
        }
        let text = format!("local function f() {text}\nend return tostring((f()))");
        let chunk = self.load(text.as_bytes(), c"@test")?;
        self.run(chunk, [&[], &[]], &Nobody, &AtomicU32::new(0), |frame, ended| match ended {
            Ok(()) => Ok(frame.to_bytes(1).unwrap_or_default().to_vec()),
            Err(Failure::Plain) => Err(frame.to_bytes(1).unwrap_or_default().to_vec()),
            Err(Failure::Raised) => {
                let _ = frame.raw_get_field(1, b"err");
                Err(frame.to_bytes(-1).unwrap_or_default().to_vec())
            }
        })
    }
}

fn push_words(frame: &mut Frame<'_>, words: &[&[u8]]) -> Result<(), Raise> {
    frame.push_table(words.len(), 0)?;
    for (n, word) in words.iter().enumerate() {
        frame.push_bytes(word)?;
        frame.raw_set_index(-2, n as i32 + 1)?;
    }
    Ok(())
}

/// Ends a run, also one whose host panicked.
struct Ending {
    lua: *mut Lua,
    shared: *mut Shared,
    inner: *mut Inner,
}

impl Drop for Ending {
    fn drop(&mut self) {
        // SAFETY: the state outlives its runs.
        unsafe { (*self.inner).host.set(None) };
        // SAFETY: as above.
        unsafe { (*self.shared).stop = null() };
        // SAFETY: as above, and Rust runs.
        unsafe { ffi::tn_rest(self.lua) };
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if !self.lua.is_null() {
            // SAFETY: nobody uses it any more.
            unsafe { ffi::tn_close(self.lua) };
        }
        // SAFETY: made by `Box::into_raw` in `new`; Lua, who knew of it, is gone.
        drop(unsafe { Box::from_raw(self.shared) });
        // SAFETY: as above.
        drop(unsafe { Box::from_raw(self.inner) });
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("used_bytes", &self.used_bytes()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
