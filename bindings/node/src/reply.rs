//! Replies as values of JavaScript. The shape is the caller's option, never a guess at a value.
use crate::napi::{Env, Outcome, Value};
use tenondb::Reply;

/// How replies are given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shape {
    /// Byte strings are Buffers instead of strings.
    pub buffers: bool,
    /// Integers are BigInts, also those that are exact as numbers.
    pub bigints: bool,
    /// Maps are `Map`s instead of plain objects.
    pub maps: bool,
}

/// A reply as a value.
pub fn value<'s>(env: Env<'s>, reply: &Reply, shape: Shape) -> Outcome<Value<'s>> {
    match reply {
        Reply::Nil => env.null(),
        Reply::Int(value) => env.integer(*value, shape.bigints),
        Reply::Float(value) => env.number(*value),
        Reply::Bool(value) => env.boolean(*value),
        Reply::Bytes(value) => env.text(value, shape.buffers),
        // What the database itself says is text.
        Reply::Status(value) | Reply::Text(value) => env.string(value),
        Reply::Array(values) | Reply::Set(values) => list(env, values, shape),
        Reply::Map(pairs) if shape.maps => map(env, pairs, shape),
        Reply::Map(pairs) => object(env, pairs, shape),
        Reply::Error(error) => env.db_error(error),
        _ => env.undefined(),
    }
}

/// Replies as a list.
pub fn list<'s>(env: Env<'s>, values: &[Reply], shape: Shape) -> Outcome<Value<'s>> {
    let array = env.array(values.len())?;
    for (at, each) in values.iter().enumerate() {
        env.set_element(array, at, value(env, each, shape)?)?;
    }
    Ok(array)
}

/// Names of properties are strings, whatever the values are.
fn object<'s>(env: Env<'s>, pairs: &[(Reply, Reply)], shape: Shape) -> Outcome<Value<'s>> {
    let object = env.object()?;
    for (name, each) in pairs {
        let is_proto = name.as_bytes() == Some(b"__proto__");
        let name = value(env, name, Shape { buffers: false, ..shape })?;
        let each = value(env, each, shape)?;
        if is_proto { env.define(object, name, each)? } else { env.set(object, name, each)? }
    }
    Ok(object)
}

fn map<'s>(env: Env<'s>, pairs: &[(Reply, Reply)], shape: Shape) -> Outcome<Value<'s>> {
    let entries = env.array(pairs.len())?;
    for (at, (name, each)) in pairs.iter().enumerate() {
        let entry = env.array(2)?;
        env.set_element(entry, 0, value(env, name, shape)?)?;
        env.set_element(entry, 1, value(env, each, shape)?)?;
        env.set_element(entries, at, entry)?;
    }
    env.construct(env.kept(env.state().map_class()?)?, &[entries])
}
