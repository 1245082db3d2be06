//! XACKDEL: acknowledges entries and deletes them, with a say in what becomes of references.
use super::verdicts::{Verdict, Wanted};
use crate::{
    base::{
        atom::{Args, Record},
        error::Result,
    },
    cmd::{Command, FAST, Group, Spec, WRITE},
    keyspace::{notes::Classes, view::View},
    value::Stream,
};

/// `XACKDEL key group [KEEPREF | DELREF | ACKED] IDS numids id [id ...]`. Acknowledges entries and deletes them, and says of each what became of it.
///
/// # Compatibility
/// Redis 8.2 has it, Valkey does not.
#[derive(Debug, Clone)]
pub struct XAckDel<'a> {
    pub key: &'a [u8],
    pub group: &'a [u8],
    pub wanted: Wanted,
}

impl<'a> Command<'a> for XAckDel<'a> {
    const SPEC: Spec = Spec {
        id: 0x0A0F,
        name: "XACKDEL",
        usage: "key group [KEEPREF | DELREF | ACKED] IDS numids id [id ...]",
        arity: -6,
        flags: WRITE | FAST,
        keys: (1, 1, 1),
        group: Group::Stream,
        since: "8.2.0",
        complexity: "O(1) for each message ID processed.",
        summary: "Acknowledges and deletes one or multiple messages for a stream consumer group.",
    };
    type Owned = Vec<Verdict>;
    type Out<'k> = Vec<Verdict>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, group: args.bytes()?, wanted: Wanted::parse(args)? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<Vec<Verdict>> {
        let missing = vec![Verdict::Missing; self.wanted.count];
        let Some(mut stream) = view.read_mut::<Stream>(self.key)? else { return Ok(missing) };
        stream.unchanged();
        if stream.group(self.group).is_none() {
            return Ok(missing);
        }
        let ids = self.wanted.ids.clone()?;
        let limits = stream.limits();
        let mut verdicts = Vec::with_capacity(ids.len());
        for id in ids {
            let record = stream.edit_group(self.group, |group| group.acknowledge(id)).flatten();
            let pending = record.is_some();
            verdicts.push(if pending {
                self.wanted.delete(&mut stream, id, &limits)
            } else {
                Verdict::Missing
            });
        }
        if verdicts.iter().any(|verdict| *verdict != Verdict::Missing) {
            stream.changed();
        }
        if verdicts.contains(&Verdict::Deleted) {
            stream.notify(Classes::STREAM, "xdel");
        }
        Ok(verdicts)
    }

    fn log(&self, verdicts: &Vec<Verdict>, rec: &mut Record, _now_ms: u64) {
        self.wanted.log(
            verdicts,
            |verdict| verdict != Verdict::Missing,
            rec,
            |rec| {
                rec.command(Self::SPEC.id).bytes(self.key).bytes(self.group);
            },
        );
    }
}

crate::cmd::row!(XAckDel<'_>);
