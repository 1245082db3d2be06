//! Handles of an open database, and what they can do: an object whose functions carry the handle with them.
use crate::{
    closed,
    engine::Engine,
    hot, inbox, line,
    napi::{
        Env, Fault, Outcome, Value,
        function::{Call, method, scripted},
    },
    options::{self, View},
    reply, txn,
    waiting::{self, refuse_waiting},
    words::Words,
};
use std::{
    cell::{Cell, Ref, RefCell},
    collections::HashMap,
    rc::{Rc, Weak},
    sync::Arc,
};
use tenondb::{Db, OpenTxn, Reply};

/// One `open` of an engine: all its handles are closed together.
pub struct Opened {
    engine: Arc<Engine>,
    is_open: Cell<bool>,
    handles: RefCell<Vec<Weak<Handle>>>,
    /// What waits for it is known by this number.
    pub number: u64,
}

/// A handle: a logical database, and the shape of replies.
pub struct Handle {
    pub opened: Rc<Opened>,
    db: RefCell<Option<Db>>,
    pub view: View,
    /// What a hot command has read, until it is a value of JavaScript: kept, so that nothing is allocated.
    pub copied: RefCell<Vec<u8>>,
    /// Open transactions, by their numbers.
    pub transactions: RefCell<HashMap<u64, OpenTxn>>,
}

impl Opened {
    /// Tells whether its handles can be used.
    pub fn is_open(&self) -> bool {
        self.is_open.get()
    }

    /// Closes all handles. Second thoughts do nothing.
    fn close(&self) -> tenondb::Result<()> {
        if !self.is_open.replace(false) {
            return Ok(());
        }
        for handle in self.handles.take().iter().filter_map(Weak::upgrade) {
            handle.db.replace(None);
            handle.transactions.take();
        }
        self.engine.leave()
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        // Collected without having been closed: nobody is left to be told of an error.
        let _ = self.close();
    }
}

impl Handle {
    fn make(opened: &Rc<Opened>, view: View) -> Outcome<Rc<Self>> {
        if !opened.is_open.get() {
            return Err(closed());
        }
        let db = opened.engine.db().select(view.database)?;
        let db = if view.durable { db.durable() } else { db };
        let handle = Rc::new(Self {
            opened: Rc::clone(opened),
            db: RefCell::new(Some(db)),
            view,
            copied: RefCell::default(),
            transactions: RefCell::default(),
        });
        let mut handles = opened.handles.borrow_mut();
        // Handles that were collected leave their places behind: swept when there may be as many as living ones.
        if handles.len() == handles.capacity() {
            handles.retain(|handle| handle.strong_count() > 0);
        }
        handles.push(Rc::downgrade(&handle));
        drop(handles);
        Ok(handle)
    }

    /// The database. Nothing of JavaScript may run as long as it is borrowed: it might close the handle.
    #[inline]
    pub fn db(&self) -> Outcome<Ref<'_, Db>> {
        Ref::filter_map(self.db.borrow(), Option::as_ref).map_err(|_| closed())
    }
}

/// The object of the first handle of an engine.
pub fn opened<'s>(env: Env<'s>, engine: Arc<Engine>, view: View) -> Outcome<Value<'s>> {
    let opened = Rc::new(Opened {
        engine,
        is_open: Cell::new(true),
        handles: RefCell::default(),
        number: env.state().number(),
    });
    object(env, &Handle::make(&opened, view)?)
}

fn object<'s>(env: Env<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    let object = env.object()?;
    hot::methods(env, object, handle)?;
    scripted(env, object, "call", handle, |call, handle| run(call, handle, false))?;
    scripted(env, object, "callBuffer", handle, |call, handle| run(call, handle, true))?;
    scripted(env, object, "wait", handle, waiting::wait)?;
    method(env, object, "cancel", handle, waiting::cancel)?;
    txn::methods(env, object, handle)?;
    method(env, object, "line", handle, line::line)?;
    scripted(env, object, "many", handle, many)?;
    method(env, object, "derive", handle, derive)?;
    method(env, object, "subscribe", handle, inbox::subscribe)?;
    method(env, object, "watch", handle, inbox::watch)?;
    method(env, object, "sync", handle, sync)?;
    method(env, object, "tick", handle, tick)?;
    method(env, object, "now", handle, now)?;
    method(env, object, "setClock", handle, set_clock)?;
    method(env, object, "report", handle, report)?;
    method(env, object, "token", handle, token)?;
    method(env, object, "isOpen", handle, |call, handle| call.env.boolean(handle.opened.is_open.get()))?;
    method(env, object, "close", handle, close)?;
    Ok(object)
}

/// `call(...words)`.
fn run<'s>(call: &Call<'s>, handle: &Rc<Handle>, buffers: bool) -> Outcome<Value<'s>> {
    let words = Words::of(call.env, call.rest(0))?;
    if words.len() == 0 {
        return Err(Fault::Type("a command is missing".into()));
    }
    refuse_waiting(&words)?;
    let reply = handle.db()?.call(words.iter())?;
    let shape = handle.view.shape;
    reply::value(call.env, &reply, reply::Shape { buffers: shape.buffers || buffers, ..shape })
}

/// `many(atomic, commands)`: commands in one crossing, as one step or one after the other. What fails has its error in the list.
fn many<'s>(call: &Call<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    let env = call.env;
    let (atomic, list) = (env.truth(call.get(0)?)?, call.get(1)?);
    let len = env.array_len(list)?.unwrap_or(0);
    let mut commands = Vec::with_capacity(len);
    for at in 0..len {
        let words = Words::of(env, std::iter::once(env.element(list, at)?))?;
        if words.len() == 0 {
            return Err(Fault::Type("a command is missing".into()));
        }
        refuse_waiting(&words)?;
        commands.push(words);
    }
    let db = handle.db()?;
    let replies = if atomic {
        let mut batch = db.batch();
        for words in &commands {
            batch.call(words.iter());
        }
        batch.run()?
    } else {
        commands.iter().map(|words| db.call(words.iter()).unwrap_or_else(Reply::Error)).collect()
    };
    drop(db);
    reply::list(env, &replies, handle.view.shape)
}

/// `derive(view)`: another handle of the same database.
fn derive<'s>(call: &Call<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    let view = options::view(call.env, call.get(0)?, handle.view)?;
    object(call.env, &Handle::make(&handle.opened, view)?)
}

fn sync<'s>(call: &Call<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    handle.db()?.sync()?;
    call.env.undefined()
}

/// `tick(microseconds)`: true when there is more to do.
fn tick<'s>(call: &Call<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    let budget_us = call.env.double(call.get(0)?)?;
    let more = handle.db()?.tick(budget_us.clamp(0.0, 1e9) as u64);
    call.env.state().look_at_all(call.env);
    call.env.boolean(more)
}

fn now<'s>(call: &Call<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    let now_ms = handle.db()?.clock().now_ms();
    call.env.number(now_ms as f64)
}

/// `setClock(milliseconds, relative)`.
fn set_clock<'s>(call: &Call<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    let (ms, relative) = (call.env.double(call.get(0)?)?, call.env.truth(call.get(1)?)?);
    if ms.fract() != 0.0 || !(0.0..=crate::napi::SAFE_INTEGER as f64).contains(&ms) {
        return Err(Fault::Type("a time is an integer of milliseconds, from 0 on".into()));
    }
    let db = handle.db()?;
    if relative {
        db.clock().advance_ms(ms as u64)
    } else {
        db.clock().set_ms(ms as u64)
    }
    drop(db);
    // Whose time is over by the new clock is told so now, not when somebody happens to look.
    call.env.state().look_at_all(call.env);
    call.env.undefined()
}

/// `report()`: what opening has found; null in memory.
fn report<'s>(call: &Call<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    let env = call.env;
    let Some(report) = handle.db()?.open_report() else { return env.null() };
    let object = env.object()?;
    let set = |name: &str, value: Value<'s>| env.set(object, env.string(name.as_bytes())?, value);
    for (name, count) in [
        ("keys", report.keys),
        ("snapshotBytes", report.snapshot_bytes),
        ("records", report.records),
        ("logBytes", report.log_bytes),
        ("ringBytes", report.ring_bytes),
        ("tookUs", report.took_us),
        ("leftOut", report.left_out),
    ] {
        set(name, env.number(count as f64)?)?;
    }
    let cut = env.array(report.cut.len())?;
    for (at, line) in report.cut.iter().enumerate() {
        env.set_element(cut, at, env.string(line.as_bytes())?)?;
    }
    set("cut", cut)?;
    Ok(object)
}

fn token<'s>(call: &Call<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    if !handle.opened.is_open.get() {
        return Err(closed());
    }
    call.env.string(handle.opened.engine.token().as_bytes())
}

fn close<'s>(call: &Call<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    let env = call.env;
    if handle.opened.is_open.get() {
        // Before the engine goes: what waits and was served meanwhile gives back what nobody has taken.
        env.state().close(env, handle.opened.number);
    }
    handle.opened.close()?;
    env.undefined()
}
