//! SINTER, SUNION and SDIFF: sets combined for a reply.
use super::algebra::Op;
use crate::{
    base::{
        atom::Args,
        bytes::Bytes,
        emit::{Emit, Sink},
        error::Result,
        limits::INLINE_RESULT_LEN_MAX,
    },
    cmd::{Command, Spec},
    keyspace::view::View,
    value::Set,
};
use std::marker::PhantomData;

/// What tells one of the commands from the others.
pub trait Facts {
    const SPEC: Spec;
    const OP: Op;
}

/// A command that combines sets.
#[derive(Debug, Clone)]
pub struct Combination<'a, F> {
    pub keys: Vec<&'a [u8]>,
    facts: PhantomData<F>,
}

impl<'a, F: Facts> Combination<'a, F> {
    /// Combines the sets at `keys`.
    pub fn new(keys: Vec<&'a [u8]>) -> Self {
        Self { keys, facts: PhantomData }
    }
}

/// The sets and what is to be made of them: at once when that is little, after the unlock when it is much.
pub enum Combined<'k> {
    Lent(Vec<Option<&'k Set>>, Op),
    Kept(Kept),
}

/// The sets as they were, for typed callers.
#[derive(Clone)]
pub struct Kept {
    sets: Vec<Option<Set>>,
    op: Op,
}

impl Kept {
    fn of(sets: &[Option<&Set>], op: Op) -> Self {
        Self { sets: sets.iter().map(|set| set.cloned()).collect(), op }
    }

    fn sets(&self) -> Vec<Option<&Set>> {
        self.sets.iter().map(Option::as_ref).collect()
    }

    /// The members of the combination, in no particular order.
    pub fn members(&self) -> Vec<Bytes> {
        self.op.read(&self.sets()).to_vec()
    }
}

impl Emit for Combined<'_> {
    fn emit(self, to: &mut dyn Sink) {
        match self {
            Self::Lent(sets, op) => op.read(&sets).write(to),
            Self::Kept(kept) => {
                to.later(Box::new(move |to: &mut dyn Sink| kept.op.read(&kept.sets()).write(to)));
            }
        }
    }
}

impl From<Combined<'_>> for Kept {
    fn from(combined: Combined<'_>) -> Self {
        match combined {
            Combined::Lent(sets, op) => Self::of(&sets, op),
            Combined::Kept(kept) => kept,
        }
    }
}

impl<'a, F: Facts> Command<'a> for Combination<'a, F> {
    const SPEC: Spec = F::SPEC;
    type Owned = Kept;
    type Out<'k> = Combined<'k>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        args.all_bytes().map(Self::new)
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.keys.iter().for_each(|key| each(key));
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Combined<'k>> {
        let sets = view.get_each::<Set>(&self.keys)?;
        if F::OP.work(&sets) > INLINE_RESULT_LEN_MAX {
            return Ok(Combined::Kept(Kept::of(&sets, F::OP)));
        }
        Ok(Combined::Lent(sets, F::OP))
    }
}
