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
/// Values up to this size become slices of a block of memory; longer ones are Buffers of their own.
const POOLED_BYTES_MAX: usize = 1024;

/// Sets the functions.
pub fn methods<'s>(env: Env<'s>, object: Value<'s>, handle: &Rc<Handle>) -> Outcome<()> {
    method(env, object, "get", handle, get)?;
    method(env, object, "getInto", handle, get_into)?;
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

/// Looks for the string at a key.
#[inline]
fn find<'s>(env: Env<'s>, handle: &Handle, key: Value<'s>, copied: &mut Vec<u8>) -> Outcome<Found> {
    let mut room = Room::new();
    let key = env.bytes(key, &mut room)?;
    Ok(handle.db()?.with(&op::Get { key }, |found| match found.0 {
        None => Found::Nothing,
        Some(text) if text.len() <= COPIED_BYTES_MAX => text.with(|data| Found::copy(data, copied)),
        Some(text) => Found::Shared(text.to_owned()),
    })?)
}

/// `get(key)`: a string.
fn get<'s>(call: &Call<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    expect(call, 1, "get")?;
    let mut copied = handle.copied.borrow_mut();
    let found = find(call.env, handle, call.get(0)?, &mut copied)?;
    found.value(call.env, &copied, false)
}

/// `getInto(block, at, key)`: a short value is written into the block and its length returned, a long one is a Buffer.
fn get_into<'s>(call: &Call<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    let env = call.env;
    expect(call, 3, "get")?;
    let at = env.double(call.get(1)?)? as usize;
    let mut copied = handle.copied.borrow_mut();
    let found = find(env, handle, call.get(2)?, &mut copied)?;
    if matches!(found, Found::Copied) && copied.len() <= POOLED_BYTES_MAX {
        let fits = env.with_room(call.get(0)?, |block| {
            let room = block.get_mut(at..).and_then(|rest| rest.get_mut(..copied.len()));
            room.map(|room| room.copy_from_slice(&copied)).is_some()
        })?;
        if fits {
            return env.integer(copied.len() as i64, false);
        }
    }
    found.value(env, &copied, true)
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
