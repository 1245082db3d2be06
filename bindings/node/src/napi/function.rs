//! Functions that Node calls, what they carry with them, and the bell by which other threads call Node.
use super::{Env, Fault, Outcome, Value, node};
use crate::{lock::locked, state::State};
use napi_sys as sys;
use std::{
    ffi::c_void,
    marker::PhantomData,
    mem::ManuallyDrop,
    panic::{AssertUnwindSafe, catch_unwind},
    ptr,
    rc::Rc,
    sync::{Arc, Mutex, Once},
};

/// Arguments that need no allocation.
const FEW: usize = 4;

/// One call of one of our functions.
pub struct Call<'s> {
    pub env: Env<'s>,
    arguments: &'s [sys::napi_value],
}

impl<'s> Call<'s> {
    /// The number of arguments.
    pub fn len(&self) -> usize {
        self.arguments.len()
    }

    /// The argument at `at`, from 0; `undefined` when there is none.
    #[inline]
    pub fn get(&self, at: usize) -> Outcome<Value<'s>> {
        match self.arguments.get(at) {
            Some(value) => Ok(Value(*value, PhantomData)),
            None => self.env.undefined(),
        }
    }

    /// The arguments from `from` on.
    pub fn rest(&self, from: usize) -> impl Iterator<Item = Value<'s>> + use<'s> {
        self.arguments.iter().skip(from).map(|value| Value(*value, PhantomData))
    }
}

/// Makes a function that carries `this` with it: no look-up stands between the call and what it is about.
pub fn bound<'s, T, F>(env: Env<'s>, name: &str, this: &Rc<T>, body: F) -> Outcome<Value<'s>>
where
    T: 'static,
    F: for<'c> Fn(&Call<'c>, &Rc<T>) -> Outcome<Value<'c>> + Copy + 'static,
{
    // `trampoline` makes one out of nothing.
    const { assert!(size_of::<F>() == 0, "only functions, and closures that capture nothing") };
    let _ = body;
    let data = Rc::into_raw(Rc::clone(this)).cast_mut().cast::<c_void>();
    let mut out = ptr::null_mut();
    let status = node!(napi_create_function(
        env.0,
        name.as_ptr().cast(),
        name.len() as isize,
        Some(trampoline::<T, F>),
        data,
        &mut out
    ));
    if let Err(fault) = env.done(status) {
        drop_shared::<T>(data);
        return Err(fault);
    }
    let (end, none) = (Some(finalize::<T> as unsafe extern "C" fn(_, _, _)), ptr::null_mut());
    let status = node!(napi_add_finalizer(env.0, out, data, end, none, ptr::null_mut()));
    env.done(status)?;
    env.checked(sys::Status::napi_ok, out)
}

/// Sets a function of this name that carries `this` with it.
pub fn method<'s, T, F>(env: Env<'s>, object: Value<'s>, name: &str, this: &Rc<T>, body: F) -> Outcome<()>
where
    T: 'static,
    F: for<'c> Fn(&Call<'c>, &Rc<T>) -> Outcome<Value<'c>> + Copy + 'static,
{
    let function = bound(env, name, this, body)?;
    env.set(object, env.string(name.as_bytes())?, function)
}

/// The same for a function that may run a script, which ends with its environment.
pub fn scripted<'s, T, F>(env: Env<'s>, object: Value<'s>, name: &str, this: &Rc<T>, body: F) -> Outcome<()>
where
    T: 'static,
    F: for<'c> Fn(&Call<'c>, &Rc<T>) -> Outcome<Value<'c>> + Copy + 'static,
{
    method(env, object, name, this, move |call, this| call.env.attentively(|| body(call, this)))
}

unsafe extern "C" fn trampoline<T, F>(raw: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value
where
    T: 'static,
    F: for<'c> Fn(&Call<'c>, &Rc<T>) -> Outcome<Value<'c>> + Copy + 'static,
{
    let (mut len, mut few, mut data) = (FEW, [ptr::null_mut(); FEW], ptr::null_mut());
    node!(napi_get_cb_info(raw, info, &mut len, few.as_mut_ptr(), ptr::null_mut(), &mut data));
    let mut many;
    let arguments = if len <= FEW {
        &few[..len]
    } else {
        many = vec![ptr::null_mut(); len];
        node!(napi_get_cb_info(raw, info, &mut len, many.as_mut_ptr(), ptr::null_mut(), ptr::null_mut()));
        &many[..]
    };
    // SAFETY: Node is calling us with it, and nothing below outlives this function.
    let env = unsafe { Env::of(raw) };
    // SAFETY: `bound` has attached a counted pointer of this type to the function, which is being called and hence alive.
    let this = ManuallyDrop::new(unsafe { Rc::from_raw(data.cast::<T>().cast_const()) });
    // SAFETY: `bound` was given one, and it has no size: there is nothing to read.
    let body = unsafe { ptr::NonNull::<F>::dangling().as_ptr().read() };
    match catch_unwind(AssertUnwindSafe(|| body(&Call { env, arguments }, &this))) {
        Ok(Ok(value)) => value.0,
        Ok(Err(fault)) => {
            env.throw(fault);
            ptr::null_mut()
        }
        Err(_) => {
            env.throw(panicked());
            ptr::null_mut()
        }
    }
}

#[cold]
fn panicked() -> Fault {
    Fault::Db(tenondb::Error::new(tenondb::Kind::Internal, "ERR internal error: the binding panicked"))
}

fn drop_shared<T: 'static>(data: *mut c_void) {
    // SAFETY: the count that `bound` has given away, taken back once: by the finalizer, or because there is no function.
    drop(unsafe { Rc::from_raw(data.cast::<T>().cast_const()) });
}

/// The collector has taken a function, or the environment ends.
unsafe extern "C" fn finalize<T: 'static>(_: sys::napi_env, data: *mut c_void, _: *mut c_void) {
    // A panic must not reach Node; what is lost by it is memory.
    let _ = catch_unwind(|| drop_shared::<T>(data));
}

/// A bell that any thread may ring: the thread of the environment then calls [`State::answer`], once for all that has rung.
pub struct Bell(Mutex<Option<Handle>>);

struct Handle(sys::napi_threadsafe_function);

// SAFETY: this is what Node's thread-safe functions are for: they may be called on any thread until they are released, which happens
// under the lock that the calls are made under.
unsafe impl Send for Handle {}

impl Bell {
    /// Hangs up a bell in this environment. By itself it does not keep the process alive.
    pub fn hang(env: Env<'_>) -> Outcome<Arc<Self>> {
        let name = env.string(b"tenondb")?;
        let mut out = ptr::null_mut();
        let none = ptr::null_mut();
        let status = node!(napi_create_threadsafe_function(
            env.0,
            none,
            none,
            name.0,
            0,
            1,
            ptr::null_mut(),
            None,
            ptr::null_mut(),
            Some(rung),
            &mut out
        ));
        env.done(status)?;
        let status = node!(napi_unref_threadsafe_function(env.0, out));
        env.done(status)?;
        Ok(Arc::new(Self(Mutex::new(Some(Handle(out))))))
    }

    /// Rings, from any thread. Nothing happens when the environment has ended.
    pub fn ring(&self) {
        if let Some(handle) = &*locked(&self.0) {
            let how = sys::ThreadsafeFunctionCallMode::nonblocking;
            node!(napi_call_threadsafe_function(handle.0, ptr::null_mut(), how));
        }
    }

    /// Says whether the process has to stay alive for what may ring.
    pub fn hold(&self, env: Env<'_>, hold: bool) {
        if let Some(handle) = &*locked(&self.0) {
            if hold {
                node!(napi_ref_threadsafe_function(env.0, handle.0));
            } else {
                node!(napi_unref_threadsafe_function(env.0, handle.0));
            }
        }
    }

    /// Takes the bell down: who rings it from now on does so in vain.
    pub fn take_down(&self) {
        if let Some(handle) = locked(&self.0).take() {
            let how = sys::ThreadsafeFunctionReleaseMode::abort;
            node!(napi_release_threadsafe_function(handle.0, how));
        }
    }
}

unsafe extern "C" fn rung(raw: sys::napi_env, _: sys::napi_value, _: *mut c_void, _: *mut c_void) {
    // Without an environment Node is only giving back what was queued.
    if raw.is_null() {
        return;
    }
    // SAFETY: Node is calling us with it, and nothing below outlives this function.
    let env = unsafe { Env::of(raw) };
    if catch_unwind(AssertUnwindSafe(|| env.attentively(|| env.state().answer(env)))).is_err() {
        env.uncaught(panicked());
    }
}

/// Node loads the addon, once for each of its environments.
#[unsafe(no_mangle)]
unsafe extern "C" fn napi_register_module_v1(
    raw: sys::napi_env,
    exports: sys::napi_value,
) -> sys::napi_value {
    static SYMBOLS: Once = Once::new();
    SYMBOLS.call_once(|| {
        // SAFETY: once in the process, before anything else of N-API is called. The library that it returns is this process itself,
        // which must stay loaded.
        std::mem::forget(unsafe { sys::setup() });
    });
    // SAFETY: Node is calling us with it, and nothing below outlives this function.
    let env = unsafe { Env::of(raw) };
    match catch_unwind(AssertUnwindSafe(|| enter(env, Value(exports, PhantomData)))) {
        Ok(Ok(())) => {}
        Ok(Err(fault)) => env.throw(fault),
        Err(_) => env.throw(panicked()),
    }
    exports
}

fn enter<'s>(env: Env<'s>, exports: Value<'s>) -> Outcome<()> {
    let state = Rc::into_raw(Rc::new(State::new(Bell::hang(env)?))).cast_mut().cast::<c_void>();
    let end = Some(finalize::<State> as unsafe extern "C" fn(_, _, _));
    let status = node!(napi_set_instance_data(env.0, state, end, ptr::null_mut()));
    env.done(status)?;
    // Called before anything that was made in this environment is finalized.
    let status = node!(napi_add_env_cleanup_hook(env.0, Some(leave), state));
    env.done(status)?;
    crate::exports(env, exports)
}

/// The environment ends: a worker was terminated, or the process ends in order.
unsafe extern "C" fn leave(state: *mut c_void) {
    // SAFETY: the state that `enter` has given to Node; its finalizer runs after this hook.
    let state = unsafe { &*state.cast::<State>() };
    let _ = catch_unwind(AssertUnwindSafe(|| state.end()));
}
