//! How far a group has come, as XGROUP CREATE and XGROUP SETID take it.
use super::{ids, refused};
use crate::{
    base::{
        atom::{Args, Record},
        error::{Error, Kind, Result},
    },
    value::{Stream, stream::StreamId},
};

/// The ID up to which a group has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpTo {
    Id(StreamId),
    /// `$`: the last one there is.
    Now,
}

impl From<StreamId> for UpTo {
    fn from(id: StreamId) -> Self {
        Self::Id(id)
    }
}

impl UpTo {
    /// Takes an ID or `$`. `any`: also `-` and `+`.
    pub fn parse(args: &mut Args<'_>, any: bool) -> Result<Self> {
        match args.peek() {
            Some(b"$") => args.bytes().map(|_| Self::Now),
            _ if any => ids::any(args, 0).map(Self::Id),
            _ => ids::one(args, 0).map(Self::Id),
        }
    }

    /// The ID it means.
    pub fn resolve(self, stream: Option<&Stream>) -> StreamId {
        match self {
            Self::Id(id) => id,
            Self::Now => stream.map_or(StreamId::MIN, Stream::last_id),
        }
    }
}

/// Takes the argument of `ENTRIESREAD`; −1: unknown.
pub fn entries_read(args: &mut Args<'_>) -> Result<Option<i64>> {
    match args.int()? {
        -1 => Ok(None),
        read if read < 0 => Err(Error::command("ERR value for ENTRIESREAD must be positive or -1")),
        read => Ok(Some(read)),
    }
}

/// `ERR unknown subcommand or wrong number of arguments for '…'. Try XGROUP HELP.`
#[cold]
pub fn syntax(sub: &str) -> Error {
    Error::quoting(
        Kind::Command,
        format!("ERR unknown subcommand or wrong number of arguments for '{sub}'. Try XGROUP HELP."),
    )
}

#[cold]
pub fn no_key() -> Error {
    Error::command(
        "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.",
    )
}

/// Checks that there is a stream with a group of that name.
pub fn check(stream: Option<&Stream>, key: &[u8], group: &[u8]) -> Result<()> {
    let stream = stream.ok_or_else(no_key)?;
    stream.group(group).map(drop).ok_or_else(|| refused::group(key, group))
}

/// Adds how far the group has come to a record.
pub fn log(id: StreamId, entries_read: Option<i64>, rec: &mut Record) {
    rec.bytes(&id.text());
    if let Some(read) = entries_read {
        rec.bytes(b"ENTRIESREAD").int(read);
    }
}
