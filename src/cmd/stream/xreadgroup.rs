//! XREADGROUP: what is new to a group, for one of its consumers; or what that one has pending.
use super::{
    ids,
    listing::{Claimed, Listing, Streams, Which},
    refused, wait,
    xgroup_createconsumer::XGroupCreateConsumer,
    xread,
};
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        emit::{Emit, Sink},
        error::{Error, Result},
    },
    cmd::{BLOCKING, Command, Group, MOVABLE_KEYS, Spec, WRITE, wait::Patience},
    keyspace::view::View,
    value::{
        Stream,
        stream::{Pending, StreamId},
    },
};

/// Which entries a consumer asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// `>`: those that the group has given to nobody yet.
    New,
    /// Its own pending ones, behind an ID.
    PendingAfter(StreamId),
}

/// `XREADGROUP GROUP group consumer [COUNT count] [BLOCK milliseconds] [CLAIM min-idle-time] [NOACK] STREAMS key [key ...]
/// id [id ...]`. Returns entries that are new to the group, which are pending for the consumer from then on.
///
/// # Complexity
/// With `CLAIM`, O(P) in what is pending in the group: the longest idle ones come first.
#[derive(Debug, Clone)]
pub struct XReadGroup<'a> {
    pub group: &'a [u8],
    pub consumer: &'a [u8],
    /// Wrong IDs are refused in their turn, after the keys before them have been looked at.
    pub streams: Vec<(&'a [u8], Result<Wanted>)>,
    /// How many entries of each stream at most; 0: all.
    pub count: u64,
    /// How long to wait for entries in milliseconds; 0: for ever. See [`Db::wait`](crate::Db::wait).
    pub block_ms: Option<u64>,
    /// What is new is not pending afterwards.
    pub no_ack: bool,
    /// What is pending for that long goes to the consumer first.
    pub claim_ms: Option<u64>,
}

impl<'a> XReadGroup<'a> {
    /// Reads what is new in one stream.
    pub fn new<T: AsRef<[u8]> + ?Sized>(
        key: &'a T,
        group: &'a (impl AsRef<[u8]> + ?Sized),
        consumer: &'a (impl AsRef<[u8]> + ?Sized),
    ) -> Self {
        Self {
            group: group.as_ref(),
            consumer: consumer.as_ref(),
            streams: vec![(key.as_ref(), Ok(Wanted::New))],
            count: 0,
            block_ms: None,
            no_ack: false,
            claim_ms: None,
        }
    }

    /// Reads what is new in another stream, too.
    pub fn and(mut self, key: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.streams.push((key.as_ref(), Ok(Wanted::New)));
        self
    }

    /// Asks for what the consumer has pending behind an ID instead.
    pub fn pending_after(mut self, id: StreamId) -> Self {
        self.streams.iter_mut().for_each(|(_, wanted)| *wanted = Ok(Wanted::PendingAfter(id)));
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

    /// Counts what is read as acknowledged.
    pub fn no_ack(mut self) -> Self {
        self.no_ack = true;
        self
    }

    /// Takes over first what others have had pending for so long.
    pub fn claim(mut self, min_idle_ms: u64) -> Self {
        self.claim_ms = Some(min_idle_ms);
        self
    }

    /// Takes over what is pending for long enough, the longest idle first.
    fn take_over(&self, stream: &mut Stream, number: u32, now_ms: i64) -> Vec<Claimed> {
        let Some(min_idle_ms) = self.claim_ms else { return Vec::new() };
        let Some(group) = stream.group(self.group) else { return Vec::new() };
        let idle = |record: &Pending| now_ms.saturating_sub(record.delivered_at_ms).max(0);
        let long = |record: &Pending| idle(record) as u64 >= min_idle_ms && stream.entry(record.id).is_some();
        let mut records: Vec<Pending> = group.pending().iter().filter(long).collect();
        records.sort_by_key(|record| (record.delivered_at_ms, record.id));
        if self.count > 0 {
            records.truncate(usize::try_from(self.count).unwrap_or(usize::MAX));
        }
        stream.edit_group(self.group, |group| {
            for record in &records {
                let deliveries = record.deliveries.wrapping_add(1);
                group.put(Pending { id: record.id, delivered_at_ms: now_ms, deliveries, consumer: number });
            }
            if !records.is_empty() {
                group.active(number, now_ms);
            }
        });
        let claimed = |record: &Pending| Claimed {
            id: record.id,
            idle_ms: idle(record),
            deliveries: record.deliveries,
        };
        records.iter().map(claimed).collect()
    }

    /// Gives out what is new. Nothing: nothing is.
    fn read_new(&self, stream: &mut Stream, number: u32, now_ms: i64) -> Option<Which> {
        let claimed = self.take_over(stream, number, now_ms);
        let left = self.count.saturating_sub(claimed.len() as u64);
        let ranks = match left {
            0 if self.count > 0 => 0..0,
            left => stream.deliver(self.group, number, left, !self.no_ack, now_ms),
        };
        match self.claim_ms {
            Some(_) if claimed.len() + ranks.len() > 0 => Some(Which::Claimed(claimed, ranks)),
            None if !ranks.is_empty() => Some(Which::Ranks(ranks)),
            _ => None,
        }
    }

    /// Gives out again what is pending, and tells whether that changed a record.
    fn read_pending(&self, stream: &mut Stream, number: u32, after: StreamId, now_ms: i64) -> (Which, bool) {
        let count =
            if self.count == 0 { usize::MAX } else { usize::try_from(self.count).unwrap_or(usize::MAX) };
        let group = stream.group(self.group);
        let consumer = group.and_then(|group| group.consumer(number));
        let ids: Vec<StreamId> = match (consumer, after.next()) {
            (Some(consumer), Some(start)) => consumer.ids().from(start).take(count).collect(),
            _ => Vec::new(),
        };
        let there: Vec<StreamId> = ids.iter().copied().filter(|id| stream.entry(*id).is_some()).collect();
        stream.edit_group(self.group, |group| {
            for id in &there {
                if let Some(record) = group.pending().get(*id) {
                    let deliveries = record.deliveries.wrapping_add(1);
                    group.put(Pending { delivered_at_ms: now_ms, deliveries, ..record });
                }
            }
        });
        (Which::Ids(ids), !there.is_empty())
    }
}

/// What a stream has to show for it in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Nothing,
    /// There is a new consumer, no more.
    Consumer,
    Read,
}

/// What was read.
#[derive(Debug, Clone)]
pub struct Read<'a> {
    pub streams: Streams<'a>,
    effects: Vec<Effect>,
}

impl Emit for Read<'_> {
    fn emit(self, to: &mut dyn Sink) {
        self.streams.emit(to);
    }
}

impl From<Read<'_>> for Vec<(Bytes, Listing)> {
    fn from(read: Read<'_>) -> Self {
        read.streams.into()
    }
}

impl XReadGroup<'_> {
    fn as_words(&self) -> Vec<Bytes> {
        let mut words = vec![Bytes::copy(b"GROUP"), Bytes::copy(self.group), Bytes::copy(self.consumer)];
        words.extend(wait::words(self.count, self.block_ms));
        if let Some(min_idle_ms) = self.claim_ms {
            words.extend([Bytes::copy(b"CLAIM"), Bytes::copy(min_idle_ms.to_string().as_bytes())]);
        }
        words.extend(self.no_ack.then(|| Bytes::copy(b"NOACK")));
        words.push(Bytes::copy(b"STREAMS"));
        words.extend(self.streams.iter().map(|(key, _)| Bytes::copy(key)));
        words.extend(self.streams.iter().map(|(_, wanted)| match wanted {
            Ok(Wanted::New) => Bytes::copy(b">"),
            Ok(Wanted::PendingAfter(id)) => Bytes::copy(&id.text()),
            // Refused again in its turn.
            Err(_) => Bytes::copy(b"?"),
        }));
        words
    }
}

impl Wanted {
    fn parse(args: &mut Args<'_>) -> Result<Self> {
        match args.peek() {
            Some(b">") => Ok(Self::New),
            Some(b"$") => Err(Error::command(
                "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.",
            )),
            Some(b"+") => Err(Error::command(
                "ERR The + ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The + ID would just return an empty result set.",
            )),
            _ => match ids::one(args, 0)? {
                StreamId::MAX => Ok(Self::New),
                id => Ok(Self::PendingAfter(id)),
            },
        }
    }
}

impl<'a> Command<'a> for XReadGroup<'a> {
    const SPEC: Spec = Spec {
        id: 0x0A0A,
        name: "XREADGROUP",
        usage: "GROUP group consumer [COUNT count] [BLOCK milliseconds] [CLAIM min-idle-time] [NOACK] STREAMS key [key ...] id [id ...]",
        arity: -7,
        flags: WRITE | BLOCKING | MOVABLE_KEYS,
        keys: (0, 0, 0),
        group: Group::Stream,
        since: "5.0.0",
        complexity: "For each stream mentioned: O(M) with M being the number of elements returned. If M is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1). On the other side when XREADGROUP blocks, XADD will pay the O(N) time in order to serve the N clients blocked on the stream getting new data.",
        summary: "Returns new or historical messages from a stream for a consumer in a group. Blocks until a message is available otherwise.",
    };
    type Owned = Vec<(Bytes, Listing)>;
    type Out<'k> = Read<'a>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let (options, mut keys, mut ids) = xread::parse(args, true)?;
        let missing = || Error::command("ERR Missing GROUP option for XREADGROUP");
        let (group, consumer) = options.group.ok_or_else(missing)?;
        let mut streams = Vec::with_capacity(keys.len());
        while !keys.is_empty() {
            streams.push((keys.bytes()?, Wanted::parse(&mut ids.take(1)?)));
        }
        let xread::Options { count, block_ms, no_ack, claim_ms, .. } = options;
        Ok(Self { group, consumer, streams, count, block_ms, no_ack, claim_ms })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.streams.iter().for_each(|(key, _)| each(key));
    }

    fn run(&self, view: &mut View<'_>) -> Result<Read<'a>> {
        const WHERE: &str = " in XREADGROUP with GROUP option";
        for (key, wanted) in &self.streams {
            if view.get::<Stream>(key)?.is_none_or(|stream| stream.group(self.group).is_none()) {
                return Err(refused::key_or_group(key, self.group, WHERE));
            }
            wanted.clone()?;
        }
        let now_ms = view.now_ms as i64;
        let (mut found, mut effects) = (Vec::new(), Vec::with_capacity(self.streams.len()));
        for (key, wanted) in &self.streams {
            let mut stream = refused::find_mut(view, key, self.group)?;
            let consumer = stream.edit_group(self.group, |group| {
                let (number, new) = group.consumer_or_new(self.consumer, now_ms);
                group.seen(number, now_ms);
                (number, new)
            });
            let Some((number, new)) = consumer else { continue };
            if new {
                XGroupCreateConsumer::say(&mut stream);
            }
            let (which, read) = match wanted.clone()? {
                Wanted::New => {
                    let which = self.read_new(&mut stream, number, now_ms);
                    let read = which.is_some();
                    (which, read)
                }
                Wanted::PendingAfter(id) => {
                    let (which, read) = self.read_pending(&mut stream, number, id, now_ms);
                    (Some(which), read)
                }
            };
            let effect = match (new, read) {
                (_, true) => Effect::Read,
                (true, false) => Effect::Consumer,
                (false, false) => Effect::Nothing,
            };
            if effect != Effect::Nothing {
                stream.changed();
            }
            effects.push(effect);
            found.extend(which.map(|which| (*key, Listing::new(&stream, which))));
        }
        Ok(Read { streams: Streams(found), effects })
    }

    /// Also for the end of a stream or of its type: then there is an error to be told.
    fn waits(&self, read: &Read<'a>) -> Option<Patience> {
        let block_ms = self.block_ms.filter(|_| read.streams.0.is_empty())?;
        Some(wait::patience(block_ms, true))
    }

    /// The same again, stream by stream: the clock is that of the record, so the same entries come out.
    fn log(&self, read: &Read<'a>, rec: &mut Record, now_ms: u64) {
        for ((key, wanted), effect) in self.streams.iter().zip(&read.effects) {
            if *effect == Effect::Consumer {
                let op = XGroupCreateConsumer { key, group: self.group, consumer: self.consumer };
                op.log(&true, rec, now_ms);
            }
            let Ok(wanted) = wanted else { continue };
            if *effect != Effect::Read {
                continue;
            }
            rec.command(Self::SPEC.id).bytes(b"GROUP").bytes(self.group).bytes(self.consumer);
            if self.count > 0 {
                rec.bytes(b"COUNT").int(self.count as i64);
            }
            if let Some(min_idle_ms) = self.claim_ms.filter(|_| *wanted == Wanted::New) {
                rec.bytes(b"CLAIM").int(min_idle_ms as i64);
            }
            if self.no_ack && *wanted == Wanted::New {
                rec.bytes(b"NOACK");
            }
            rec.bytes(b"STREAMS").bytes(key);
            match wanted {
                Wanted::New => rec.bytes(b">"),
                Wanted::PendingAfter(id) => rec.bytes(&id.text()),
            };
        }
    }
}

crate::cmd::wait::waiting_row!(XReadGroup);
