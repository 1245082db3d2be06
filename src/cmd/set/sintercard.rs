//! SINTERCARD: how much several sets have in common.
use super::algebra::{Op, common};
use crate::{
    base::{
        atom::Args,
        emit::{Emit, Sink},
        error::{Error, Result},
        limits::INLINE_RESULT_LEN_MAX,
    },
    cmd::{
        Command, Group, MOVABLE_KEYS, READ, Spec,
        args::{
            count,
            numkeys::{self, Refusal},
        },
    },
    keyspace::view::View,
    value::Set,
};

/// `SINTERCARD numkeys key [key ...] [LIMIT limit]`. Returns how many members are in all of the sets.
#[derive(Debug, Clone)]
pub struct SInterCard<'a> {
    pub keys: Vec<&'a [u8]>,
    /// Counting stops there; 0: it does not.
    pub limit: u64,
}

/// A number, or what is to be counted after the unlock.
#[derive(Clone)]
pub enum Count {
    Known(u64),
    Pending { sets: Vec<Set>, limit: usize },
}

impl Count {
    /// Returns the number.
    pub fn get(&self) -> u64 {
        match self {
            Self::Known(count) => *count,
            Self::Pending { sets, limit } => {
                let sets: Vec<Option<&Set>> = sets.iter().map(Some).collect();
                common(&sets).take(*limit).count() as u64
            }
        }
    }
}

impl Emit for Count {
    fn emit(self, to: &mut dyn Sink) {
        match self {
            Self::Known(count) => count.emit(to),
            Self::Pending { .. } => to.later(Box::new(move |to: &mut dyn Sink| self.get().emit(to))),
        }
    }
}

impl<'a> Command<'a> for SInterCard<'a> {
    const SPEC: Spec = Spec {
        id: 0x0511,
        name: "SINTERCARD",
        usage: "numkeys key [key ...] [LIMIT limit]",
        arity: -3,
        flags: READ | MOVABLE_KEYS,
        keys: (0, 0, 0),
        group: Group::Set,
        since: "7.0.0",
        complexity: "O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.",
        summary: "Returns the number of members of the intersect of multiple sets.",
    };
    type Owned = Count;
    type Out<'k> = Count;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let keys = numkeys::parse(args, Refusal::Cardinality)?;
        let mut limit = 0;
        while !args.is_empty() {
            if args.len() < 2 || !args.token("LIMIT") {
                return Err(Error::syntax());
            }
            limit = count::unsigned_or(args, "ERR LIMIT can't be negative")?;
        }
        Ok(Self { keys, limit })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.keys.iter().for_each(|key| each(key));
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Count> {
        let sets = view.get_each::<Set>(&self.keys)?;
        let limit = match self.limit {
            0 => usize::MAX,
            limit => usize::try_from(limit).unwrap_or(usize::MAX),
        };
        // No set is missing where the smallest is large.
        if Op::Inter.work(&sets) > INLINE_RESULT_LEN_MAX {
            return Ok(Count::Pending { sets: sets.into_iter().flatten().cloned().collect(), limit });
        }
        Ok(Count::Known(common(&sets).take(limit).count() as u64))
    }
}

crate::cmd::row!(SInterCard<'_>);
