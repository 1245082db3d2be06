//! What XDELEX and XACKDEL share: IDs that are counted, and a verdict on each.
use super::{ids, options};
use crate::{
    base::{
        atom::{Args, Record},
        emit::{Emit, Sink},
        error::{Error, Result},
        limits::Encodings,
    },
    value::{
        Stream,
        stream::{References, StreamId},
    },
};

/// `[KEEPREF | DELREF | ACKED] IDS numids id [id ...]`.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub references: References,
    /// Wrong ones are refused when there is a stream.
    pub ids: Result<Vec<StreamId>>,
    /// How many there are, wrong ones included.
    pub count: usize,
}

impl Wanted {
    /// Refers to some entries.
    pub fn of(ids: &[StreamId]) -> Self {
        Self { references: References::Keep, ids: Ok(ids.to_vec()), count: ids.len() }
    }

    /// Takes the options in any order.
    pub fn parse(args: &mut Args<'_>) -> Result<Self> {
        let (mut references, mut found) = (None, None);
        while !args.is_empty() {
            if found.is_none() && args.len() > 1 && args.token("IDS") {
                let bad = || Error::command("ERR Number of IDs must be a positive integer");
                let count =
                    usize::try_from(args.int_or(bad)?).ok().filter(|count| *count > 0).ok_or_else(bad)?;
                let few = |_| Error::command("ERR The `numids` parameter must match the number of arguments");
                found = Some((ids::all(&mut args.take(count).map_err(few)?), count));
            } else if references.is_none() {
                references = Some(options::references(args).ok_or_else(Error::syntax)?);
            } else {
                return Err(Error::syntax());
            }
        }
        let (ids, count) = found.ok_or_else(Error::syntax)?;
        Ok(Self { references: references.unwrap_or_default(), ids, count })
    }

    /// Deletes an entry, unless its references forbid it.
    pub fn delete(&self, stream: &mut Stream, id: StreamId, limits: &Encodings) -> Verdict {
        if self.references == References::Acknowledged && stream.is_referenced(id) {
            return Verdict::Referenced;
        }
        stream.delete(id, limits);
        if self.references == References::Delete {
            stream.unreference(id);
        }
        Verdict::Deleted
    }

    /// Adds those of a verdict that `counts` to a record, whose command `start` writes.
    pub fn log(
        &self,
        verdicts: &[Verdict],
        counts: impl Fn(Verdict) -> bool,
        rec: &mut Record,
        start: impl FnOnce(&mut Record),
    ) {
        let all = self.ids.iter().flatten().zip(verdicts);
        let ids: Vec<StreamId> = all.filter(|(_, verdict)| counts(**verdict)).map(|(id, _)| *id).collect();
        if !ids.is_empty() {
            start(rec);
            options::log_references(self.references, rec);
            rec.bytes(b"IDS").int(ids.len() as i64);
            ids::log(&ids, rec);
        }
    }
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was not there.
    Missing,
    /// It is deleted.
    Deleted,
    /// It is not deleted, for others refer to it.
    Referenced,
}

impl Emit for Verdict {
    fn emit(self, to: &mut dyn Sink) {
        to.int(match self {
            Self::Missing => -1,
            Self::Deleted => 1,
            Self::Referenced => 2,
        });
    }
}
