//! What the subcommands of OBJECT share. To be asked about is no use of a key.
use crate::{
    base::{atom::Args, emit::Emit, error::Result},
    cmd::{Command, Spec},
    keyspace::view::View,
};
use std::marker::PhantomData;

/// What tells the subcommands apart.
pub trait Question {
    const SPEC: Spec;
    type Answer: Emit + 'static;
    /// Answers for a key that is there; nothing: it was not there after all.
    fn answer(view: &mut View<'_>, key: &[u8]) -> Result<Option<Self::Answer>>;
}

/// `key`. Returns nothing when there is no such key.
#[derive(Debug, Clone, Copy)]
pub struct About<'a, Q> {
    pub key: &'a [u8],
    question: PhantomData<Q>,
}

impl<'a, Q> About<'a, Q> {
    /// Asks about `key`.
    pub fn new(key: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self { key: key.as_ref(), question: PhantomData }
    }
}

impl<'a, Q: Question> Command<'a> for About<'a, Q> {
    const SPEC: Spec = Q::SPEC;
    type Owned = Option<Q::Answer>;
    type Out<'k> = Option<Q::Answer>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, question: PhantomData })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Option<Q::Answer>> {
        Q::answer(view, self.key)
    }
}
