//! LINDEX: one element of a list.
use crate::{
    base::{
        atom::Args,
        bytes::Bytes,
        emit::{Emit, Sink},
        error::Result,
    },
    cmd::{
        Command, Group, READ, Spec,
        args::indices::{self, Index},
    },
    keyspace::view::View,
    value::list::List,
};

/// `LINDEX key index`. Returns the element at `index`, from the tail when negative, or nothing.
#[derive(Debug, Clone, Copy)]
pub struct LIndex<'a> {
    pub key: &'a [u8],
    pub index: Index,
}

/// The element, in its place in the list, or nothing.
#[derive(Debug, Clone, Copy)]
pub struct Found<'k>(pub Option<&'k [u8]>);

impl Emit for Found<'_> {
    fn emit(self, to: &mut dyn Sink) {
        self.0.emit(to);
    }
}

impl From<Found<'_>> for Option<Bytes> {
    fn from(found: Found<'_>) -> Self {
        found.0.map(Bytes::copy)
    }
}

impl<'a> Command<'a> for LIndex<'a> {
    const SPEC: Spec = Spec {
        id: 0x0308,
        name: "LINDEX",
        usage: "key index",
        arity: 3,
        flags: READ,
        keys: (1, 1, 1),
        group: Group::List,
        since: "1.0.0",
        complexity: "O(N) where N is the number of elements to traverse within a chunk; the chunk is found in O(log N).",
        summary: "Returns an element from a list by its index.",
    };
    type Owned = Option<Bytes>;
    type Out<'k> = Found<'k>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, index: Index::parse(args)? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Found<'k>> {
        let Some(list) = view.get::<List>(self.key)? else { return Ok(Found(None)) };
        let place = indices::place(self.index.value()?, list.len());
        Ok(Found(place.and_then(|index| list.get(index))))
    }
}

crate::cmd::row!(LIndex<'_>);
