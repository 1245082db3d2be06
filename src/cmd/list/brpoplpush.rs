//! BRPOPLPUSH: the last element of a list becomes the first one of another; waits for one.
use super::{blocking::patience, rpoplpush::RPopLPush};
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        error::Result,
    },
    cmd::{BLOCKING, Command, Spec, args::timeout::Timeout, wait::Patience},
    keyspace::view::View,
};

/// `BRPOPLPUSH source destination timeout`: [`RPopLPush`], which waits until there is something at the source. What was moved
/// for a caller who has gone is where it was moved to.
#[derive(Debug, Clone, Copy)]
pub struct BRPopLPush<'a> {
    pub what: RPopLPush<'a>,
    pub timeout: Timeout,
}

impl<'a> BRPopLPush<'a> {
    /// Waits for an element of `source`; zero: for ever.
    pub fn new(
        source: &'a (impl AsRef<[u8]> + ?Sized),
        target: &'a (impl AsRef<[u8]> + ?Sized),
        timeout: impl Into<Timeout>,
    ) -> Self {
        let what = RPopLPush { source: source.as_ref(), target: target.as_ref() };
        Self { what, timeout: timeout.into() }
    }

    fn as_words(&self) -> Vec<Bytes> {
        vec![Bytes::copy(self.what.source), Bytes::copy(self.what.target), self.timeout.word()]
    }
}

impl<'a> Command<'a> for BRPopLPush<'a> {
    const SPEC: Spec = Spec {
        id: 0x0315,
        name: "BRPOPLPUSH",
        usage: "source destination timeout",
        arity: 4,
        flags: RPopLPush::SPEC.flags | BLOCKING,
        since: "2.2.0",
        summary: "Pops an element from a list, pushes it to another list and returns it. Block until an element is available otherwise. Deletes the list if the last element was popped.",
        ..RPopLPush::SPEC
    };
    type Owned = Option<Bytes>;
    type Out<'k> = Option<Bytes>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { what: RPopLPush::parse(args)?, timeout: Timeout::parse(args)? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.what.keys(each);
    }

    fn run(&self, view: &mut View<'_>) -> Result<Option<Bytes>> {
        self.what.run(view)
    }

    /// As the move that it became.
    fn log(&self, moved: &Option<Bytes>, rec: &mut Record, now_ms: u64) {
        self.what.log(moved, rec, now_ms);
    }

    fn waits(&self, moved: &Option<Bytes>) -> Option<Patience> {
        // The source is the key that is named first.
        moved.is_none().then(|| patience(self.timeout, 1))
    }
}

crate::cmd::wait::waiting_row!(BRPopLPush);
