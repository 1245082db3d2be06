//! XCLAIM: takes over entries that another consumer has pending.
use super::{
    ids, refused,
    taking::{Taken, Taking},
    xgroup_createconsumer::XGroupCreateConsumer,
};
use crate::{
    base::{
        atom::{Args, Record},
        bytes::until_zero,
        emit::{Emit, Sink},
        error::{Error, Kind, Result},
    },
    cmd::{Command, FAST, Group, Spec, WRITE},
    keyspace::view::View,
    value::stream::StreamId,
};

/// When a claimed entry shall have been delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delivered {
    #[default]
    Now,
    /// So many milliseconds ago.
    Before(i64),
    /// At a time, in Unix milliseconds.
    At(i64),
}

/// `id [id ...] [IDLE ms] [TIME unix-time-milliseconds] [RETRYCOUNT count] [FORCE] [JUSTID] [LASTID lastid]`, and the idle
/// time before them.
#[derive(Debug, Clone, Default)]
pub struct Claim {
    /// Those that were delivered later stay where they are.
    pub min_idle_ms: u64,
    pub ids: Vec<StreamId>,
    pub delivered: Delivered,
    /// How often they shall have been delivered; else once more than before.
    pub deliveries: Option<u64>,
    /// Also takes what is not pending.
    pub force: bool,
    /// Returns IDs alone, and does not count as a delivery.
    pub only_ids: bool,
    /// Up to where the group has read at least.
    pub last_id: Option<StreamId>,
}

/// `XCLAIM key group consumer min-idle-time id [id ...] …`. Gives pending entries to a consumer, and returns them.
#[derive(Debug, Clone)]
pub struct XClaim<'a> {
    pub key: &'a [u8],
    pub group: &'a [u8],
    pub consumer: &'a [u8],
    /// What is wrong in it is refused when there is a group.
    pub claim: Result<Claim>,
}

/// What was claimed.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub taken: Taken,
    changed: bool,
    delivered_at_ms: i64,
}

impl Emit for Outcome {
    fn emit(self, to: &mut dyn Sink) {
        self.taken.emit(to);
    }
}

impl From<Outcome> for Taken {
    fn from(outcome: Outcome) -> Self {
        outcome.taken
    }
}

#[cold]
fn unknown(option: &[u8]) -> Error {
    let option = until_zero(option);
    Error::quoting(Kind::Command, [b"ERR Unrecognized XCLAIM option '", option, b"'"].concat())
}

impl Claim {
    fn parse(args: &mut Args<'_>) -> Result<Self> {
        let min_idle = args.int_or(|| Error::command("ERR Invalid min-idle-time argument for XCLAIM"))?;
        let mut claim = Self { min_idle_ms: u64::try_from(min_idle).unwrap_or(0), ..Self::default() };
        while !args.is_empty() {
            let mut ahead = *args;
            let Ok(id) = ids::one(&mut ahead, 0) else { break };
            claim.ids.push(id);
            *args = ahead;
        }
        while !args.is_empty() {
            let more = args.len() > 1;
            if args.token("FORCE") {
                claim.force = true;
            } else if args.token("JUSTID") {
                claim.only_ids = true;
            } else if more && args.token("IDLE") {
                let bad = || Error::command("ERR Invalid IDLE option argument for XCLAIM");
                claim.delivered = Delivered::Before(args.int_or(bad)?);
            } else if more && args.token("TIME") {
                let bad = || Error::command("ERR Invalid TIME option argument for XCLAIM");
                claim.delivered = Delivered::At(args.int_or(bad)?);
            } else if more && args.token("RETRYCOUNT") {
                let bad = || Error::command("ERR Invalid RETRYCOUNT option argument for XCLAIM");
                claim.deliveries = u64::try_from(args.int_or(bad)?).ok();
            } else if more && args.token("LASTID") {
                claim.last_id = Some(ids::one(args, 0)?);
            } else {
                return Err(unknown(args.bytes()?));
            }
        }
        Ok(claim)
    }

    fn delivered_at_ms(&self, now_ms: i64) -> i64 {
        let at_ms = match self.delivered {
            Delivered::Now => now_ms,
            Delivered::Before(ms) => now_ms.wrapping_sub(ms),
            Delivered::At(at_ms) => at_ms,
        };
        if (0..=now_ms).contains(&at_ms) { at_ms } else { now_ms }
    }
}

impl<'a> Command<'a> for XClaim<'a> {
    const SPEC: Spec = Spec {
        id: 0x0A0C,
        name: "XCLAIM",
        usage: "key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-time-milliseconds] [RETRYCOUNT count] [FORCE] [JUSTID] [LASTID lastid]",
        arity: -6,
        flags: WRITE | FAST,
        keys: (1, 1, 1),
        group: Group::Stream,
        since: "5.0.0",
        complexity: "O(log N) with N being the number of messages in the PEL of the consumer group.",
        summary: "Changes, or acquires, ownership of a message in a consumer group, as if the message was delivered to a consumer group member.",
    };
    type Owned = Taken;
    type Out<'k> = Outcome;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let (key, group, consumer) = (args.bytes()?, args.bytes()?, args.bytes()?);
        let mut rest = args.take(args.len())?;
        Ok(Self { key, group, consumer, claim: Claim::parse(&mut rest) })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<Outcome> {
        let now_ms = view.now_ms as i64;
        let mut stream = refused::find_mut(view, self.key, self.group)?;
        let claim = self.claim.clone()?;
        let there: Vec<bool> = claim.ids.iter().map(|id| stream.entry(*id).is_some()).collect();
        let delivered_at_ms = claim.delivered_at_ms(now_ms);
        let (mut taken, mut changed, mut new) = (Vec::new(), false, false);
        stream.edit_group(self.group, |group| {
            if let Some(last_id) = claim.last_id.filter(|id| *id > group.last_id) {
                group.last_id = last_id;
                changed = true;
            }
            let number;
            (number, new) = group.consumer_or_new(self.consumer, now_ms);
            group.seen(number, now_ms);
            let (min_idle_ms, deliveries, only_ids) = (claim.min_idle_ms, claim.deliveries, claim.only_ids);
            let taking = Taking { number, min_idle_ms, delivered_at_ms, now_ms, deliveries, only_ids };
            for (id, there) in claim.ids.iter().zip(there) {
                match group.pending().get(*id) {
                    // What is not in the stream any more cannot be pending.
                    _ if !there => changed |= group.acknowledge(*id).is_some(),
                    Some(record) if taking.is_idle(&record) => {
                        taking.take(group, *id, record.deliveries);
                        taken.push(*id);
                    }
                    None if claim.force => {
                        taking.take(group, *id, 1);
                        taken.push(*id);
                    }
                    _ => {}
                }
            }
        });
        if new {
            XGroupCreateConsumer::say(&mut stream);
        }
        changed |= new || !taken.is_empty();
        if changed {
            stream.changed();
        }
        Ok(Outcome { taken: Taken::new(&stream, taken, claim.only_ids), changed, delivered_at_ms })
    }

    fn log(&self, outcome: &Outcome, rec: &mut Record, _now_ms: u64) {
        let (Ok(claim), true) = (&self.claim, outcome.changed) else { return };
        rec.command(Self::SPEC.id).bytes(self.key).bytes(self.group).bytes(self.consumer);
        rec.int(i64::try_from(claim.min_idle_ms).unwrap_or(i64::MAX));
        ids::log(&claim.ids, rec);
        rec.bytes(b"TIME").int(outcome.delivered_at_ms);
        if let Some(deliveries) = claim.deliveries {
            rec.bytes(b"RETRYCOUNT").int(deliveries as i64);
        }
        for (word, given) in [(&b"FORCE"[..], claim.force), (b"JUSTID", claim.only_ids)] {
            if given {
                rec.bytes(word);
            }
        }
        if let Some(last_id) = claim.last_id {
            rec.bytes(b"LASTID").bytes(&last_id.text());
        }
    }
}

crate::cmd::row!(XClaim<'_>);
