//! The commands that are called most: one crossing, typed, without words and reply trees.
use crate::{
    handle::Handle,
    napi::{
        Env, Fault, Outcome, Room, Value,
        function::{Call, method},
    },
    words::Words,
};
use std::rc::Rc;
use tenondb::{Bytes, Keys, Run, Strings, op};

/// Values up to this size are copied to memory that the handle keeps for it; longer ones are shared with the engine.
const COPIED_BYTES_MAX: usize = 4096;

/// Sets the functions.
pub fn methods<'s>(env: Env<'s>, object: Value<'s>, handle: &Rc<Handle>) -> Outcome<()> {
    method(env, object, "get", handle, |call, handle| get(call, handle, handle.view.shape.buffers))?;
    method(env, object, "getBuffer", handle, |call, handle| get(call, handle, true))?;
    method(env, object, "set", handle, set)?;
    method(env, object, "incr", handle, incr)?;
    method(env, object, "hget", handle, hget)?;
    method(env, object, "del", handle, |call, handle| count(call, handle, "del"))?;
    method(env, object, "exists", handle, |call, handle| count(call, handle, "exists"))
}

#[inline]
fn expect(call: &Call<'_>, len: usize, name: &str) -> Outcome<()> {
    if call.len() == len { Ok(()) } else { Err(arity(name)) }
}

#[cold]
fn arity(name: &str) -> Fault {
    let text = format!("ERR wrong number of arguments for '{name}' command");
    Fault::Db(tenondb::Error::quoting(tenondb::Kind::Command, text))
}

/// A value that a command has found.
enum Found {
    Nothing,
    /// In the handle's memory.
    Copied,
    Shared(Bytes),
}

impl Found {
    /// Called while the key is locked: it copies, and nothing else.
    #[inline]
    fn copy(data: &[u8], to: &mut Vec<u8>) -> Self {
        to.clear();
        to.extend_from_slice(data);
        Self::Copied
    }

    #[inline]
    fn value<'s>(self, env: Env<'s>, copied: &[u8], buffers: bool) -> Outcome<Value<'s>> {
        match self {
            Self::Nothing => env.null(),
            Self::Copied => env.text(copied, buffers),
            Self::Shared(data) => env.text(&data, buffers),
        }
    }
}

#[inline]
fn get<'s>(call: &Call<'s>, handle: &Rc<Handle>, buffers: bool) -> Outcome<Value<'s>> {
    expect(call, 1, "get")?;
    let mut room = Room::new();
    let key = call.env.bytes(call.get(0)?, &mut room)?;
    let mut copied = handle.copied.borrow_mut();
    let found = handle.db()?.with(&op::Get { key }, |found| match found.0 {
        None => Found::Nothing,
        Some(text) if text.len() <= COPIED_BYTES_MAX => text.with(|data| Found::copy(data, &mut copied)),
        Some(text) => Found::Shared(text.to_owned()),
    })?;
    found.value(call.env, &copied, buffers)
}

/// `set(key, value)`: the form without options. The other half says `OK`.
fn set<'s>(call: &Call<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    expect(call, 2, "set")?;
    let (mut first, mut second) = (Room::new(), Room::new());
    let key = call.env.bytes(call.get(0)?, &mut first)?;
    let value = call.env.bytes(call.get(1)?, &mut second)?;
    handle.db()?.set(key, value)?;
    call.env.undefined()
}

fn incr<'s>(call: &Call<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    expect(call, 1, "incr")?;
    let mut room = Room::new();
    let key = call.env.bytes(call.get(0)?, &mut room)?;
    let value = handle.db()?.incr(key)?;
    call.env.integer(value, handle.view.shape.bigints)
}

fn hget<'s>(call: &Call<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    expect(call, 2, "hget")?;
    let (mut first, mut second) = (Room::new(), Room::new());
    let key = call.env.bytes(call.get(0)?, &mut first)?;
    let field = call.env.bytes(call.get(1)?, &mut second)?;
    let mut copied = handle.copied.borrow_mut();
    let found = handle.db()?.with(&op::HGet { key, field }, |found| match found.0 {
        None => Found::Nothing,
        Some(data) if data.len() <= COPIED_BYTES_MAX => Found::copy(data, &mut copied),
        Some(data) => Found::Shared(Bytes::copy(data)),
    })?;
    found.value(call.env, &copied, handle.view.shape.buffers)
}

/// `del(...keys)` and `exists(...keys)`.
fn count<'s>(call: &Call<'s>, handle: &Rc<Handle>, name: &str) -> Outcome<Value<'s>> {
    let count_of = |keys: &[&[u8]]| {
        let db = handle.db()?;
        Ok::<u64, Fault>(if name == "del" { db.del(keys)? } else { db.exists(keys)? })
    };
    let mut room = Room::new();
    let count = match call.env.bytes(call.get(0)?, &mut room) {
        Ok(key) if call.len() == 1 => count_of(&[key])?,
        // Several, or a list of them, or what is refused.
        _ => {
            let words = Words::of(call.env, call.rest(0))?;
            if words.len() == 0 {
                return Err(arity(name));
            }
            count_of(&words.iter().collect::<Vec<_>>())?
        }
    };
    call.env.integer(count as i64, handle.view.shape.bigints)
}
