//! The commands of the algebra: ZUNION, ZINTER and ZDIFF return the result, their STORE forms keep it at a key.
use super::{
    algebra::{Input, Operands, Operation},
    members::{Members, Shown},
    stored::Stored,
};
use crate::{
    base::{
        atom::{Args, Record},
        error::Result,
    },
    cmd::{Command, DENYOOM, Group, MOVABLE_KEYS, READ, Spec, WRITE},
    keyspace::view::View,
};
use std::marker::PhantomData;

/// Members of all inputs above which the operation is carried out when the locks have gone.
const LOCKED_MEMBERS_MAX: usize = 1024;

/// What tells the commands of the family apart.
pub trait Way {
    const SPEC: Spec;
    const OPERATION: Operation;
}

/// A command that returns the members of the result.
#[derive(Debug)]
pub struct Combined<'a, W> {
    pub operands: Operands<'a>,
    /// `WITHSCORES`: the reply has the scores too. The typed result always has them.
    pub scores: bool,
    way: PhantomData<W>,
}

/// A command that stores the result.
#[derive(Debug)]
pub struct CombinedStore<'a, W> {
    pub target: &'a [u8],
    pub operands: Operands<'a>,
    way: PhantomData<W>,
}

impl<'a, W> Combined<'a, W> {
    /// Combines what `operands` name.
    pub fn new(operands: Operands<'a>) -> Self {
        Self { operands, scores: true, way: PhantomData }
    }
}

impl<'a, W> CombinedStore<'a, W> {
    /// Combines what `operands` name, into `target`.
    pub fn new(target: &'a (impl AsRef<[u8]> + ?Sized), operands: Operands<'a>) -> Self {
        Self { target: target.as_ref(), operands, way: PhantomData }
    }
}

/// The facts of a command that returns the result.
pub const fn spec(
    id: u16,
    name: &'static str,
    usage: &'static str,
    complexity: &'static str,
    summary: &'static str,
) -> Spec {
    Spec {
        id,
        name,
        usage,
        arity: -3,
        flags: READ | MOVABLE_KEYS,
        keys: (0, 0, 0),
        group: Group::SortedSet,
        since: "6.2.0",
        complexity,
        summary,
    }
}

/// The facts of a command that stores the result.
pub const fn store_spec(
    id: u16,
    name: &'static str,
    usage: &'static str,
    since: &'static str,
    complexity: &'static str,
    summary: &'static str,
) -> Spec {
    let flags = WRITE | DENYOOM | MOVABLE_KEYS;
    let spec = spec(id, name, usage, complexity, summary);
    Spec { arity: -4, flags, keys: (1, 1, 1), since, ..spec }
}

const fn is_weighted(operation: Operation) -> bool {
    !matches!(operation, Operation::Difference)
}

impl<'a, W: Way + 'static> Command<'a> for Combined<'a, W> {
    const SPEC: Spec = W::SPEC;
    type Owned = Members;
    type Out<'k> = Shown<'k>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let mut scores = false;
        let operands = Operands::parse(args, Self::SPEC.name, is_weighted(W::OPERATION), &mut |args| {
            let said = args.token("WITHSCORES");
            scores |= said;
            Ok(said)
        })?;
        Ok(Self { operands, scores, way: PhantomData })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.operands.keys.iter().for_each(|key| each(key));
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Shown<'k>> {
        let inputs = self.operands.inputs(view)?;
        let plan = self.operands.plan(W::OPERATION);
        let members: usize = inputs.iter().flatten().map(|input| Input::len(*input)).sum();
        if members > LOCKED_MEMBERS_MAX {
            return Ok(Shown::search(Box::new(plan.later(&inputs)), self.scores));
        }
        Ok(Shown::made(plan.pairs(&inputs), self.scores))
    }
}

impl<'a, W: Way + 'static> Command<'a> for CombinedStore<'a, W> {
    const SPEC: Spec = W::SPEC;
    type Owned = u64;
    type Out<'k> = Stored;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let target = args.bytes()?;
        let weighted = is_weighted(W::OPERATION);
        let operands = Operands::parse(args, Self::SPEC.name, weighted, &mut |_| Ok(false))?;
        Ok(Self { target, operands, way: PhantomData })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.target);
        self.operands.keys.iter().for_each(|key| each(key));
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Stored> {
        let limits = view.limits();
        let inputs = self.operands.inputs(view)?;
        let set = self.operands.plan(W::OPERATION).set(&inputs, &limits)?;
        Ok(Stored::put(view, self.target, set, W::OPERATION.stored()))
    }

    fn log(&self, stored: &Stored, rec: &mut Record, _now_ms: u64) {
        if stored.changed {
            rec.command(Self::SPEC.id).bytes(self.target);
            self.operands.log(rec);
        }
    }
}
