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
use tenondb::{Bytes, Hashes, Keys, Strings};

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

#[inline]
fn text<'s>(env: Env<'s>, value: Option<Bytes>, buffers: bool) -> Outcome<Value<'s>> {
    match value {
        Some(value) => env.text(&value, buffers),
        None => env.null(),
    }
}

#[inline]
fn get<'s>(call: &Call<'s>, handle: &Rc<Handle>, buffers: bool) -> Outcome<Value<'s>> {
    expect(call, 1, "get")?;
    let mut room = Room::new();
    let key = call.env.bytes(call.get(0)?, &mut room)?;
    let value = handle.db()?.get(key)?;
    text(call.env, value, buffers)
}

/// `set(key, value)`: the form without options.
fn set<'s>(call: &Call<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    expect(call, 2, "set")?;
    let (mut first, mut second) = (Room::new(), Room::new());
    let key = call.env.bytes(call.get(0)?, &mut first)?;
    let value = call.env.bytes(call.get(1)?, &mut second)?;
    handle.db()?.set(key, value)?;
    call.env.string(b"OK")
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
    let value = handle.db()?.hget(key, field)?;
    text(call.env, value, handle.view.shape.buffers)
}

/// `del(...keys)` and `exists(...keys)`.
fn count<'s>(call: &Call<'s>, handle: &Rc<Handle>, name: &str) -> Outcome<Value<'s>> {
    let words = Words::of(call.env, call.rest(0))?;
    if words.len() == 0 {
        return Err(arity(name));
    }
    let keys: Vec<&[u8]> = words.iter().collect();
    let db = handle.db()?;
    let count = if name == "del" { db.del(&keys)? } else { db.exists(&keys)? };
    drop(db);
    call.env.integer(count as i64, handle.view.shape.bigints)
}
