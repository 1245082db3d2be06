//! Open transactions. They are known by numbers: the other half begins one, and in any case ends it before it returns.
use crate::{
    handle::Handle,
    napi::{
        Env, Fault, Outcome, Value,
        function::{Call, method},
    },
    reply,
    words::Words,
};
use std::rc::Rc;
use tenondb::{Error, Kind};

/// Sets the functions.
pub fn methods<'s>(env: Env<'s>, object: Value<'s>, handle: &Rc<Handle>) -> Outcome<()> {
    method(env, object, "begin", handle, begin)?;
    method(env, object, "txCall", handle, run)?;
    method(env, object, "commit", handle, commit)?;
    method(env, object, "abort", handle, abort)
}

fn begin<'s>(call: &Call<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    let txn = handle.db()?.begin();
    let number = call.env.state().number();
    handle.transactions.borrow_mut().insert(number, txn);
    call.env.number(number as f64)
}

fn number(call: &Call<'_>) -> Outcome<u64> {
    Ok(call.env.double(call.get(0)?)? as u64)
}

#[cold]
fn over(handle: &Handle) -> Fault {
    if !handle.opened.is_open() {
        return crate::closed();
    }
    Fault::Db(Error::new(Kind::Misuse, "ERR the transaction is over"))
}

/// `txCall(number, buffers, ...words)`.
fn run<'s>(call: &Call<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    let env = call.env;
    let (number, buffers) = (number(call)?, env.truth(call.get(1)?)?);
    let words = Words::of(env, call.rest(2))?;
    if words.len() == 0 {
        return Err(Fault::Type("a command is missing".into()));
    }
    let reply = {
        let all = handle.transactions.borrow();
        all.get(&number).ok_or_else(|| over(handle))?.call(words.iter())?
    };
    let shape = handle.view.shape;
    reply::value(env, &reply, reply::Shape { buffers: shape.buffers || buffers, ..shape })
}

/// `commit(number)`: false when something that it has touched was changed meanwhile, and it has to be begun again.
fn commit<'s>(call: &Call<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    let txn = handle.transactions.borrow_mut().remove(&number(call)?).ok_or_else(|| over(handle))?;
    match txn.commit() {
        Ok(()) => call.env.boolean(true),
        Err(error) if error.kind() == Kind::Conflict => call.env.boolean(false),
        Err(error) => Err(error.into()),
    }
}

fn abort<'s>(call: &Call<'s>, handle: &Rc<Handle>) -> Outcome<Value<'s>> {
    let txn = handle.transactions.borrow_mut().remove(&number(call)?);
    drop(txn);
    call.env.undefined()
}
