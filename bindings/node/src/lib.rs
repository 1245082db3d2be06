//! The native half of the Node package: it builds arguments and reshapes replies, nothing else.
//!
//! Everything is per environment of Node (the main thread, each worker); what environments share is shared by the core: engines by their
//! directory, and by name or token as `engine.rs` says. Functions carry what they are about with them, so that a call of a hot one is a
//! single crossing without a look-up.
mod engine;
mod fault;
mod handle;
mod hot;
mod inbox;
mod line;
mod lock;
mod napi;
mod options;
mod reply;
mod state;
mod txn;
mod waiting;
mod words;

use napi::{
    Env, Fault, Outcome, Type, Value,
    function::{Call, method},
};
use std::{path::PathBuf, rc::Rc};
use tenondb::{Error, Kind};

/// What `require` gives.
fn exports<'s>(env: Env<'s>, exports: Value<'s>) -> Outcome<()> {
    let nothing = Rc::new(());
    method(env, exports, "setup", &nothing, setup)?;
    method(env, exports, "open", &nothing, open)?;
    method(env, exports, "memory", &nothing, memory)?;
    method(env, exports, "attach", &nothing, attach)?;
    method(env, exports, "waits", &nothing, waiting::ask)?;
    method(env, exports, "exits", &nothing, exits)?;
    method(env, exports, "commands", &nothing, commands)
}

/// `setup(TenonError, Map)`: the classes that it makes objects of.
fn setup<'s>(call: &Call<'s>, _: &Rc<()>) -> Outcome<Value<'s>> {
    let env = call.env;
    env.state().learn(env.keep(call.get(0)?)?, env.keep(call.get(1)?)?);
    env.undefined()
}

/// `open(directory, options)`.
fn open<'s>(call: &Call<'s>, _: &Rc<()>) -> Outcome<Value<'s>> {
    let env = call.env;
    let mut path = Vec::new();
    if !env.append_string(call.get(0)?, &mut path)? || path.is_empty() {
        return Err(Fault::Type("a directory is a string that is not empty".into()));
    }
    if path.contains(&0) {
        return Err(Fault::Type("a directory has no NUL in its name".into()));
    }
    let path = String::from_utf8(path).map_err(|_| Fault::Type("a directory is a string".into()))?;
    let (options, view) = options::read(env, call.get(1)?)?;
    let engine = engine::Engine::directory(&PathBuf::from(path), options)?;
    handle::opened(env, engine, view)
}

/// `memory(options)`.
fn memory<'s>(call: &Call<'s>, _: &Rc<()>) -> Outcome<Value<'s>> {
    let env = call.env;
    let given = call.get(0)?;
    let (options, view) = options::read(env, given)?;
    let engine = match options::name(env, given)? {
        Some(name) => engine::Engine::named(name, options)?,
        None => engine::Engine::memory(options),
    };
    handle::opened(env, engine, view)
}

/// `attach(token, options)`: a database that another environment has open.
fn attach<'s>(call: &Call<'s>, _: &Rc<()>) -> Outcome<Value<'s>> {
    let env = call.env;
    let mut token = Vec::new();
    env.append_string(call.get(0)?, &mut token)?;
    let (_, view) = options::read(env, call.get(1)?)?;
    let engine = engine::Engine::of_token(&String::from_utf8_lossy(&token))?;
    handle::opened(env, engine, view)
}

/// `exits(code)`: the process ends, with this code.
fn exits<'s>(call: &Call<'s>, _: &Rc<()>) -> Outcome<Value<'s>> {
    napi::ending::process_exits(call.env.double(call.get(0)?)? as i32);
    call.env.undefined()
}

/// `commands()`: the facts of every command.
fn commands<'s>(call: &Call<'s>, _: &Rc<()>) -> Outcome<Value<'s>> {
    let env = call.env;
    let all = tenondb::commands();
    let list = env.array(all.len())?;
    for (at, spec) in all.enumerate() {
        let facts = env.object()?;
        let set = |name: &str, value: Value<'s>| env.set(facts, env.string(name.as_bytes())?, value);
        for (name, text) in [
            ("name", spec.name),
            ("usage", spec.usage),
            ("summary", spec.summary),
            ("complexity", spec.complexity),
            ("group", spec.group.name()),
        ] {
            set(name, env.string(text.as_bytes())?)?;
        }
        set("arity", env.integer(spec.arity.into(), false)?)?;
        set("blocking", env.boolean(waiting::may_wait(spec))?)?;
        env.set_element(list, at, facts)?;
    }
    Ok(list)
}

/// The handle was closed, or its environment's last one was.
#[cold]
fn closed() -> Fault {
    Fault::Db(Error::new(Kind::Closed, "ERR the database is closed"))
}

/// Tells whether an option was given.
fn is_given<'s>(env: Env<'s>, value: Value<'s>) -> Outcome<bool> {
    Ok(!matches!(env.kind(value)?, Type::Undefined | Type::Null))
}
