//! What XDELEX and XACKDEL share: IDs that are counted, and a verdict on each.
use super::{ids, options};
use crate::{
    base::{
        atom::Args,
        emit::{Emit, Sink},
        error::{Error, Result},
    },
    value::stream::{References, StreamId},
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
