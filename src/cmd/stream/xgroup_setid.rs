//! XGROUP SETID: sets how far a group has read.
use super::{
    progress::{self, UpTo},
    xgroup_create::Created,
};
use crate::{
    base::{
        atom::{Args, Record},
        error::Result,
    },
    cmd::{Command, Group, Spec, WRITE},
    keyspace::{notes::Classes, view::View},
    value::Stream,
};

/// `XGROUP SETID key group <id | $> [ENTRIESREAD entries-read]`. Lets a group go on behind an ID.
#[derive(Debug, Clone)]
pub struct XGroupSetId<'a> {
    pub key: &'a [u8],
    pub group: &'a [u8],
    /// A wrong one is refused when there is a group.
    pub up_to: Result<UpTo>,
    /// How many entries there were up to the ID.
    pub entries_read: Option<i64>,
}

impl<'a> Command<'a> for XGroupSetId<'a> {
    const SPEC: Spec = Spec {
        id: 0x0A22,
        name: "XGROUP|SETID",
        usage: "key group <id | $> [ENTRIESREAD entries-read]",
        arity: -5,
        flags: WRITE,
        keys: (2, 2, 1),
        group: Group::Stream,
        since: "5.0.0",
        complexity: "O(1)",
        summary: "Sets the last-delivered ID of a consumer group.",
    };
    type Owned = ();
    type Out<'k> = Created;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let (key, group, mut id) = (args.bytes()?, args.bytes()?, args.take(1)?);
        let mut entries_read = None;
        while !args.is_empty() {
            if args.len() < 2 || !args.token("ENTRIESREAD") {
                return Err(progress::syntax("SETID"));
            }
            entries_read = progress::entries_read(args)?;
        }
        Ok(Self { key, group, up_to: UpTo::parse(&mut id, true), entries_read })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<Created> {
        let stream = view.get_to_write::<Stream>(self.key)?;
        progress::check(stream, self.key, self.group)?;
        let id = self.up_to.clone()?.resolve(stream);
        if let Some(mut stream) = view.get_mut::<Stream>(self.key)? {
            stream.edit_group(self.group, |group| {
                (group.last_id, group.entries_read) = (id, self.entries_read)
            });
            stream.notify(Classes::STREAM, "xgroup-setid");
        }
        Ok(Created::at(id))
    }

    fn log(&self, set: &Created, rec: &mut Record, _now_ms: u64) {
        rec.command(Self::SPEC.id).bytes(self.key).bytes(self.group);
        progress::log(set.id(), self.entries_read, rec);
    }
}

crate::cmd::row!(XGroupSetId<'_>);
