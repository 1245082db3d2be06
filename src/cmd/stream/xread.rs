//! XREAD: what is new in streams.
use super::{
    ids,
    listing::{Listing, Streams, Which},
    wait,
};
use crate::{
    base::{
        atom::Args,
        bytes::Bytes,
        emit::{Emit, Sink},
        error::{Error, Result},
    },
    cmd::{BLOCKING, Command, Group, MOVABLE_KEYS, READ, Spec, wait::Patience},
    keyspace::view::View,
    value::{Stream, stream::StreamId},
};

/// Where reading starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// Behind an ID.
    Id(StreamId),
    /// `$`: behind the last ID there is now.
    Now,
    /// `+`: at the last entry, unless that has been deleted.
    Last,
}

impl From<StreamId> for After {
    fn from(id: StreamId) -> Self {
        Self::Id(id)
    }
}

/// `XREAD [COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]`. Returns the entries of each stream that are
/// behind its ID; streams without one are left out.
#[derive(Debug, Clone)]
pub struct XRead<'a> {
    /// Wrong IDs are refused in their turn, after the keys before them have been looked at.
    pub streams: Vec<(&'a [u8], Result<After>)>,
    /// How many entries of each stream at most; 0: all.
    pub count: u64,
    /// How long to wait for entries in milliseconds; 0: for ever. See [`Db::wait`](crate::Db::wait).
    pub block_ms: Option<u64>,
}

impl<'a> XRead<'a> {
    /// Reads one stream.
    pub fn new(key: &'a (impl AsRef<[u8]> + ?Sized), after: impl Into<After>) -> Self {
        Self { streams: vec![(key.as_ref(), Ok(after.into()))], count: 0, block_ms: None }
    }

    /// Reads another stream, too.
    pub fn and(mut self, key: &'a (impl AsRef<[u8]> + ?Sized), after: impl Into<After>) -> Self {
        self.streams.push((key.as_ref(), Ok(after.into())));
        self
    }

    /// Waits for entries that long; 0: for ever. See [`Db::wait`](crate::Db::wait).
    pub fn block_ms(mut self, block_ms: u64) -> Self {
        self.block_ms = Some(block_ms);
        self
    }

    /// Asks for `count` entries of each stream at most.
    pub fn count(mut self, count: u64) -> Self {
        self.count = count;
        self
    }
}

/// The options that stand in front of `STREAMS`.
#[derive(Debug, Default)]
pub(super) struct Options<'a> {
    pub count: u64,
    pub block_ms: Option<u64>,
    pub group: Option<(&'a [u8], &'a [u8])>,
    pub no_ack: bool,
    pub claim_ms: Option<u64>,
}

/// Takes the options and the word `STREAMS`, and returns the keys and the IDs. `group`: those of XREADGROUP.
pub(super) fn parse<'a>(args: &mut Args<'a>, group: bool) -> Result<(Options<'a>, Args<'a>, Args<'a>)> {
    let mut options = Options::default();
    let only = |text| if group { Ok(()) } else { Err(Error::command(text)) };
    while !args.is_empty() {
        let more = args.len() - 1;
        if more > 0 && args.token("BLOCK") {
            options.block_ms = Some(wait::parse(args)?);
        } else if more > 0 && args.token("COUNT") {
            options.count = u64::try_from(args.int()?).unwrap_or(0);
        } else if group && more > 0 && args.token("CLAIM") {
            options.claim_ms = Some(u64::try_from(args.int()?).unwrap_or(0));
        } else if more > 0 && args.token("STREAMS") {
            if !args.len().is_multiple_of(2) {
                return Err(Error::command(if group {
                    "ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified."
                } else {
                    "ERR Unbalanced 'xread' list of streams: for each stream key an ID or '$' must be specified."
                }));
            }
            let keys = args.take(args.len() / 2)?;
            return Ok((options, keys, args.take(args.len())?));
        } else if more > 1 && args.token("GROUP") {
            only("ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.")?;
            options.group = Some((args.bytes()?, args.bytes()?));
        } else if args.token("NOACK") {
            only("ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.")?;
            options.no_ack = true;
        } else {
            return Err(Error::syntax());
        }
    }
    Err(Error::syntax())
}

/// What was found, and behind which IDs it was looked for.
#[derive(Debug, Clone)]
pub struct Found<'a> {
    pub streams: Streams<'a>,
    starts: Vec<StreamId>,
}

impl Emit for Found<'_> {
    fn emit(self, to: &mut dyn Sink) {
        self.streams.emit(to);
    }
}

impl From<Found<'_>> for Vec<(Bytes, Listing)> {
    fn from(found: Found<'_>) -> Self {
        found.streams.into()
    }
}

impl XRead<'_> {
    fn as_words(&self) -> Vec<Bytes> {
        let mut words = wait::words(self.count, self.block_ms);
        words.push(Bytes::copy(b"STREAMS"));
        words.extend(self.streams.iter().map(|(key, _)| Bytes::copy(key)));
        words.extend(self.streams.iter().map(|(_, after)| match after {
            Ok(After::Id(id)) => Bytes::copy(&id.text()),
            Ok(After::Now) => Bytes::copy(b"$"),
            Ok(After::Last) => Bytes::copy(b"+"),
            // Refused again in its turn.
            Err(_) => Bytes::copy(b"?"),
        }));
        words
    }
}

impl After {
    fn parse(args: &mut Args<'_>) -> Result<Self> {
        match args.peek() {
            Some(b"$") => Ok(Self::Now),
            Some(b"+") => Ok(Self::Last),
            Some(b">") => Err(Error::command(
                "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
            )),
            _ => ids::one(args, 0).map(Self::Id),
        }
    }
}

impl<'a> Command<'a> for XRead<'a> {
    const SPEC: Spec = Spec {
        id: 0x0A09,
        name: "XREAD",
        usage: "[COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]",
        arity: -4,
        flags: READ | BLOCKING | MOVABLE_KEYS,
        keys: (0, 0, 0),
        group: Group::Stream,
        since: "5.0.0",
        complexity: "O(N) with N being the number of elements returned.",
        summary: "Returns messages from multiple streams with IDs greater than the ones requested. Blocks until a message is available otherwise.",
    };
    type Owned = Vec<(Bytes, Listing)>;
    type Out<'k> = Found<'a>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let (options, mut keys, mut ids) = parse(args, false)?;
        let mut streams = Vec::with_capacity(keys.len());
        while !keys.is_empty() {
            streams.push((keys.bytes()?, After::parse(&mut ids.take(1)?)));
        }
        Ok(Self { streams, count: options.count, block_ms: options.block_ms })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.streams.iter().for_each(|(key, _)| each(key));
    }

    fn run(&self, view: &mut View<'_>) -> Result<Found<'a>> {
        let (mut found, mut starts) = (Vec::new(), Vec::with_capacity(self.streams.len()));
        for (key, after) in &self.streams {
            let stream = view.get::<Stream>(key)?;
            let after = match (after.clone()?, stream) {
                (After::Id(id), _) => id,
                (After::Now, Some(stream)) => stream.last_id(),
                (After::Last, Some(stream)) => match stream.last_id().previous() {
                    Some(id) => id,
                    None => {
                        starts.push(StreamId::MIN);
                        continue;
                    }
                },
                (_, None) => StreamId::MIN,
            };
            starts.push(after);
            let Some(stream) = stream else { continue };
            let ranks = stream.ranks_after(after, self.count);
            if !ranks.is_empty() {
                found.push((*key, Listing::new(stream, Which::Ranks(ranks))));
            }
        }
        Ok(Found { streams: Streams(found), starts })
    }

    fn waits(&self, found: &Found<'a>) -> Option<Patience> {
        let block_ms = self.block_ms.filter(|_| found.streams.0.is_empty())?;
        // `$` stands for the last ID there is now, not for that of the next attempt.
        let starts = found.starts.iter().map(|id| Ok(After::Id(*id)));
        let streams = self.streams.iter().map(|(key, _)| *key).zip(starts).collect();
        let settled = Self { streams, ..self.clone() }.as_words();
        Some(Patience { settled: Some(settled), ..wait::patience(block_ms, false) })
    }
}

crate::cmd::wait::waiting_row!(XRead);
