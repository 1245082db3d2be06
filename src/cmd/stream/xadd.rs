//! XADD: appends an entry, and may trim.
use super::{
    ids,
    options::{self, Options, Trimming},
};
use crate::{
    base::{
        atom::{Args, Record},
        emit::{Emit, Sink},
        error::{Error, Kind, Result},
    },
    cmd::{Command, DENYOOM, FAST, Group, Spec, WRITE, args::pairs::Pairs},
    keyspace::{notes::Classes, view::View},
    value::{
        Stream,
        stream::{ENTRY_BYTES_MAX, NewEntry, References, StreamId},
    },
};

/// The ID that an entry is to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NewId {
    /// `*`: the time, and a number that makes it greater than the last ID.
    #[default]
    Auto,
    /// `ms-*`: that millisecond, and the next number of it.
    In(u64),
    /// This one.
    Is(StreamId),
}

impl From<StreamId> for NewId {
    fn from(id: StreamId) -> Self {
        Self::Is(id)
    }
}

impl NewId {
    /// Takes `*`, `ms-*`, `ms-seq` or `ms`.
    fn parse(args: &mut Args<'_>) -> Result<Self> {
        match args.peek() {
            Some(b"*") => args.bytes().map(|_| Self::Auto),
            Some([ms @ .., b'-', b'*']) if !ms.contains(&b'-') && StreamId::parse(ms, 0).is_some() => {
                args.bytes()?;
                Ok(Self::In(StreamId::parse(ms, 0).map_or(0, |id| id.ms)))
            }
            _ => ids::one(args, 0).map(Self::Is),
        }
    }

    /// The ID that follows `last`. `None`: there is none that is greater.
    fn after(self, last: StreamId, now_ms: u64) -> Option<StreamId> {
        let id = match self {
            Self::Auto if now_ms > last.ms => StreamId::new(now_ms, 0),
            Self::Auto => last.next()?,
            Self::In(ms) if ms == last.ms => StreamId::new(ms, last.seq.checked_add(1)?),
            Self::In(ms) => StreamId::new(ms, 0),
            Self::Is(id) => id,
        };
        (id > last).then_some(id)
    }
}

/// `XADD key [NOMKSTREAM] [KEEPREF | DELREF | ACKED] [<MAXLEN | MINID> [= | ~] threshold [LIMIT count]] <* | id> field
/// value [field value ...]`. Appends an entry, trims the stream when that is asked for, and returns the entry's ID.
#[derive(Debug, Clone)]
pub struct XAdd<'a> {
    pub key: &'a [u8],
    pub id: NewId,
    /// Only to a stream that is there.
    pub no_make: bool,
    pub references: References,
    pub trimming: Option<Trimming>,
    pub fields: Pairs<'a>,
}

impl<'a> XAdd<'a> {
    /// Appends an entry of an ID made of the time.
    pub fn new(
        key: &'a (impl AsRef<[u8]> + ?Sized),
        fields: &'a [(impl AsRef<[u8]>, impl AsRef<[u8]>)],
    ) -> Self {
        Self {
            key: key.as_ref(),
            id: NewId::Auto,
            no_make: false,
            references: References::Keep,
            trimming: None,
            fields: Pairs::of(fields),
        }
    }

    /// Gives it an ID.
    pub fn id(mut self, id: impl Into<NewId>) -> Self {
        self.id = id.into();
        self
    }

    /// Adds nothing when there is no stream.
    pub fn existing(mut self) -> Self {
        self.no_make = true;
        self
    }

    /// Trims the stream afterwards.
    pub fn trim(mut self, trimming: Trimming) -> Self {
        self.trimming = Some(trimming);
        self
    }

    /// Says what becomes of the references to what is trimmed away.
    pub fn references(mut self, references: References) -> Self {
        self.references = references;
        self
    }
}

/// What XADD did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Added {
    /// The ID of the entry; nothing when there was no stream and none was to be made.
    pub id: Option<StreamId>,
    trimmed: usize,
    len: usize,
}

impl Emit for Added {
    fn emit(self, to: &mut dyn Sink) {
        self.id.emit(to);
    }
}

impl From<Added> for Option<StreamId> {
    fn from(added: Added) -> Self {
        added.id
    }
}

impl<'a> Command<'a> for XAdd<'a> {
    const SPEC: Spec = Spec {
        id: 0x0A01,
        name: "XADD",
        usage: "key [NOMKSTREAM] [KEEPREF | DELREF | ACKED] [<MAXLEN | MINID> [= | ~] threshold [LIMIT count]] <* | id> field value [field value ...]",
        arity: -5,
        flags: WRITE | DENYOOM | FAST,
        keys: (1, 1, 1),
        group: Group::Stream,
        since: "5.0.0",
        complexity: "O(1) when adding a new entry, O(N) when trimming where N being the number of entries evicted.",
        summary: "Appends a new message to a stream. Creates the key if it doesn't exist.",
    };
    type Owned = Added;
    type Out<'k> = Added;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let key = args.bytes()?;
        let options = options::parse(args, true)?;
        let id = if args.is_empty() { NewId::Auto } else { NewId::parse(args)? };
        let trimming = options.trimming()?;
        if args.is_empty() {
            return Err(Error::arity(Self::SPEC.name));
        }
        let fields = Pairs::parse(args, Self::SPEC.name)?;
        if id == NewId::Is(StreamId::MIN) {
            return Err(Error::command("ERR The ID specified in XADD must be greater than 0-0"));
        }
        let Options { no_make, references, .. } = options;
        Ok(Self { key, id, no_make, references: references.unwrap_or_default(), trimming, fields })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<Added> {
        let now_ms = view.now_ms;
        let bare = self.fields.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
        let too_large = bare > ENTRY_BYTES_MAX;
        let mut stream = if self.no_make || too_large {
            match view.get_mut::<Stream>(self.key)? {
                Some(stream) => stream,
                None if self.no_make => return Ok(Added::default()),
                None => return Err(elements_too_large()),
            }
        } else {
            view.get_or_new(self.key, Stream::new)?
        };
        let last = stream.last_id();
        let id = self.id.after(last, now_ms).filter(|_| !too_large);
        let Some(id) = id else {
            stream.unchanged();
            return Err(match () {
                () if last == StreamId::MAX => Error::new(
                    Kind::Limit,
                    "ERR The stream has exhausted the last possible ID, unable to add more items",
                ),
                () if self.id.after(last, now_ms).is_some() => elements_too_large(),
                () => Error::new(
                    Kind::Conflict,
                    "ERR The ID specified in XADD is equal or smaller than the target stream top item",
                ),
            });
        };
        let limits = stream.limits();
        stream.append(NewEntry { id, fields: &self.fields }, &limits);
        stream.notify(Classes::STREAM, "xadd");
        let trim = self.trimming.map(|trimming| trimming.resolve(self.references, &limits));
        let trimmed = trim.map_or(0, |trim| stream.trim(&trim, &limits));
        if trimmed > 0 {
            stream.notify(Classes::STREAM, "xtrim");
        }
        Ok(Added { id: Some(id), trimmed, len: stream.len() })
    }

    fn log(&self, added: &Added, rec: &mut Record, _now_ms: u64) {
        let Some(id) = added.id else { return };
        rec.command(Self::SPEC.id).bytes(self.key).bytes(&id.text());
        self.fields.log(rec);
        if added.trimmed > 0 {
            options::log(self.key, added.len, self.references, rec);
        }
    }
}

#[cold]
fn elements_too_large() -> Error {
    Error::new(Kind::Limit, "ERR Elements are too large to be stored")
}

crate::cmd::row!(XAdd<'_>);
