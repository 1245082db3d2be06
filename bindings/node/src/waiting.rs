//! Commands that wait: promises, and refused where nobody can wait.
use crate::{
    closed,
    handle::{Handle, Opened},
    napi::{Env, Fault, Outcome, Promise, Value, function::Call},
    reply::{self, Shape},
    state::Waits,
    words::Words,
};
use std::{
    collections::HashSet,
    pin::Pin,
    rc::Rc,
    sync::LazyLock,
    task::{Context, Poll, Waker},
};
use tenondb::{Error, Kind, PendingCall, Spec};

/// The names of the commands that may wait.
static NAMES: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| tenondb::commands().filter(|spec| may_wait(spec)).map(|spec| spec.name).collect());

/// Tells whether a command may wait.
pub fn may_wait(spec: &Spec) -> bool {
    spec.has(tenondb::flags::BLOCKING)
}

/// Tells whether these words may wait. `XREAD` and `XREADGROUP` do when they say so.
pub fn waits(words: &Words) -> bool {
    let name = words.get(0);
    // Most names are told by their first letter.
    if !matches!(name.first(), Some(b'B' | b'b' | b'X' | b'x' | b'W' | b'w')) {
        return false;
    }
    let name = String::from_utf8_lossy(name).to_ascii_uppercase();
    NAMES.contains(&*name) && (!name.starts_with("XREAD") || says_block(words))
}

/// Tells whether `BLOCK` stands among the options: neither as what belongs to another one, nor as the name of a stream. A look at what
/// the command does would not tell it: with something to read at once it waits for nothing, and is a promise nevertheless.
fn says_block(words: &Words) -> bool {
    let mut at = 1;
    while at < words.len() {
        let is = |option: &str| words.get(at).eq_ignore_ascii_case(option.as_bytes());
        if is("BLOCK") || is("STREAMS") {
            return is("BLOCK");
        }
        at += if is("GROUP") {
            3
        } else if is("COUNT") || is("CLAIM") {
            2
        } else {
            1
        };
    }
    false
}

/// `waits(...words)`: whether these words may wait.
pub fn ask<'s>(call: &Call<'s>, _: &Rc<()>) -> Outcome<Value<'s>> {
    let words = Words::of(call.env, call.rest(0))?;
    call.env.boolean(waits(&words))
}

/// A call that blocked the thread would stop everything that could end its wait.
pub fn refuse_waiting(words: &Words) -> Outcome<()> {
    if waits(words) { Err(would_wait()) } else { Ok(()) }
}

#[cold]
fn would_wait() -> Fault {
    let text = "ERR this command may have to wait: call it by its own method, or by callAsync";
    Fault::Db(Error::new(Kind::Misuse, text))
}

/// A promise of a command's reply.
struct Waiter {
    /// `None`: it is over. Dropping it gives back what it was served and nobody has taken.
    call: Option<PendingCall>,
    promise: Option<Promise>,
    shape: Shape,
    /// Who waits keeps the database open, even when nobody else holds it. Given up last.
    _opened: Rc<Opened>,
}

impl Waits for Waiter {
    fn look(&mut self, env: Env<'_>, waker: &Waker) -> bool {
        let Some(call) = &mut self.call else { return true };
        let Poll::Ready(result) = Pin::new(call).poll(&mut Context::from_waker(waker)) else { return false };
        self.call = None;
        if let Some(promise) = self.promise.take() {
            let value = result.map_err(Fault::from).and_then(|reply| reply::value(env, &reply, self.shape));
            env.settle(promise, value);
        }
        true
    }

    fn close(mut self: Box<Self>, env: Env<'_>) {
        self.call = None;
        if let Some(promise) = self.promise.take() {
            env.settle(promise, Err(closed()));
        }
    }

    fn cancel(mut self: Box<Self>, env: Env<'_>, reason: Value<'_>) {
        self.call = None;
        if let Some(promise) = self.promise.take() {
            env.reject(promise, reason);
        }
    }
}

/// `wait(buffers, ...words)`: `[promise, number]`, the number for `cancel`; 0 when the promise is settled already.
pub fn wait<'s>(call: &Call<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    let env = call.env;
    let buffers = env.truth(call.get(0)?)?;
    let words = Words::of(env, call.rest(1))?;
    if words.len() == 0 {
        return Err(Fault::Type("a command is missing".into()));
    }
    let pending = handle.db()?.pending_call(words.iter());
    let (promise, value) = env.promise()?;
    let number = env.state().number();
    let shape = Shape { buffers: handle.view.shape.buffers || buffers, ..handle.view.shape };
    let waiter = Box::new(Waiter {
        call: Some(pending),
        promise: Some(promise),
        shape,
        _opened: Rc::clone(&handle.opened),
    });
    let waits = env.state().wait(env, number, handle.opened.number, true, waiter);
    let pair = env.array(2)?;
    env.set_element(pair, 0, value)?;
    env.set_element(pair, 1, env.number(if waits { number as f64 } else { 0.0 })?)?;
    Ok(pair)
}

/// `cancel(number, reason)`: rejects the promise with this reason, if it is not settled. What the command was served is given back.
pub fn cancel<'s>(call: &Call<'s>, _: &Rc<Handle>) -> Outcome<Value<'s>> {
    let env = call.env;
    let (number, reason) = (env.double(call.get(0)?)? as u64, call.get(1)?);
    if let Some(waiter) = env.state().take(env, number) {
        waiter.cancel(env, reason);
    }
    env.undefined()
}
