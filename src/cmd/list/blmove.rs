//! BLMOVE: an element from one list to another; waits for one.
use super::{blocking::patience, lmove::LMove, word};
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        error::Result,
    },
    cmd::{BLOCKING, Command, Spec, args::timeout::Timeout, wait::Patience},
    keyspace::view::View,
    value::list::Side,
};

/// `BLMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT> timeout`: [`LMove`], which waits until there is something at the
/// source. What was moved for a caller who has gone is where it was moved to.
#[derive(Debug, Clone, Copy)]
pub struct BLMove<'a> {
    pub what: LMove<'a>,
    pub timeout: Timeout,
}

impl<'a> BLMove<'a> {
    /// Waits for an element of `source`; zero: for ever.
    pub fn new(
        source: &'a (impl AsRef<[u8]> + ?Sized),
        target: &'a (impl AsRef<[u8]> + ?Sized),
        from: Side,
        to: Side,
        timeout: impl Into<Timeout>,
    ) -> Self {
        let what = LMove { source: source.as_ref(), target: target.as_ref(), from, to };
        Self { what, timeout: timeout.into() }
    }

    fn as_words(&self) -> Vec<Bytes> {
        let LMove { source, target, from, to } = self.what;
        let mut words: Vec<Bytes> =
            [source, target, word(from), word(to)].into_iter().map(Bytes::copy).collect();
        words.push(self.timeout.word());
        words
    }
}

impl<'a> Command<'a> for BLMove<'a> {
    const SPEC: Spec = Spec {
        id: 0x0314,
        name: "BLMOVE",
        usage: "source destination <LEFT | RIGHT> <LEFT | RIGHT> timeout",
        arity: 6,
        flags: LMove::SPEC.flags | BLOCKING,
        summary: "Pops an element from a list, pushes it to another list and returns it. Blocks until an element is available otherwise. Deletes the list if the last element was moved.",
        ..LMove::SPEC
    };
    type Owned = Option<Bytes>;
    type Out<'k> = Option<Bytes>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { what: LMove::parse(args)?, timeout: Timeout::parse(args)? })
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

crate::cmd::wait::waiting_row!(BLMove);
