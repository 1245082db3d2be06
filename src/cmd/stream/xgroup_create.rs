//! XGROUP CREATE: makes a consumer group.
use super::progress::{self, UpTo};
use crate::{
    base::{
        atom::{Args, Record},
        emit::{Emit, Ok as Done, Sink},
        error::{Error, Kind, Result},
    },
    cmd::{Command, DENYOOM, Group, Spec, WRITE},
    keyspace::{notes::Classes, view::View},
    value::{
        Stream,
        stream::{Group as Readers, StreamId},
    },
};

/// `XGROUP CREATE key group <id | $> [MKSTREAM] [ENTRIESREAD entries-read]`. Makes a group that has read up to an ID.
#[derive(Debug, Clone)]
pub struct XGroupCreate<'a> {
    pub key: &'a [u8],
    pub group: &'a [u8],
    /// A wrong one is refused when there is a stream.
    pub up_to: Result<UpTo>,
    /// Makes an empty stream when there is none.
    pub make: bool,
    /// How many entries there were up to the ID.
    pub entries_read: Option<i64>,
}

/// The ID it came to.
#[derive(Debug, Clone, Copy)]
pub struct Created(StreamId);

impl Created {
    /// Says that the group is at an ID.
    pub(super) fn at(id: StreamId) -> Self {
        Self(id)
    }

    /// The ID that the group is at.
    pub(super) fn id(self) -> StreamId {
        self.0
    }
}

impl Emit for Created {
    fn emit(self, to: &mut dyn Sink) {
        Done.emit(to);
    }
}

impl From<Created> for () {
    fn from(_: Created) {}
}

impl<'a> Command<'a> for XGroupCreate<'a> {
    const SPEC: Spec = Spec {
        id: 0x0A21,
        name: "XGROUP|CREATE",
        usage: "key group <id | $> [MKSTREAM] [ENTRIESREAD entries-read]",
        arity: -5,
        flags: WRITE | DENYOOM,
        keys: (2, 2, 1),
        group: Group::Stream,
        since: "5.0.0",
        complexity: "O(1)",
        summary: "Creates a consumer group.",
    };
    type Owned = ();
    type Out<'k> = Created;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let (key, group, mut id) = (args.bytes()?, args.bytes()?, args.take(1)?);
        // More than all options take is refused as late as a wrong ID.
        const WORDS_MAX: usize = 3;
        let too_many = args.len() > WORDS_MAX;
        let (mut make, mut entries_read) = (false, None);
        while !args.is_empty() {
            if args.token("MKSTREAM") {
                make = true;
            } else if args.len() > 1 && args.token("ENTRIESREAD") {
                entries_read = progress::entries_read(args)?;
            } else {
                return Err(progress::syntax("CREATE"));
            }
        }
        let up_to = if too_many { Err(progress::syntax("CREATE")) } else { UpTo::parse(&mut id, false) };
        Ok(Self { key, group, up_to, make, entries_read })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<Created> {
        let stream = view.get_to_write::<Stream>(self.key)?;
        if stream.is_none() && !self.make {
            return Err(progress::no_key());
        }
        let id = self.up_to.clone()?.resolve(stream);
        if stream.is_some_and(|stream| stream.group(self.group).is_some()) {
            return Err(Error::new(Kind::Conflict, "BUSYGROUP Consumer Group name already exists"));
        }
        let mut stream = view.get_or_new(self.key, Stream::new)?;
        stream.add_group(Readers::new(self.group, id, self.entries_read));
        stream.notify(Classes::STREAM, "xgroup-create");
        Ok(Created(id))
    }

    fn log(&self, created: &Created, rec: &mut Record, _now_ms: u64) {
        rec.command(Self::SPEC.id).bytes(self.key).bytes(self.group);
        progress::log(created.0, self.entries_read, rec);
        if self.make {
            rec.bytes(b"MKSTREAM");
        }
    }
}

crate::cmd::row!(XGroupCreate<'_>);
