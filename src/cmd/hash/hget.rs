//! HGET: the value of a field.
use crate::{
    base::{
        atom::Args,
        bytes::Bytes,
        emit::{Emit, Sink},
        error::Result,
    },
    cmd::{Command, FAST, Group, READ, Spec},
    keyspace::view::View,
    value::Hash,
};

/// `HGET key field`. Returns the value of the field, or nothing.
#[derive(Debug, Clone, Copy)]
pub struct HGet<'a> {
    pub key: &'a [u8],
    pub field: &'a [u8],
}

/// A value where it lies, or nothing.
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

impl<'a> Command<'a> for HGet<'a> {
    const SPEC: Spec = Spec {
        id: 0x0404,
        name: "HGET",
        usage: "key field",
        arity: 3,
        flags: READ | FAST,
        keys: (1, 1, 1),
        group: Group::Hash,
        since: "2.0.0",
        complexity: "O(1)",
        summary: "Returns the value of a field in a hash.",
    };
    type Owned = Option<Bytes>;
    type Out<'k> = Found<'k>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, field: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Found<'k>> {
        Ok(Found(view.get::<Hash>(self.key)?.and_then(|hash| hash.get(self.field))))
    }
}

crate::cmd::row!(HGet<'_>);
