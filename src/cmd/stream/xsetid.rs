//! XSETID: sets what a stream says of its past.
use super::ids;
use crate::{
    base::{
        atom::{Args, Record},
        emit::Ok as Done,
        error::{Error, Kind, Result},
    },
    cmd::{Command, DENYOOM, FAST, Group, Spec, WRITE},
    keyspace::{notes::Classes, view::View},
    value::{Stream, stream::StreamId},
};

/// `XSETID key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]`. Sets the last ID that was given away.
#[derive(Debug, Clone, Copy)]
pub struct XSetId<'a> {
    pub key: &'a [u8],
    pub last_id: StreamId,
    pub entries_added: Option<u64>,
    pub max_deleted_id: Option<StreamId>,
}

fn refused(text: &'static str) -> Error {
    Error::new(Kind::Conflict, text)
}

impl<'a> Command<'a> for XSetId<'a> {
    const SPEC: Spec = Spec {
        id: 0x0A07,
        name: "XSETID",
        usage: "key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]",
        arity: -3,
        flags: WRITE | DENYOOM | FAST,
        keys: (1, 1, 1),
        group: Group::Stream,
        since: "5.0.0",
        complexity: "O(1)",
        summary: "An internal command for replicating stream values.",
    };
    type Owned = ();
    type Out<'k> = Done;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let (key, last_id) = (args.bytes()?, ids::one(args, 0)?);
        let (mut entries_added, mut max_deleted_id) = (None, None);
        while !args.is_empty() {
            let more = args.len() > 1;
            if more && args.token("ENTRIESADDED") {
                let negative = |_| Error::command("ERR entries_added must be positive");
                entries_added = Some(u64::try_from(args.int()?).map_err(negative)?);
            } else if more && args.token("MAXDELETEDID") {
                let id = ids::one(args, 0)?;
                if last_id < id {
                    return Err(Error::command(
                        "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id",
                    ));
                }
                max_deleted_id = Some(id).filter(|id| *id > StreamId::MIN);
            } else {
                return Err(Error::syntax());
            }
        }
        Ok(Self { key, last_id, entries_added, max_deleted_id })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<Done> {
        let mut stream = view.get_mut::<Stream>(self.key)?.ok_or_else(Error::no_such_key)?;
        stream.unchanged();
        if self.last_id < stream.max_deleted_id() {
            return Err(refused(
                "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id",
            ));
        }
        if self.last_id < stream.last_entry_id() {
            return Err(refused("ERR The ID specified in XSETID is smaller than the target stream top item"));
        }
        if self.entries_added.is_some_and(|added| stream.len() as u64 > added) {
            return Err(refused(
                "ERR The entries_added specified in XSETID is smaller than the target stream length",
            ));
        }
        stream.changed();
        let added = self.entries_added.unwrap_or(stream.entries_added());
        let max_deleted = self.max_deleted_id.unwrap_or(stream.max_deleted_id());
        stream.set_past(self.last_id, added, max_deleted);
        stream.notify(Classes::STREAM, "xsetid");
        Ok(Done)
    }

    fn log(&self, _: &Done, rec: &mut Record, _now_ms: u64) {
        rec.command(Self::SPEC.id).bytes(self.key).bytes(&self.last_id.text());
        if let Some(added) = self.entries_added {
            rec.bytes(b"ENTRIESADDED").int(added as i64);
        }
        if let Some(id) = self.max_deleted_id {
            rec.bytes(b"MAXDELETEDID").bytes(&id.text());
        }
    }
}

crate::cmd::row!(XSetId<'_>);
