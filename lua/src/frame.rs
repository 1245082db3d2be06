//! What a native sees of Lua: a stack of values, its arguments first.
//!
//! ```text
//!        1        2        3            -1
//!   ┌────────┬────────┬────────┬─ … ─┬────────┐
//!   │ first argument …         │     │  top   │     results: the topmost values
//!   └────────┴────────┴────────┴─ … ─┴────────┘
//! ```
//!
//! An index that is not there reads as no value; it is never followed. While a native runs the collector stands still, so that the bytes
//! of a string live until it returns, whether the string is still on the stack or not.
use crate::{
    ffi::{self, Lua},
    state::{Host, Inner},
};
use std::{cell::RefCell, ffi::c_int, ffi::c_void, marker::PhantomData, ptr::NonNull};

/// A function of Rust that Lua calls: how many of the topmost values are its results.
pub type Native = for<'f> fn(&mut Frame<'f>) -> Result<usize, Raise>;

/// How a native fails. It is raised when no frame of Rust is there any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Raise {
    /// A text, in front of which comes where the script was.
    Text(Vec<u8>),
    /// `bad argument #n to 'name' (text)`.
    Argument(usize, Vec<u8>),
    /// The value on the top of the stack.
    Top,
    /// The script has no memory left for it.
    Memory,
}

impl Raise {
    /// An error of this text.
    #[cold]
    pub fn text(text: impl Into<Vec<u8>>) -> Self {
        Self::Text(text.into())
    }

    /// An error about argument `n`.
    #[cold]
    pub fn argument(n: usize, text: impl Into<Vec<u8>>) -> Self {
        Self::Argument(n, text.into())
    }

    #[cold]
    fn no_room() -> Self {
        Self::text("stack overflow")
    }

    #[cold]
    fn refused(why: c_int) -> Self {
        Self::text(match why {
            1 => "table expected",
            2 => "Attempt to modify a readonly table",
            3 => "table index is nil",
            4 => "table index is NaN",
            5 => "table overflow",
            _ => return Self::Memory,
        })
    }
}

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// There is no value.
    None,
    Nil,
    Boolean,
    /// A pointer of the host's, which is a value.
    Light,
    Number,
    String,
    Table,
    Function,
    Userdata,
    Thread,
}

impl Kind {
    /// Lua's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "no value",
            Self::Nil => "nil",
            Self::Boolean => "boolean",
            Self::Light | Self::Userdata => "userdata",
            Self::Number => "number",
            Self::String => "string",
            Self::Table => "table",
            Self::Function => "function",
            Self::Thread => "thread",
        }
    }
}

/// Where a walk through a table is: at first before its beginning.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cursor(usize);

/// The stack of a native while it runs. See the head of this file.
pub struct Frame<'f> {
    /// Invariant: a state that lives as long as `'f`, and whose Rust side is running: `Shared::rust` is not 0.
    lua: *mut Lua,
    life: PhantomData<&'f mut Lua>,
}

/// Calls a function of the layer.
macro_rules! layer {
    ($call:expr) => {
        // SAFETY: the invariant of `lua`; the layer's functions check indices and room themselves, and raise nothing while Rust runs.
        unsafe { $call }
    };
}

fn pushed(has: c_int) -> Result<(), Raise> {
    if has == 1 { Ok(()) } else { Err(Raise::no_room()) }
}

fn taken(why: c_int) -> Result<(), Raise> {
    if why == 0 { Ok(()) } else { Err(Raise::refused(why)) }
}

impl<'f> Frame<'f> {
    /// # Safety
    /// `lua` is a state that lives as long as `'f`, and Rust runs. Nobody else uses it meanwhile.
    pub(crate) unsafe fn new(lua: *mut Lua) -> Self {
        Self { lua, life: PhantomData }
    }

    fn bytes_of(&self, data: *const u8, len: usize) -> &'f [u8] {
        // SAFETY: the layer gave the bytes of a string, which is not collected before Rust returns, and never changes.
        unsafe { std::slice::from_raw_parts(data, len) }
    }

    fn inner(&self) -> &'f Inner {
        let shared = layer!(ffi::tn_host_of(self.lua));
        // SAFETY: every state has its `Shared`, for as long as it lives.
        let state = unsafe { (*shared).state };
        // SAFETY: `State` keeps its `Inner` in a box as long as it lives, and only shared references to it are made.
        unsafe { &*state.cast::<Inner>() }
    }

    /// The host of the script that runs; `None` while a state is set up.
    pub fn host(&self) -> Option<&'f dyn Host> {
        let host: NonNull<dyn Host> = self.inner().host.get()?;
        // SAFETY: `State::run` keeps its host borrowed until the script has ended, which `'f` does not outlive.
        Some(unsafe { host.as_ref() })
    }

    /// What natives keep for this state: one value of each type, made by `Default` when it is asked for first.
    pub fn local<T: Default + Send + 'static>(&self) -> &'f RefCell<T> {
        self.inner().locals.of()
    }

    /// The number of values on the stack.
    #[expect(clippy::len_without_is_empty, reason = "nobody asks whether a stack is empty")]
    pub fn len(&self) -> usize {
        layer!(ffi::tn_len(self.lua)) as usize
    }

    /// The type of a value.
    pub fn kind(&self, at: i32) -> Kind {
        match layer!(ffi::tn_kind(self.lua, at)) {
            0 => Kind::Nil,
            1 => Kind::Boolean,
            2 => Kind::Light,
            3 => Kind::Number,
            4 => Kind::String,
            5 => Kind::Table,
            6 => Kind::Function,
            7 => Kind::Userdata,
            8 => Kind::Thread,
            _ => Kind::None,
        }
    }

    /// Tells whether a value counts as true: everything but nil, false and what is not there.
    pub fn truth(&self, at: i32) -> bool {
        layer!(ffi::tn_truth(self.lua, at)) != 0
    }

    /// The number, when it is one.
    pub fn number(&self, at: i32) -> Option<f64> {
        (self.kind(at) == Kind::Number).then(|| layer!(ffi::tn_number(self.lua, at)))
    }

    /// The bytes, when it is a string.
    pub fn bytes(&self, at: i32) -> Option<&'f [u8]> {
        if self.kind(at) != Kind::String {
            return None;
        }
        let mut len = 0;
        let data = layer!(ffi::tn_bytes(self.lua, at, &mut len));
        Some(self.bytes_of(data, len))
    }

    /// The number that it is, or that its text says.
    pub fn to_number(&self, at: i32) -> Option<f64> {
        let mut value = 0.0;
        (layer!(ffi::tn_to_number(self.lua, at, &mut value)) != 0).then_some(value)
    }

    /// The bytes of a string; a number becomes one, also on the stack.
    pub fn to_bytes(&mut self, at: i32) -> Option<&'f [u8]> {
        let mut len = 0;
        let data = layer!(ffi::tn_to_bytes(self.lua, at, &mut len));
        (!data.is_null()).then(|| self.bytes_of(data, len))
    }

    /// The pointer, when it is one of the host's.
    pub fn light(&self, at: i32) -> Option<usize> {
        let mut value = 0;
        (layer!(ffi::tn_light(self.lua, at, &mut value)) != 0).then_some(value)
    }

    /// The length of a string or of a table, without metamethods.
    pub fn raw_len(&self, at: i32) -> usize {
        layer!(ffi::tn_raw_len(self.lua, at))
    }

    /// What tells a table, function or the like from all others.
    pub fn identity(&self, at: i32) -> usize {
        layer!(ffi::tn_identity(self.lua, at))
    }

    /// The error of an argument of the wrong type.
    #[cold]
    pub fn type_error(&self, at: i32, expected: &str) -> Raise {
        let text = format!("{expected} expected, got {}", self.kind(at).name());
        Raise::argument(usize::try_from(at).unwrap_or(0), text)
    }

    /// The bytes of an argument, which is a string or a number.
    ///
    /// # Errors
    /// It is something else.
    pub fn check_bytes(&mut self, at: i32) -> Result<&'f [u8], Raise> {
        self.to_bytes(at).ok_or_else(|| self.type_error(at, "string"))
    }

    /// The number that an argument is, or that its text says.
    ///
    /// # Errors
    /// It is neither.
    pub fn check_number(&self, at: i32) -> Result<f64, Raise> {
        self.to_number(at).ok_or_else(|| self.type_error(at, "number"))
    }

    /// The same without its fraction; what has no place in 64 bits is the smallest of them.
    ///
    /// # Errors
    /// As [`Frame::check_number`].
    pub fn check_int(&self, at: i32) -> Result<i64, Raise> {
        self.check_number(at).map(truncated)
    }

    /// Says that an argument is a table.
    ///
    /// # Errors
    /// It is not.
    pub fn check_table(&self, at: i32) -> Result<(), Raise> {
        if self.kind(at) == Kind::Table { Ok(()) } else { Err(self.type_error(at, "table")) }
    }
}

/// A double as C makes an integer of it.
pub fn truncated(value: f64) -> i64 {
    const END: f64 = 9_223_372_036_854_775_808.0;
    if (-END..END).contains(&value) { value as i64 } else { i64::MIN }
}

/// Pushing. All of it fails when the stack is full, which is after 8000 values.
impl Frame<'_> {
    pub fn push_nil(&mut self) -> Result<(), Raise> {
        pushed(layer!(ffi::tn_push_nil(self.lua)))
    }

    pub fn push_bool(&mut self, value: bool) -> Result<(), Raise> {
        pushed(layer!(ffi::tn_push_bool(self.lua, value.into())))
    }

    pub fn push_number(&mut self, value: f64) -> Result<(), Raise> {
        pushed(layer!(ffi::tn_push_number(self.lua, value)))
    }

    pub fn push_bytes(&mut self, value: &[u8]) -> Result<(), Raise> {
        pushed(layer!(ffi::tn_push_bytes(self.lua, value.as_ptr(), value.len())))
    }

    /// Pushes a pointer of the host's.
    pub fn push_light(&mut self, value: usize) -> Result<(), Raise> {
        pushed(layer!(ffi::tn_push_light(self.lua, value)))
    }

    /// Pushes a new table, with room for so many values in a row and for so many others.
    pub fn push_table(&mut self, array: usize, hash: usize) -> Result<(), Raise> {
        pushed(layer!(ffi::tn_push_table(self.lua, array, hash)))
    }

    /// Pushes a value of the stack once more.
    pub fn push_copy(&mut self, at: i32) -> Result<(), Raise> {
        pushed(layer!(ffi::tn_push_copy(self.lua, at)))
    }

    /// Pushes a function of Rust.
    pub fn push_native(&mut self, function: Native) -> Result<(), Raise> {
        self.push_closure(function, 0)
    }

    /// Pushes a function of Rust which keeps the topmost `upvalues` values: they are taken off the stack.
    pub fn push_closure(&mut self, function: Native, upvalues: usize) -> Result<(), Raise> {
        pushed(layer!(ffi::tn_push_native(self.lua, pointer_of(function), upvalues)))
    }

    /// Pushes the `n`th of the values that the running function keeps, counted from 1.
    pub fn push_upvalue(&mut self, n: usize) -> Result<(), Raise> {
        pushed(layer!(ffi::tn_push_upvalue(self.lua, n)))
    }

    /// Pushes the metatable of a value. False: it has none.
    pub fn push_metatable(&mut self, at: i32) -> Result<bool, Raise> {
        match layer!(ffi::tn_push_metatable(self.lua, at)) {
            -1 => Err(Raise::no_room()),
            found => Ok(found != 0),
        }
    }

    /// Takes a table, or nil, off the stack and makes it the metatable of a table.
    pub fn set_metatable(&mut self, at: i32) -> Result<(), Raise> {
        match layer!(ffi::tn_set_metatable(self.lua, at)) {
            0 => Err(Raise::refused(2)),
            _ => Ok(()),
        }
    }
}

/// The stack itself.
impl Frame<'_> {
    /// Makes room for `n` more values; false: there is none. Pushing does so by itself: this is for errors that tell of it.
    pub fn room(&mut self, n: usize) -> bool {
        layer!(ffi::tn_room(self.lua, n)) != 0
    }

    /// Tells whether the script has to stop: a native that takes long asks now and then, and returns whatever error.
    pub fn is_stopped(&self) -> bool {
        layer!(ffi::tn_is_stopped(self.lua)) != 0
    }

    /// How many bytes Lua may still allocate.
    pub fn memory_left(&self) -> usize {
        layer!(ffi::tn_memory_left(self.lua))
    }

    /// Takes the topmost `n` values away.
    pub fn pop(&mut self, n: usize) {
        self.truncate(self.len().saturating_sub(n));
    }

    /// Leaves the lowest `len` values.
    pub fn truncate(&mut self, len: usize) {
        layer!(ffi::tn_truncate(self.lua, len));
    }

    /// Moves the top to this place, and what is there and above one up.
    pub fn insert(&mut self, at: i32) {
        layer!(ffi::tn_insert(self.lua, at));
    }

    /// Takes a value away; what is above it moves down.
    pub fn remove(&mut self, at: i32) {
        layer!(ffi::tn_remove(self.lua, at));
    }

    /// Moves the top to this place, whose value is gone.
    pub fn replace(&mut self, at: i32) {
        layer!(ffi::tn_replace(self.lua, at));
    }
}

/// Tables, without metamethods.
impl Frame<'_> {
    /// Replaces the key on the top by its value in the table.
    pub fn raw_get(&mut self, table: i32) {
        layer!(ffi::tn_raw_get(self.lua, table));
    }

    /// Pushes the `n`th value of a table.
    pub fn raw_get_index(&mut self, table: i32, n: i32) -> Result<(), Raise> {
        pushed(layer!(ffi::tn_raw_get_index(self.lua, table, n)))
    }

    /// Pushes the value of this name.
    pub fn raw_get_field(&mut self, table: i32, name: &[u8]) -> Result<(), Raise> {
        pushed(layer!(ffi::tn_raw_get_field(self.lua, table, name.as_ptr(), name.len())))
    }

    /// Takes a value and, below it, its key off the stack and puts them into a table.
    ///
    /// # Errors
    /// The key is nil or not a number, the table is read-only, or too large.
    pub fn raw_set(&mut self, table: i32) -> Result<(), Raise> {
        taken(layer!(ffi::tn_raw_set(self.lua, table)))
    }

    /// Takes a value off the stack and makes it the `n`th of a table.
    pub fn raw_set_index(&mut self, table: i32, n: i32) -> Result<(), Raise> {
        taken(layer!(ffi::tn_raw_set_index(self.lua, table, n)))
    }

    /// Takes a value off the stack and gives it this name in a table.
    pub fn raw_set_field(&mut self, table: i32, name: &[u8]) -> Result<(), Raise> {
        taken(layer!(ffi::tn_raw_set_field(self.lua, table, name.as_ptr(), name.len())))
    }

    /// Goes on to the next entry of a table, and pushes its key and its value. False: that was all. Nothing new may be put into the table
    /// meanwhile, or entries are met twice or never.
    pub fn next(&mut self, table: i32, cursor: &mut Cursor) -> Result<bool, Raise> {
        match layer!(ffi::tn_next(self.lua, table, &mut cursor.0)) {
            -1 => Err(Raise::no_room()),
            found => Ok(found != 0),
        }
    }
}

pub(crate) fn pointer_of(function: Native) -> *mut c_void {
    function as *const () as *mut c_void
}

/// How Lua calls a native: `function` is what [`pointer_of`] made of it.
///
/// # Safety
/// Called by the layer alone, with Rust noted to be running.
pub(crate) unsafe extern "C" fn call(lua: *mut Lua, function: *mut c_void) -> c_int {
    // SAFETY: only `push_closure` puts pointers where the layer finds them, made of natives.
    let function: Native = unsafe { std::mem::transmute::<*mut c_void, Native>(function) };
    // SAFETY: the layer's promise; the frame ends with this call.
    let mut frame = unsafe { Frame::new(lua) };
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| function(&mut frame)));
    let raised = match ended {
        Ok(Ok(results)) => return results.min(frame.len()) as c_int,
        Ok(Err(raised)) => raised,
        Err(_) => Raise::text("internal error: a function of the host panicked"),
    };
    let mut push = |text: &[u8]| {
        if frame.push_bytes(text).is_err() {
            // Full: the text takes the place of what nobody needs any more.
            frame.truncate(0);
            let _ = frame.push_bytes(text);
        }
    };
    match raised {
        Raise::Top => {
            if frame.len() == 0 {
                let _ = frame.push_nil();
            }
            ffi::RAISE_TOP
        }
        Raise::Text(text) => {
            push(&text);
            ffi::RAISE_TEXT
        }
        Raise::Memory => ffi::RAISE_MEMORY,
        Raise::Argument(n, text) => {
            frame.truncate(0);
            let _ = frame.push_number(n as f64).and_then(|()| frame.push_bytes(&text));
            ffi::RAISE_ARGUMENT
        }
    }
}
