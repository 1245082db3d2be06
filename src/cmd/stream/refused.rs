//! What the commands about groups say when there is none.
use crate::{
    base::{
        bytes::until_zero,
        error::{Error, Kind, Result},
    },
    keyspace::view::{Mut, View},
    value::{Stream, stream::Group},
};

/// `NOGROUP No such key '…' or consumer group '…'`, and what else the command says.
#[cold]
pub fn key_or_group(key: &[u8], group: &[u8], more: &str) -> Error {
    let parts = [
        b"NOGROUP No such key '",
        until_zero(key),
        b"' or consumer group '",
        until_zero(group),
        b"'",
        more.as_bytes(),
    ];
    Error::quoting(Kind::Conflict, parts.concat())
}

/// `NOGROUP No such consumer group '…' for key name '…'`.
#[cold]
pub fn group(key: &[u8], group: &[u8]) -> Error {
    let parts =
        [b"NOGROUP No such consumer group '", until_zero(group), b"' for key name '", until_zero(key), b"'"];
    Error::quoting(Kind::Conflict, parts.concat())
}

/// Returns a stream and its group, or says that one of them is not there.
pub fn find<'v>(view: &'v mut View<'_>, key: &[u8], name: &[u8]) -> Result<(&'v Stream, &'v Group)> {
    let stream = view.get::<Stream>(key)?;
    let found = stream.and_then(|stream| Some((stream, stream.group(name)?)));
    found.ok_or_else(|| key_or_group(key, name, ""))
}

/// Returns a stream for writing that has a group of that name, as yet unchanged.
pub fn find_mut<'v>(view: &'v mut View<'_>, key: &'v [u8], name: &[u8]) -> Result<Mut<'v, Stream>> {
    let Some(mut stream) = view.read_mut::<Stream>(key)? else { return Err(key_or_group(key, name, "")) };
    stream.unchanged();
    if stream.group(name).is_none() {
        return Err(key_or_group(key, name, ""));
    }
    Ok(stream)
}
