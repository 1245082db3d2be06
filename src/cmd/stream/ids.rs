//! IDs as arguments.
use crate::{
    base::{
        atom::{Args, Record},
        error::{Error, Result},
    },
    value::stream::StreamId,
};

#[cold]
fn invalid() -> Error {
    Error::command("ERR Invalid stream ID specified as stream command argument")
}

/// Takes the text of an ID, or the number that a typed door gives for one.
fn text<'a, R>(
    args: &mut Args<'a>,
    read: impl FnOnce(&'a [u8]) -> Option<R>,
    of_int: impl FnOnce(u64) -> R,
) -> Result<R> {
    match args.peek() {
        Some(text) => {
            args.bytes()?;
            read(text).ok_or_else(invalid)
        }
        None if args.is_empty() => Err(Error::syntax()),
        None => Ok(of_int(u64::try_from(args.int_or(invalid)?).map_err(|_| invalid())?)),
    }
}

/// Takes `ms-seq`, or `ms` alone: then `missing_seq` is the other half.
pub fn one(args: &mut Args<'_>, missing_seq: u64) -> Result<StreamId> {
    text(args, |text| StreamId::parse(text, missing_seq), |ms| StreamId::new(ms, missing_seq))
}

/// Takes an ID, `-` or `+`.
pub fn any(args: &mut Args<'_>, missing_seq: u64) -> Result<StreamId> {
    let read = |text: &[u8]| match text {
        b"-" => Some(StreamId::MIN),
        b"+" => Some(StreamId::MAX),
        _ => StreamId::parse(text, missing_seq),
    };
    text(args, read, |ms| StreamId::new(ms, missing_seq))
}

/// Takes one end of a range; with `(` in front it is not part of it.
fn bound(
    args: &mut Args<'_>,
    missing_seq: u64,
    inward: impl Fn(StreamId) -> Option<StreamId>,
    none: &'static str,
) -> Result<StreamId> {
    match args.peek() {
        Some([b'(', id @ ..]) if !id.is_empty() => {
            args.bytes()?;
            let id = StreamId::parse(id, missing_seq).ok_or_else(invalid)?;
            inward(id).ok_or_else(|| Error::command(none))
        }
        _ => any(args, missing_seq),
    }
}

/// Takes where a range starts.
pub fn start(args: &mut Args<'_>) -> Result<StreamId> {
    bound(args, 0, StreamId::next, "ERR invalid start ID for the interval")
}

/// Takes where a range ends.
pub fn end(args: &mut Args<'_>) -> Result<StreamId> {
    bound(args, u64::MAX, StreamId::previous, "ERR invalid end ID for the interval")
}

/// Takes all that is left as IDs.
pub fn all(args: &mut Args<'_>) -> Result<Vec<StreamId>> {
    let mut ids = Vec::with_capacity(args.len());
    while !args.is_empty() {
        ids.push(one(args, 0)?);
    }
    Ok(ids)
}

/// Takes all that is left as IDs. They are refused only when a stream is there: the command looks first.
pub fn all_later(args: &mut Args<'_>) -> Result<Vec<StreamId>> {
    let ids = all(args);
    while !args.is_empty() {
        let _ = args.take(1);
    }
    ids
}

/// Adds IDs to a record.
pub fn log(ids: &[StreamId], rec: &mut Record) {
    for id in ids {
        rec.bytes(&id.text());
    }
}
