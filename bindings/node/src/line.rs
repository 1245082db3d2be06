//! A RESP connection without a socket: what the official clients sit on.
//!
//! One crossing writes a request and reads its replies, into room that the other half gives. What comes by itself later is told by calling a
//! function of JavaScript, on the thread of the environment.
use crate::{
    handle::Handle,
    napi::{
        Env, Fault, Kept, Outcome, Type, Value,
        function::{Call, method, scripted},
    },
    state::Waits,
};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    task::Waker,
};
use tenondb::resp::{Line, Read};

/// One connection.
struct Wire {
    /// `None`: it was closed.
    line: RefCell<Option<Line>>,
    number: u64,
    /// Text of requests, as bytes: kept between calls.
    text: RefCell<Vec<u8>>,
    /// The end was read behind something else: it is told by a call of its own.
    ended: Cell<bool>,
}

/// Capacity of the text that is kept.
const TEXT_KEPT: usize = 64 * 1024;

/// The function that is told that there is something to read.
struct Reader {
    wire: Rc<Wire>,
    told: Option<Kept>,
}

impl Reader {
    fn tell(&self, env: Env<'_>) {
        let told = self.told.as_ref().map(|told| env.kept(told).and_then(|told| env.call(told, &[])));
        if let Some(Err(fault)) = told {
            env.uncaught(fault);
        }
    }
}

impl Waits for Reader {
    fn look(&mut self, env: Env<'_>, _: &Waker) -> bool {
        self.tell(env);
        false
    }

    fn close(mut self: Box<Self>, env: Env<'_>) {
        if let Some(line) = &*self.wire.line.borrow() {
            line.shutdown();
        }
        // It reads the end, like that of any connection.
        self.tell(env);
        self.told.take().into_iter().for_each(|told| env.forget(told));
    }

    fn cancel(mut self: Box<Self>, env: Env<'_>, _: Value<'_>) {
        self.told.take().into_iter().for_each(|told| env.forget(told));
    }
}

/// `line(readable)`: a new connection.
pub fn line<'s>(call: &Call<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    let env = call.env;
    let told = call.get(0)?;
    if env.kind(told)? != Type::Function {
        return Err(Fault::Type("a connection tells a function".into()));
    }
    let line = Line::open(&*handle.db()?);
    let number = env.state().number();
    line.notify(Some(env.state().caller(number)));
    let wire = Rc::new(Wire {
        line: RefCell::new(Some(line)),
        number,
        text: RefCell::default(),
        ended: Cell::new(false),
    });
    let reader = Reader { wire: Rc::clone(&wire), told: Some(env.keep(told)?) };
    env.state().add(env, number, handle.opened.number, true, Box::new(reader));
    let object = env.object()?;
    scripted(env, object, "exchange", &wire, exchange)?;
    scripted(env, object, "read", &wire, |call, wire| read(call, wire, 0))?;
    method(env, object, "hold", &wire, hold)?;
    method(env, object, "close", &wire, close)?;
    Ok(object)
}

/// `exchange(request, room, at)`: takes a request, and reads as [`read`] does.
fn exchange<'s>(call: &Call<'s>, wire: &Rc<Wire>) -> Outcome<Value<'s>> {
    let env = call.env;
    let request = call.get(0)?;
    if let Some(line) = &*wire.line.borrow() {
        if let Some(bytes) = env.view(request)? {
            line.write(bytes);
        } else {
            let mut text = wire.text.borrow_mut();
            text.clear();
            if !env.append_string(request, &mut text)? {
                return Err(Fault::Type("a request is a string or a Buffer".into()));
            }
            line.write(&text);
            text.shrink_to(TEXT_KEPT);
        }
    }
    read(call, wire, 1)
}

/// `read(room, at)`: reads into the room from `at` on, and returns how many bytes; 0: nothing now, and its function will be told; -1: the
/// connection has ended. When the room is full there may be more.
fn read<'s>(call: &Call<'s>, wire: &Rc<Wire>, first: usize) -> Outcome<Value<'s>> {
    let env = call.env;
    let at = env.double(call.get(first + 1)?)? as usize;
    let mut got = 0;
    let borrowed = wire.line.borrow();
    let ended = match &*borrowed {
        None => true,
        Some(line) => env.with_room(call.get(first)?, |room| {
            let room = room.get_mut(at..).unwrap_or_default();
            loop {
                if got == room.len() {
                    break false;
                }
                match line.read(&mut room[got..]) {
                    Read::Bytes(count) => got += count,
                    Read::Again => break false,
                    Read::End => break true,
                }
            }
        })?,
    };
    drop(borrowed);
    if ended && got > 0 && !wire.ended.replace(true) {
        (env.state().caller(wire.number))();
    }
    env.integer(if ended && got == 0 { -1 } else { got as i64 }, false)
}

/// `hold(whether)`: the connection keeps the process alive, or not.
fn hold<'s>(call: &Call<'s>, wire: &Rc<Wire>) -> Outcome<Value<'s>> {
    let holds = call.env.truth(call.get(0)?)?;
    call.env.state().set_holds(call.env, wire.number, holds);
    call.env.undefined()
}

fn close<'s>(call: &Call<'s>, wire: &Rc<Wire>) -> Outcome<Value<'s>> {
    let env = call.env;
    let line = wire.line.borrow_mut().take();
    drop(line);
    if let Some(reader) = env.state().take(env, wire.number) {
        reader.cancel(env, env.undefined()?);
    }
    env.undefined()
}
