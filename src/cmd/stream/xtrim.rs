//! XTRIM: removes entries from the front.
use super::options::{self, Trimming};
use crate::{
    base::{
        atom::{Args, Record},
        emit::{Emit, Sink},
        error::{Error, Result},
    },
    cmd::{Command, Group, Spec, WRITE},
    keyspace::{notes::Classes, view::View},
    value::{Stream, stream::References},
};

/// `XTRIM key <MAXLEN | MINID> [= | ~] threshold [LIMIT count] [KEEPREF | DELREF | ACKED]`. Removes the first entries, and
/// returns how many it removed.
#[derive(Debug, Clone, Copy)]
pub struct XTrim<'a> {
    pub key: &'a [u8],
    pub trimming: Trimming,
    pub references: References,
}

/// What XTRIM did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Trimmed {
    pub removed: usize,
    len: usize,
}

impl Emit for Trimmed {
    fn emit(self, to: &mut dyn Sink) {
        self.removed.emit(to);
    }
}

impl From<Trimmed> for usize {
    fn from(trimmed: Trimmed) -> Self {
        trimmed.removed
    }
}

impl<'a> Command<'a> for XTrim<'a> {
    const SPEC: Spec = Spec {
        id: 0x0A05,
        name: "XTRIM",
        usage: "key <MAXLEN | MINID> [= | ~] threshold [LIMIT count] [KEEPREF | DELREF | ACKED]",
        arity: -4,
        flags: WRITE,
        keys: (1, 1, 1),
        group: Group::Stream,
        since: "5.0.0",
        complexity: "O(N), with N being the number of evicted entries. Constant times are very small however, since entries are organized in macro nodes containing multiple entries that can be released with a single deallocation.",
        summary: "Deletes messages from the beginning of a stream.",
    };
    type Owned = usize;
    type Out<'k> = Trimmed;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let key = args.bytes()?;
        let options = options::parse(args, false)?;
        let none = || Error::command("ERR syntax error, XTRIM must be called with a trimming strategy");
        let trimming = options.trimming()?.ok_or_else(none)?;
        Ok(Self { key, trimming, references: options.references.unwrap_or_default() })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<Trimmed> {
        let Some(mut stream) = view.get_mut::<Stream>(self.key)? else { return Ok(Trimmed::default()) };
        let limits = stream.limits();
        let removed = stream.trim(&self.trimming.resolve(self.references, &limits), &limits);
        if removed == 0 {
            stream.unchanged();
        } else {
            stream.notify(Classes::STREAM, "xtrim");
        }
        Ok(Trimmed { removed, len: stream.len() })
    }

    fn log(&self, trimmed: &Trimmed, rec: &mut Record, _now_ms: u64) {
        if trimmed.removed > 0 {
            options::log(self.key, trimmed.len, self.references, rec);
        }
    }
}

crate::cmd::row!(XTrim<'_>);
