//! Waiting: what a command says that found nothing and may wait for it.
//!
//! A blocking command is an ordinary one with two more things to say: what it waits for when it came out empty-handed
//! ([`Command::waits`]), and which command takes its result back when the caller went away before he could be told
//! ([`Command::undo`]). It runs once; if it waits, the engine parks the caller on its keys, and the writer who changes one of
//! them runs the same command again. Inside MULTI, in a batch and in a transaction nothing waits: there the empty answer is
//! the answer.
use super::{Command, Gate, Run};
use crate::{
    base::{atom::Args, bytes::Bytes, emit::Sink, error::Result},
    value::Type,
};

/// What a command waits for.
#[derive(Debug, Clone)]
pub struct Patience {
    /// A key of this type. Others are not looked at.
    pub kind: Type,
    /// One of the first so many keys that the command names; the others are only written to.
    pub keys: usize,
    /// It also wants to know when one of its keys has gone, or has become something else.
    pub until_gone: bool,
    /// How long, in milliseconds; `None`: for ever.
    pub timeout_ms: Option<u64>,
    /// The arguments to run it again with, when they are not those it was given: what `$` stood for.
    pub settled: Option<Vec<Bytes>>,
}

/// How an attempt went.
pub enum Tried<R> {
    /// It is done. The command that takes it back, name first; empty when nothing has to be, or nobody asked.
    Done(R, Vec<Bytes>),
    /// It waits.
    Waits(Patience),
}

/// A command that may wait, as those who wait for it build it.
pub trait Blocking {
    /// What a typed caller keeps.
    type Owned: Send + 'static;
    /// It changes something when it is done.
    const WRITES: bool;
    /// The arguments, as [`Command::parse`] reads them.
    fn words(&self) -> Vec<Bytes>;
    /// The keys it may touch.
    fn waited(&self) -> Vec<Bytes>;
    /// Runs the command behind `gate`. `undoes`: the caller may go away before he learns of it.
    fn attempt(gate: &dyn Gate, args: Args<'_>, undoes: bool) -> Result<Tried<Self::Owned>>;
}

/// One attempt of a parsed command.
pub fn attempt<'a, C: Command<'a>, R>(
    gate: &dyn Gate,
    op: &C,
    undoes: bool,
    then: impl FnOnce(C::Out<'_>) -> R,
) -> Result<Tried<R>> {
    gate.with(op, |out| match op.waits(&out) {
        Some(patience) => Tried::Waits(patience),
        None => {
            let undo = if undoes { op.undo(&out) } else { Vec::new() };
            Tried::Done(then(out), undo)
        }
    })
}

/// One attempt by words, as sessions make it: the reply is written only when the command is done.
pub type TryFn = fn(&dyn Gate, Args<'_>, bool, &mut dyn Sink) -> Result<Tried<()>>;

/// Makes the row of one command about keys that may wait, and its [`Blocking`]: its `words` are written by hand.
macro_rules! waiting_row {
    ($op:ident) => {
        crate::cmd::row!($op<'_>, attempt: Some(|gate, args, undoes, to| {
            let op = crate::cmd::whole::<$op<'_>>(args)?;
            crate::cmd::wait::attempt(gate, &op, undoes, |out| crate::base::emit::Emit::emit(out, to))
        }));

        impl crate::cmd::wait::Blocking for $op<'_> {
            type Owned = <$op<'static> as crate::cmd::Command<'static>>::Owned;
            const WRITES: bool = <$op<'static> as crate::cmd::Command<'static>>::SPEC.is_write();
            fn waited(&self) -> Vec<crate::base::bytes::Bytes> {
                let mut keys = Vec::new();
                crate::cmd::Command::keys(self, &mut |key| keys.push(crate::base::bytes::Bytes::copy(key)));
                keys
            }
            fn words(&self) -> Vec<crate::base::bytes::Bytes> {
                self.as_words()
            }
            fn attempt(
                gate: &dyn crate::cmd::Gate,
                args: crate::base::atom::Args<'_>,
                undoes: bool,
            ) -> crate::base::error::Result<crate::cmd::wait::Tried<Self::Owned>> {
                let op = crate::cmd::whole::<$op<'_>>(args)?;
                crate::cmd::wait::attempt(gate, &op, undoes, Into::into)
            }
        }
    };
}
pub(crate) use waiting_row;
