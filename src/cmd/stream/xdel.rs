//! XDEL: deletes entries.
use super::ids;
use crate::{
    base::{
        atom::{Args, Record},
        emit::{Emit, Sink},
        error::Result,
    },
    cmd::{Command, FAST, Group, Spec, WRITE},
    keyspace::{notes::Classes, view::View},
    value::{Stream, stream::StreamId},
};

/// `XDEL key id [id ...]`. Deletes entries, and returns how many there were of them.
#[derive(Debug, Clone)]
pub struct XDel<'a> {
    pub key: &'a [u8],
    /// Wrong ones are of no consequence when there is no stream.
    pub ids: Result<Vec<StreamId>>,
}

/// The entries that were deleted.
#[derive(Debug, Clone, Default)]
pub struct Deleted(Vec<StreamId>);

impl Emit for Deleted {
    fn emit(self, to: &mut dyn Sink) {
        self.0.len().emit(to);
    }
}

impl From<Deleted> for usize {
    fn from(deleted: Deleted) -> Self {
        deleted.0.len()
    }
}

/// Writes what deletes some entries.
pub fn log(key: &[u8], ids: &[StreamId], rec: &mut Record) {
    if !ids.is_empty() {
        rec.command(<XDel<'_> as Command<'_>>::SPEC.id).bytes(key);
        ids::log(ids, rec);
    }
}

impl<'a> Command<'a> for XDel<'a> {
    const SPEC: Spec = Spec {
        id: 0x0A06,
        name: "XDEL",
        usage: "key id [id ...]",
        arity: -3,
        flags: WRITE | FAST,
        keys: (1, 1, 1),
        group: Group::Stream,
        since: "5.0.0",
        complexity: "O(1) for each single item to delete in the stream, regardless of the stream size.",
        summary: "Returns the number of messages after removing them from a stream.",
    };
    type Owned = usize;
    type Out<'k> = Deleted;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, ids: ids::all_later(args) })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<Deleted> {
        let Some(mut stream) = view.get_mut::<Stream>(self.key)? else { return Ok(Deleted::default()) };
        let limits = stream.limits();
        stream.unchanged();
        let mut deleted = self.ids.clone()?;
        deleted.retain(|id| stream.delete(*id, &limits));
        if !deleted.is_empty() {
            stream.changed();
            stream.notify(Classes::STREAM, "xdel");
        }
        Ok(Deleted(deleted))
    }

    fn log(&self, deleted: &Deleted, rec: &mut Record, _now_ms: u64) {
        log(self.key, &deleted.0, rec);
    }
}

crate::cmd::row!(XDel<'_>);
