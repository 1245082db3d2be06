//! Where XREAD and XREADGROUP would wait: the one place.
//!
//! Both find nothing, `BLOCK` was given, and the call is one of its own: then the caller is to be parked on the keys, and the
//! command run again when one of them is ready. Until there is somebody to park it, that is refused. Inside MULTI, in a
//! batch and in a transaction nothing ever waits: there an empty answer is the answer.
use super::listing::Streams;
use crate::base::{
    atom::Args,
    emit::{Emit, Sink},
    error::{Error, Result},
};

/// Answers a call outside MULTI.
pub fn answer(found: Streams<'_>, block_ms: Option<u64>, to: &mut dyn Sink) -> Result<()> {
    if found.0.is_empty() && block_ms.is_some() {
        return Err(Error::command("ERR BLOCK is not supported yet: there is nothing to read now"));
    }
    found.emit(to);
    Ok(())
}

/// Takes the argument of `BLOCK`: milliseconds.
pub fn parse(args: &mut Args<'_>) -> Result<u64> {
    let timeout = args.int_or(|| Error::command("ERR timeout is not an integer or out of range"))?;
    u64::try_from(timeout).map_err(|_| Error::command("ERR timeout is negative"))
}
