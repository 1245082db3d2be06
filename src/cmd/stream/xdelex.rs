//! XDELEX: deletes entries, with a say in what becomes of references.
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

/// `XDELEX key [KEEPREF | DELREF | ACKED] IDS numids id [id ...]`. Deletes entries, and says of each what became of it.
///
/// # Compatibility
/// Redis 8.2 has it, Valkey does not.
#[derive(Debug, Clone)]
pub struct XDelEx<'a> {
    pub key: &'a [u8],
    pub wanted: Wanted,
}

impl<'a> Command<'a> for XDelEx<'a> {
    const SPEC: Spec = Spec {
        id: 0x0A0E,
        name: "XDELEX",
        usage: "key [KEEPREF | DELREF | ACKED] IDS numids id [id ...]",
        arity: -5,
        flags: WRITE | FAST,
        keys: (1, 1, 1),
        group: Group::Stream,
        since: "8.2.0",
        complexity: "O(1) for each single item to delete in the stream, regardless of the stream size.",
        summary: "Deletes one or multiple entries from the stream.",
    };
    type Owned = Vec<Verdict>;
    type Out<'k> = Vec<Verdict>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, wanted: Wanted::parse(args)? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<Vec<Verdict>> {
        let missing = vec![Verdict::Missing; self.wanted.count];
        let Some(mut stream) = view.get_mut::<Stream>(self.key)? else { return Ok(missing) };
        stream.unchanged();
        let ids = self.wanted.ids.clone()?;
        let limits = stream.limits();
        let mut verdicts = Vec::with_capacity(ids.len());
        for id in ids {
            let there = stream.entry(id).is_some();
            verdicts.push(if there {
                self.wanted.delete(&mut stream, id, &limits)
            } else {
                Verdict::Missing
            });
        }
        if verdicts.contains(&Verdict::Deleted) {
            stream.changed();
            stream.notify(Classes::STREAM, "xdel");
        }
        Ok(verdicts)
    }

    fn log(&self, verdicts: &Vec<Verdict>, rec: &mut Record, _now_ms: u64) {
        self.wanted.log(
            verdicts,
            |verdict| verdict == Verdict::Deleted,
            rec,
            |rec| {
                rec.command(Self::SPEC.id).bytes(self.key);
            },
        );
    }
}

crate::cmd::row!(XDelEx<'_>);
