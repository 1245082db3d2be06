//! Values of JavaScript, by N-API: the safe side of a C interface.
//!
//! An [`Env`] exists only while Node is calling us, on the thread of its environment; a [`Value`] lives as long as that call. Both
//! carry the call as a lifetime, so that neither can be kept. What is kept is a [`Kept`], which counts as a root for the collector.
#![expect(unsafe_code, reason = "N-API is a C interface: each call of it is one unsafe operation")]
pub mod ending;
pub mod function;

use crate::state::State;
use napi_sys as sys;
use std::{ffi::c_void, marker::PhantomData, mem::MaybeUninit, ptr};

/// An environment of Node (the main thread, or a worker) that is calling us.
#[derive(Clone, Copy)]
pub struct Env<'s>(sys::napi_env, PhantomData<&'s ()>);

/// A value of JavaScript, alive during the call.
#[derive(Clone, Copy)]
pub struct Value<'s>(sys::napi_value, PhantomData<&'s ()>);

/// A value that outlives the call. [`Env::forget`] gives it back; the end of the environment does, too.
pub struct Kept(sys::napi_ref);

/// A promise that is not settled yet: exactly one of [`Env::resolve`] and [`Env::reject`] takes it.
pub struct Promise(sys::napi_deferred);

/// Why a call has no result.
#[derive(Debug)]
pub enum Fault {
    /// The database said so: a `TenonError` is thrown.
    Db(tenondb::Error),
    /// The caller gave something of a wrong type: a `TypeError` is thrown.
    Type(String),
    /// An exception is under way already.
    Thrown,
}

/// The result of what may throw.
pub type Outcome<T> = Result<T, Fault>;

impl From<tenondb::Error> for Fault {
    fn from(error: tenondb::Error) -> Self {
        Self::Db(error)
    }
}

/// The types that arguments and options are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    Undefined,
    Null,
    Boolean,
    Number,
    String,
    Symbol,
    Object,
    Function,
    BigInt,
    Other,
}

/// Bytes that are tried at once for a string: most keys are shorter.
const GUESS: usize = 256;
/// A string that filled the guess but for less than a character may have been cut.
const SURELY_WHOLE: usize = GUESS - 4;
/// Integers up to here are exact as numbers.
pub const SAFE_INTEGER: i64 = (1 << 53) - 1;

macro_rules! node {
    ($function:ident($($argument:expr),* $(,)?)) => {{
        // SAFETY: an `Env` exists only on the thread of its environment while Node is calling us, values are of the same call,
        // and every pointer is to a local or to a buffer of the length that is given with it.
        unsafe { sys::$function($($argument),*) }
    }};
}
pub(crate) use node;

/// Where a string or buffer is read to when its bytes are needed for a moment only.
pub struct Room {
    stack: [MaybeUninit<u8>; GUESS],
    heap: Vec<u8>,
}

impl Room {
    /// An empty one.
    #[inline]
    pub fn new() -> Self {
        Self { stack: [MaybeUninit::uninit(); GUESS], heap: Vec::new() }
    }
}

impl<'s> Env<'s> {
    /// Says that Node is calling us with `raw`.
    ///
    /// # Safety
    /// - `raw` is the environment that calls, on its own thread.
    /// - What is made with it is not used behind that call.
    unsafe fn of(raw: sys::napi_env) -> Self {
        Self(raw, PhantomData)
    }

    /// What we keep for this environment.
    pub fn state(self) -> &'s State {
        let mut data = ptr::null_mut();
        node!(napi_get_instance_data(self.0, &mut data));
        // SAFETY: `function::enter` has put a state there before anything of ours could be called; it lives as long as the
        // environment.
        unsafe { &*data.cast::<State>() }
    }

    fn checked(self, status: sys::napi_status, value: sys::napi_value) -> Outcome<Value<'s>> {
        if status == sys::Status::napi_ok { Ok(Value(value, PhantomData)) } else { Err(self.fault(status)) }
    }

    fn done(self, status: sys::napi_status) -> Outcome<()> {
        if status == sys::Status::napi_ok { Ok(()) } else { Err(self.fault(status)) }
    }

    #[cold]
    fn fault(self, status: sys::napi_status) -> Fault {
        let mut pending = false;
        node!(napi_is_exception_pending(self.0, &mut pending));
        if pending {
            Fault::Thrown
        } else {
            Fault::Type(format!("Node has refused a value (status {status})"))
        }
    }

    pub fn undefined(self) -> Outcome<Value<'s>> {
        let mut out = ptr::null_mut();
        let status = node!(napi_get_undefined(self.0, &mut out));
        self.checked(status, out)
    }

    pub fn null(self) -> Outcome<Value<'s>> {
        let mut out = ptr::null_mut();
        let status = node!(napi_get_null(self.0, &mut out));
        self.checked(status, out)
    }

    pub fn boolean(self, value: bool) -> Outcome<Value<'s>> {
        let mut out = ptr::null_mut();
        let status = node!(napi_get_boolean(self.0, value, &mut out));
        self.checked(status, out)
    }

    pub fn number(self, value: f64) -> Outcome<Value<'s>> {
        let mut out = ptr::null_mut();
        let status = node!(napi_create_double(self.0, value, &mut out));
        self.checked(status, out)
    }

    /// An integer: a number as long as it is exact as one, unless BigInts are wanted always.
    pub fn integer(self, value: i64, always_big: bool) -> Outcome<Value<'s>> {
        let mut out = ptr::null_mut();
        let status = if always_big || !(-SAFE_INTEGER..=SAFE_INTEGER).contains(&value) {
            node!(napi_create_bigint_int64(self.0, value, &mut out))
        } else if let Ok(small) = i32::try_from(value) {
            node!(napi_create_int32(self.0, small, &mut out))
        } else {
            node!(napi_create_double(self.0, value as f64, &mut out))
        };
        self.checked(status, out)
    }

    /// A string; bytes that are no UTF-8 become U+FFFD.
    #[inline]
    pub fn string(self, text: &[u8]) -> Outcome<Value<'s>> {
        let mut out = ptr::null_mut();
        // One byte a character is what V8 stores: ASCII is copied, not decoded.
        let status = if text.is_ascii() {
            node!(napi_create_string_latin1(self.0, text.as_ptr().cast(), text.len() as isize, &mut out))
        } else {
            node!(napi_create_string_utf8(self.0, text.as_ptr().cast(), text.len() as isize, &mut out))
        };
        self.checked(status, out)
    }

    /// A Buffer with a copy of the bytes.
    pub fn buffer(self, data: &[u8]) -> Outcome<Value<'s>> {
        let mut out = ptr::null_mut();
        let from = data.as_ptr().cast::<c_void>();
        let status = node!(napi_create_buffer_copy(self.0, data.len(), from, ptr::null_mut(), &mut out));
        self.checked(status, out)
    }

    /// A string or a Buffer.
    #[inline]
    pub fn text(self, data: &[u8], buffers: bool) -> Outcome<Value<'s>> {
        if buffers { self.buffer(data) } else { self.string(data) }
    }

    pub fn array(self, len: usize) -> Outcome<Value<'s>> {
        let mut out = ptr::null_mut();
        let status = node!(napi_create_array_with_length(self.0, len, &mut out));
        self.checked(status, out)
    }

    pub fn object(self) -> Outcome<Value<'s>> {
        let mut out = ptr::null_mut();
        let status = node!(napi_create_object(self.0, &mut out));
        self.checked(status, out)
    }

    /// A promise, and what settles it.
    pub fn promise(self) -> Outcome<(Promise, Value<'s>)> {
        let (mut deferred, mut out) = (ptr::null_mut(), ptr::null_mut());
        let status = node!(napi_create_promise(self.0, &mut deferred, &mut out));
        self.checked(status, out).map(|value| (Promise(deferred), value))
    }

    pub fn resolve(self, promise: Promise, value: Value<'s>) {
        node!(napi_resolve_deferred(self.0, promise.0, value.0));
    }

    pub fn reject(self, promise: Promise, reason: Value<'s>) {
        node!(napi_reject_deferred(self.0, promise.0, reason.0));
    }

    /// Settles a promise with a result.
    pub fn settle(self, promise: Promise, result: Outcome<Value<'s>>) {
        match result {
            Ok(value) => self.resolve(promise, value),
            Err(fault) => match self.error(fault) {
                Ok(error) => self.reject(promise, error),
                // Without an error object there is at least an end.
                Err(_) => {
                    if let Ok(nothing) = self.undefined() {
                        self.reject(promise, nothing);
                    }
                }
            },
        }
    }

    pub fn set_element(self, array: Value<'s>, at: usize, value: Value<'s>) -> Outcome<()> {
        let status = node!(napi_set_element(self.0, array.0, at as u32, value.0));
        self.done(status)
    }

    pub fn element(self, array: Value<'s>, at: usize) -> Outcome<Value<'s>> {
        let mut out = ptr::null_mut();
        let status = node!(napi_get_element(self.0, array.0, at as u32, &mut out));
        self.checked(status, out)
    }

    /// Sets a property by its name, as a literal would: `__proto__` is a name as any other.
    pub fn define(self, object: Value<'s>, name: Value<'s>, value: Value<'s>) -> Outcome<()> {
        use sys::PropertyAttributes::{configurable, enumerable, writable};
        let property = sys::napi_property_descriptor {
            utf8name: ptr::null(),
            name: name.0,
            method: None,
            getter: None,
            setter: None,
            value: value.0,
            attributes: writable | enumerable | configurable,
            data: ptr::null_mut(),
        };
        let status = node!(napi_define_properties(self.0, object.0, 1, &property));
        self.done(status)
    }

    /// Sets a property by its name.
    pub fn set(self, object: Value<'s>, name: Value<'s>, value: Value<'s>) -> Outcome<()> {
        let status = node!(napi_set_property(self.0, object.0, name.0, value.0));
        self.done(status)
    }

    /// Returns a property by its name.
    pub fn property(self, object: Value<'s>, name: &str) -> Outcome<Value<'s>> {
        let name = self.string(name.as_bytes())?;
        let mut out = ptr::null_mut();
        let status = node!(napi_get_property(self.0, object.0, name.0, &mut out));
        self.checked(status, out)
    }

    pub fn kind(self, value: Value<'s>) -> Outcome<Type> {
        let mut out = 0;
        let status = node!(napi_typeof(self.0, value.0, &mut out));
        self.done(status)?;
        Ok(match out {
            sys::ValueType::napi_undefined => Type::Undefined,
            sys::ValueType::napi_null => Type::Null,
            sys::ValueType::napi_boolean => Type::Boolean,
            sys::ValueType::napi_number => Type::Number,
            sys::ValueType::napi_string => Type::String,
            sys::ValueType::napi_symbol => Type::Symbol,
            sys::ValueType::napi_object => Type::Object,
            sys::ValueType::napi_function => Type::Function,
            sys::ValueType::napi_bigint => Type::BigInt,
            _ => Type::Other,
        })
    }

    pub fn double(self, value: Value<'s>) -> Outcome<f64> {
        let mut out = 0.0;
        let status = node!(napi_get_value_double(self.0, value.0, &mut out));
        self.done(status).map(|()| out)
    }

    pub fn truth(self, value: Value<'s>) -> Outcome<bool> {
        let mut out = false;
        let status = node!(napi_get_value_bool(self.0, value.0, &mut out));
        self.done(status).map(|()| out)
    }

    /// The length of an array; `None`: it is none.
    pub fn array_len(self, value: Value<'s>) -> Outcome<Option<usize>> {
        let mut is = false;
        let status = node!(napi_is_array(self.0, value.0, &mut is));
        self.done(status)?;
        if !is {
            return Ok(None);
        }
        let mut len = 0;
        let status = node!(napi_get_array_length(self.0, value.0, &mut len));
        self.done(status).map(|()| Some(len as usize))
    }

    /// The text that JavaScript makes of a primitive value.
    pub fn printed(self, value: Value<'s>) -> Outcome<Value<'s>> {
        let mut out = ptr::null_mut();
        let status = node!(napi_coerce_to_string(self.0, value.0, &mut out));
        self.checked(status, out)
    }

    /// Appends a string as UTF-8; false: it is no string.
    pub fn append_string(self, value: Value<'s>, to: &mut Vec<u8>) -> Outcome<bool> {
        to.reserve(GUESS);
        let start = to.len();
        let spare = to.spare_capacity_mut().as_mut_ptr().cast();
        let mut len = 0;
        let status = node!(napi_get_value_string_utf8(self.0, value.0, spare, GUESS, &mut len));
        if status == sys::Status::napi_string_expected {
            return Ok(false);
        }
        self.done(status)?;
        if len >= SURELY_WHOLE {
            let status = node!(napi_get_value_string_utf8(self.0, value.0, ptr::null_mut(), 0, &mut len));
            self.done(status)?;
            to.reserve(len + 1);
            let spare = to.spare_capacity_mut().as_mut_ptr().cast();
            let status = node!(napi_get_value_string_utf8(self.0, value.0, spare, len + 1, &mut len));
            self.done(status)?;
        }
        // SAFETY: so many bytes were written behind `start`, within the capacity that was reserved.
        unsafe { to.set_len(start + len) };
        Ok(true)
    }

    /// The bytes of a Buffer or another view of memory, while nothing else of JavaScript runs; `None`: it is none.
    pub fn view(self, value: Value<'s>) -> Outcome<Option<&'s [u8]>> {
        let mut is = false;
        let status = node!(napi_is_buffer(self.0, value.0, &mut is));
        self.done(status)?;
        if !is {
            return Ok(None);
        }
        let (mut data, mut len) = (ptr::null_mut(), 0);
        let status = node!(napi_get_buffer_info(self.0, value.0, &mut data, &mut len));
        self.done(status)?;
        if data.is_null() || len == 0 {
            return Ok(Some(b""));
        }
        // SAFETY: Node says that the view has so many bytes there. Callers use them before JavaScript runs again, which alone could
        // move or detach them.
        Ok(Some(unsafe { std::slice::from_raw_parts(data.cast::<u8>(), len) }))
    }

    /// Lets `body` write into a Buffer. Nothing of JavaScript may run in it.
    pub fn with_room<R>(self, value: Value<'s>, body: impl FnOnce(&mut [u8]) -> R) -> Outcome<R> {
        let (mut data, mut len) = (ptr::null_mut(), 0);
        let status = node!(napi_get_buffer_info(self.0, value.0, &mut data, &mut len));
        self.done(status)?;
        if data.is_null() || len == 0 {
            return Ok(body(&mut []));
        }
        // SAFETY: Node says that the Buffer has so many bytes there; nobody else looks at them before `body` returns, since only this
        // thread can.
        Ok(body(unsafe { std::slice::from_raw_parts_mut(data.cast::<u8>(), len) }))
    }

    /// Appends the bytes of a Buffer or another view of memory; false: it is none.
    pub fn append_view(self, value: Value<'s>, to: &mut Vec<u8>) -> Outcome<bool> {
        let view = self.view(value)?;
        to.extend_from_slice(view.unwrap_or_default());
        Ok(view.is_some())
    }

    /// The bytes of an argument: a string's, a view's, a number's as text. No code of the caller runs.
    #[inline]
    pub fn bytes<'b>(self, value: Value<'s>, room: &'b mut Room) -> Outcome<&'b [u8]>
    where
        's: 'b,
    {
        let mut len = 0;
        let at = room.stack.as_mut_ptr().cast();
        let status = node!(napi_get_value_string_utf8(self.0, value.0, at, GUESS, &mut len));
        if status == sys::Status::napi_ok && len < SURELY_WHOLE {
            // SAFETY: Node has written so many bytes there, and a NUL behind them.
            return Ok(unsafe { std::slice::from_raw_parts(room.stack.as_ptr().cast(), len) });
        }
        if let Some(view) = self.view(value)? {
            return Ok(view);
        }
        crate::words::append(self, value, &mut room.heap)?;
        Ok(&room.heap)
    }

    /// Calls a function, with `undefined` as its `this`.
    pub fn call(self, function: Value<'s>, arguments: &[Value<'s>]) -> Outcome<Value<'s>> {
        let this = self.undefined()?;
        let raw: Vec<sys::napi_value> = arguments.iter().map(|value| value.0).collect();
        let mut out = ptr::null_mut();
        let status = node!(napi_call_function(self.0, this.0, function.0, raw.len(), raw.as_ptr(), &mut out));
        self.checked(status, out)
    }

    /// Makes an object with `new`.
    pub fn construct(self, class: Value<'s>, arguments: &[Value<'s>]) -> Outcome<Value<'s>> {
        let raw: Vec<sys::napi_value> = arguments.iter().map(|value| value.0).collect();
        let mut out = ptr::null_mut();
        let status = node!(napi_new_instance(self.0, class.0, raw.len(), raw.as_ptr(), &mut out));
        self.checked(status, out)
    }

    /// Keeps a value beyond this call.
    pub fn keep(self, value: Value<'s>) -> Outcome<Kept> {
        let mut out = ptr::null_mut();
        let status = node!(napi_create_reference(self.0, value.0, 1, &mut out));
        self.done(status).map(|()| Kept(out))
    }

    /// A value that was kept.
    pub fn kept(self, kept: &Kept) -> Outcome<Value<'s>> {
        let mut out = ptr::null_mut();
        let status = node!(napi_get_reference_value(self.0, kept.0, &mut out));
        self.checked(status, out)
    }

    /// Keeps a value no longer.
    pub fn forget(self, kept: Kept) {
        node!(napi_delete_reference(self.0, kept.0));
    }

    /// The object that is thrown for a fault.
    pub fn error(self, fault: Fault) -> Outcome<Value<'s>> {
        match fault {
            Fault::Db(error) => self.db_error(&error),
            Fault::Type(text) => {
                let (text, mut out) = (self.string(text.as_bytes())?, ptr::null_mut());
                let status = node!(napi_create_type_error(self.0, ptr::null_mut(), text.0, &mut out));
                self.checked(status, out)
            }
            Fault::Thrown => {
                let mut out = ptr::null_mut();
                let status = node!(napi_get_and_clear_last_exception(self.0, &mut out));
                self.checked(status, out)
            }
        }
    }

    /// A `TenonError`.
    pub fn db_error(self, error: &tenondb::Error) -> Outcome<Value<'s>> {
        let class = self.kept(self.state().error_class()?)?;
        let kind = self.string(crate::fault::kind_name(error.kind()).as_bytes())?;
        let code = self.string(error.code().as_bytes())?;
        let text = self.string(error.text())?;
        self.construct(class, &[text, kind, code])
    }

    /// Throws what a fault stands for.
    #[cold]
    pub fn throw(self, fault: Fault) {
        let error = match fault {
            Fault::Thrown => return,
            fault => self.error(fault),
        };
        if let Ok(error) = error {
            node!(napi_throw(self.0, error.0));
        }
    }

    /// Hands an exception that nobody can catch to the process, as one of a timer would be.
    pub fn uncaught(self, fault: Fault) {
        if let Ok(error) = self.error(fault) {
            node!(napi_fatal_exception(self.0, error.0));
        }
    }
}
