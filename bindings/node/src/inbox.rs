//! Subscriptions and watched prefixes: what comes by itself is taken in lists, and waited for by promises.
use crate::{
    closed,
    handle::{Handle, Opened},
    napi::{
        Env, Fault, Outcome, Promise, Type, Value,
        function::{Call, method},
    },
    reply::Shape,
    state::Waits,
    words::Words,
};
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    task::{Context, Poll, Waker},
};
use tenondb::{
    Invalidation, Message, Overflow, PrefixWatch, SubscribeOptions, Subscription, Topic, WatchOptions,
};

/// Where things come from.
enum Source {
    Channels(Subscription),
    Prefix(PrefixWatch),
}

enum Item {
    Message(Message),
    Stale(Invalidation),
}

/// One subscription or watch.
struct Inbox {
    /// `None`: it was closed.
    source: RefCell<Option<Source>>,
    /// What a look has taken out already.
    early: RefCell<VecDeque<Item>>,
    shape: Shape,
    opened: Rc<Opened>,
    /// Who waits, and its promise.
    waiting: Cell<u64>,
    holds: Cell<bool>,
}

impl Inbox {
    /// The next one, or the waker is woken when there is one. `Ready(None)`: it has come to its end.
    fn poll(&self, waker: &Waker) -> Poll<Option<Item>> {
        if let Some(item) = self.early.borrow_mut().pop_front() {
            return Poll::Ready(Some(item));
        }
        let mut context = Context::from_waker(waker);
        match &mut *self.source.borrow_mut() {
            None => Poll::Ready(None),
            Some(Source::Channels(all)) => all.poll_next(&mut context).map(|next| next.map(Item::Message)),
            Some(Source::Prefix(watch)) => watch.poll_next(&mut context).map(|next| next.map(Item::Stale)),
        }
    }

    /// The next one, if there is one.
    fn next(&self) -> Outcome<Option<Item>> {
        if let Some(item) = self.early.borrow_mut().pop_front() {
            return Ok(Some(item));
        }
        Ok(match &*self.source.borrow() {
            None => None,
            Some(Source::Channels(all)) => all.try_recv()?.map(Item::Message),
            Some(Source::Prefix(watch)) => watch.try_recv().map(Item::Stale),
        })
    }
}

/// A promise that is kept when something has come, or nothing will.
struct Reader(Rc<Inbox>, Option<Promise>);

impl Waits for Reader {
    fn look(&mut self, env: Env<'_>, waker: &Waker) -> bool {
        match self.0.poll(waker) {
            Poll::Pending => return false,
            Poll::Ready(Some(item)) => self.0.early.borrow_mut().push_front(item),
            // The end; `take` tells what kind of.
            Poll::Ready(None) => {}
        }
        self.0.waiting.set(0);
        if let Some(promise) = self.1.take() {
            env.settle(promise, env.undefined());
        }
        true
    }

    fn close(self: Box<Self>, env: Env<'_>) {
        self.0.waiting.set(0);
        self.0.source.replace(None);
        if let Some(promise) = self.1 {
            env.settle(promise, env.undefined());
        }
    }

    fn cancel(self: Box<Self>, env: Env<'_>, _: Value<'_>) {
        self.close(env);
    }
}

/// `subscribe(options)`: a subscription to nothing yet.
pub fn subscribe<'s>(call: &Call<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    let env = call.env;
    let defaults = SubscribeOptions::default();
    let capacity = count(env, call.get(0)?)?.unwrap_or(defaults.capacity);
    let bytes_max = count(env, call.get(1)?)?.unwrap_or(defaults.bytes_max);
    let mut overflow = Vec::new();
    env.append_string(call.get(2)?, &mut overflow)?;
    let overflow = match overflow.as_slice() {
        b"" | b"cut" => Overflow::Cut,
        b"drop-oldest" => Overflow::DropOldest,
        b"drop-newest" => Overflow::DropNewest,
        _ => return Err(Fault::Type("option overflow is 'cut', 'drop-oldest' or 'drop-newest'".into())),
    };
    let subscription = handle.db()?.subscription(SubscribeOptions { capacity, bytes_max, overflow });
    object(env, handle, Source::Channels(subscription))
}

/// `watch(prefix, capacity, bytesMax)`.
pub fn watch<'s>(call: &Call<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    let env = call.env;
    let prefix = Words::of(env, call.rest(0).take(1))?;
    let defaults = WatchOptions::default();
    let options = WatchOptions {
        capacity: count(env, call.get(1)?)?.unwrap_or(defaults.capacity),
        bytes_max: count(env, call.get(2)?)?.unwrap_or(defaults.bytes_max),
    };
    let watch = handle.db()?.watch_prefix_with(prefix.get(0), options)?;
    object(env, handle, Source::Prefix(watch))
}

fn count<'s>(env: Env<'s>, value: Value<'s>) -> Outcome<Option<usize>> {
    match env.kind(value)? {
        Type::Undefined | Type::Null => Ok(None),
        Type::Number => Ok(Some(env.double(value)?.clamp(1.0, u32::MAX.into()) as usize)),
        _ => Err(Fault::Type("a bound is a number".into())),
    }
}

fn object<'s>(env: Env<'s>, handle: &Rc<Handle>, source: Source) -> Outcome<Value<'s>> {
    let inbox = Rc::new(Inbox {
        source: RefCell::new(Some(source)),
        early: RefCell::default(),
        shape: handle.view.shape,
        opened: Rc::clone(&handle.opened),
        waiting: Cell::new(0),
        holds: Cell::new(true),
    });
    let object = env.object()?;
    method(env, object, "take", &inbox, take)?;
    method(env, object, "wait", &inbox, wait)?;
    method(env, object, "add", &inbox, |call, inbox| change(call, inbox, true))?;
    method(env, object, "remove", &inbox, |call, inbox| change(call, inbox, false))?;
    method(env, object, "dropped", &inbox, dropped)?;
    method(env, object, "hold", &inbox, hold)?;
    method(env, object, "close", &inbox, close)?;
    Ok(object)
}

/// `take(most)`: what has come, at most so many; null when nothing more will. Throws when the subscription was cut and everything
/// that was left was taken.
fn take<'s>(call: &Call<'s>, inbox: &Rc<Inbox>) -> Outcome<Value<'s>> {
    let env = call.env;
    if !inbox.opened.is_open() {
        inbox.source.replace(None);
        inbox.early.take();
    }
    let most = env.double(call.get(0)?)?.clamp(1.0, u32::MAX.into()) as usize;
    let mut items = Vec::new();
    while items.len() < most {
        match inbox.next() {
            Ok(Some(item)) => items.push(item),
            Ok(None) => break,
            // First what was left; the next call tells that it was cut.
            Err(_) if !items.is_empty() => break,
            Err(fault) => return Err(fault),
        }
    }
    if items.is_empty() && inbox.source.borrow().is_none() {
        return env.null();
    }
    let list = env.array(items.len())?;
    for (at, item) in items.iter().enumerate() {
        env.set_element(list, at, value(env, item, inbox.shape)?)?;
    }
    Ok(list)
}

fn value<'s>(env: Env<'s>, item: &Item, shape: Shape) -> Outcome<Value<'s>> {
    match item {
        Item::Stale(Invalidation::Key(key)) => env.text(key, shape.buffers),
        // Any key may have changed.
        Item::Stale(Invalidation::All) => env.null(),
        Item::Message(message) => {
            let object = env.object()?;
            let set = |name: &str, value: Value<'s>| env.set(object, env.string(name.as_bytes())?, value);
            set("channel", env.text(message.channel(), shape.buffers)?)?;
            set("message", env.text(message.body(), shape.buffers)?)?;
            if let Some(pattern) = message.pattern() {
                set("pattern", env.text(pattern, shape.buffers)?)?;
            }
            Ok(object)
        }
    }
}

/// `wait()`: a promise that is kept when there is something to take, or nothing will come.
fn wait<'s>(call: &Call<'s>, inbox: &Rc<Inbox>) -> Outcome<Value<'s>> {
    let env = call.env;
    if inbox.waiting.get() != 0 {
        return Err(Fault::Type("somebody waits already".into()));
    }
    let (promise, value) = env.promise()?;
    let number = env.state().number();
    inbox.waiting.set(number);
    let reader = Box::new(Reader(Rc::clone(inbox), Some(promise)));
    env.state().wait(env, number, inbox.opened.number, inbox.holds.get(), reader);
    Ok(value)
}

/// `add(topic, name)` and `remove(topic, name)`; topics are 0 for channels, 1 for patterns, 2 for shard channels.
fn change<'s>(call: &Call<'s>, inbox: &Rc<Inbox>, add: bool) -> Outcome<Value<'s>> {
    let env = call.env;
    let topic = match env.double(call.get(0)?)? as u32 {
        0 => Topic::Channel,
        1 => Topic::Pattern,
        _ => Topic::Shard,
    };
    let name = Words::of(env, call.rest(1).take(1))?;
    let changed = match &*inbox.source.borrow() {
        Some(Source::Channels(all)) if add => all.add(topic, name.get(0)),
        Some(Source::Channels(all)) => all.remove(topic, name.get(0)),
        _ => return Err(closed()),
    };
    env.boolean(changed)
}

fn dropped<'s>(call: &Call<'s>, inbox: &Rc<Inbox>) -> Outcome<Value<'s>> {
    let dropped = match &*inbox.source.borrow() {
        Some(Source::Channels(all)) => all.dropped(),
        _ => 0,
    };
    call.env.number(dropped as f64)
}

/// `hold(whether)`: waiting for it keeps the process alive, or not.
fn hold<'s>(call: &Call<'s>, inbox: &Rc<Inbox>) -> Outcome<Value<'s>> {
    let holds = call.env.truth(call.get(0)?)?;
    inbox.holds.set(holds);
    call.env.state().set_holds(call.env, inbox.waiting.get(), holds);
    call.env.undefined()
}

fn close<'s>(call: &Call<'s>, inbox: &Rc<Inbox>) -> Outcome<Value<'s>> {
    let env = call.env;
    inbox.source.replace(None);
    inbox.early.take();
    if let Some(waiting) = env.state().take(env, inbox.waiting.replace(0)) {
        waiting.close(env);
    }
    env.undefined()
}
