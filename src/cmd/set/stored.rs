//! SINTERSTORE, SUNIONSTORE and SDIFFSTORE: sets combined into a key.
use super::algebra::Op;
use crate::{
    base::{
        atom::{Args, Record},
        emit::{Emit, Sink},
        error::Result,
    },
    cmd::{Command, Spec},
    keyspace::{notes::Classes, view::View},
    value::Set,
};
use std::marker::PhantomData;

/// What tells one of the commands from the others.
pub trait Facts {
    const SPEC: Spec;
    const OP: Op;
}

/// A command that combines sets and stores the result.
#[derive(Debug, Clone)]
pub struct Stored<'a, F> {
    pub target: &'a [u8],
    pub keys: Vec<&'a [u8]>,
    facts: PhantomData<F>,
}

impl<'a, F: Facts> Stored<'a, F> {
    /// Combines the sets at `keys` into `target`.
    pub fn new(target: &'a [u8], keys: Vec<&'a [u8]>) -> Self {
        Self { target, keys, facts: PhantomData }
    }
}

/// The number of members that were stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub len: u64,
    /// There was something to store, or to remove because there was not.
    changed: bool,
}

impl Emit for Count {
    fn emit(self, to: &mut dyn Sink) {
        self.len.emit(to);
    }
}

impl From<Count> for u64 {
    fn from(count: Count) -> Self {
        count.len
    }
}

impl<'a, F: Facts> Command<'a> for Stored<'a, F> {
    const SPEC: Spec = F::SPEC;
    type Owned = u64;
    type Out<'k> = Count;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self::new(args.bytes()?, args.all_bytes()?))
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.target);
        self.keys.iter().for_each(|key| each(key));
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Count> {
        let limits = view.limits();
        let set = F::OP.store(&view.get_each::<Set>(&self.keys)?, &limits);
        let len = set.len() as u64;
        if len == 0 {
            return Ok(Count { len, changed: view.delete(self.target) });
        }
        view.replace(self.target, set);
        view.notify(Classes::SET, F::OP.stored(), self.target);
        Ok(Count { len, changed: true })
    }

    fn log(&self, count: &Count, rec: &mut Record, _now_ms: u64) {
        if count.changed {
            rec.command(Self::SPEC.id).bytes(self.target);
            self.keys.iter().for_each(|key| {
                rec.bytes(key);
            });
        }
    }
}
