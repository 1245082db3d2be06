//! RPOPLPUSH: the last element of a list becomes the first one of another.
use super::lmove::LMove;
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        error::Result,
    },
    cmd::{Command, Spec},
    keyspace::view::View,
    value::list::Side,
};

/// `RPOPLPUSH source destination`: `LMOVE source destination RIGHT LEFT`.
#[derive(Debug, Clone, Copy)]
pub struct RPopLPush<'a> {
    pub source: &'a [u8],
    pub target: &'a [u8],
}

impl<'a> RPopLPush<'a> {
    fn as_move(&self) -> LMove<'a> {
        LMove { source: self.source, target: self.target, from: Side::Right, to: Side::Left }
    }
}

impl<'a> Command<'a> for RPopLPush<'a> {
    const SPEC: Spec = Spec {
        id: 0x0310,
        name: "RPOPLPUSH",
        usage: "source destination",
        arity: 3,
        since: "1.2.0",
        summary: "Returns the last element of a list after removing and pushing it to another list. Deletes the list if the last element was popped.",
        ..LMove::SPEC
    };
    type Owned = Option<Bytes>;
    type Out<'k> = Option<Bytes>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { source: args.bytes()?, target: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.as_move().keys(each);
    }

    fn run(&self, view: &mut View<'_>) -> Result<Option<Bytes>> {
        self.as_move().run(view)
    }

    fn log(&self, moved: &Option<Bytes>, rec: &mut Record, now_ms: u64) {
        self.as_move().log(moved, rec, now_ms);
    }
}

crate::cmd::row!(RPopLPush<'_>);
