//! What FLUSHDB and FLUSHALL share.
use crate::{
    base::{
        atom::{Args, Record},
        emit,
        error::{Error, Result},
    },
    cmd::{Command, Reach, Spec},
    keyspace::view::View,
};
use std::marker::PhantomData;

/// What tells the two commands apart.
pub trait Extent {
    const SPEC: Spec;
    /// Every database, not the caller's alone.
    const ALL: bool;
}

/// `[ASYNC | SYNC]`. Removes all keys. Either way they are freed after the locks have gone, by the background
/// thread or by ticks.
#[derive(Debug, Clone, Copy)]
pub struct Flush<E>(PhantomData<E>);

impl<E> Flush<E> {
    /// Removes all keys.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'a, E: Extent> Command<'a> for Flush<E> {
    const SPEC: Spec = E::SPEC;
    type Owned = ();
    type Out<'k> = emit::Ok;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let known = args.is_empty() || args.len() == 1 && (args.token("ASYNC") || args.token("SYNC"));
        if known { Ok(Self::new()) } else { Err(Error::syntax()) }
    }

    fn keys(&self, _: &mut dyn FnMut(&'a [u8])) {}

    fn reach(&self) -> Reach {
        Reach::All
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<emit::Ok> {
        view.flush((!E::ALL).then_some(view.db));
        Ok(emit::Ok)
    }

    fn log(&self, _: &emit::Ok, rec: &mut Record, _now_ms: u64) {
        rec.command(Self::SPEC.id);
    }
}
