//! GET: the string at a key.
use crate::{
    base::{
        atom::Args,
        bytes::Bytes,
        emit::{Emit, Sink},
        error::Result,
    },
    cmd::{Command, FAST, Group, READ, Spec},
    keyspace::{strings::Str, view::View},
};

/// `GET key`. Returns the string at `key`, or nothing.
#[derive(Debug, Clone, Copy)]
pub struct Get<'a> {
    pub key: &'a [u8],
}

/// The string, as it is stored, or nothing.
#[derive(Debug, Clone, Copy)]
pub struct Found<'k>(pub Option<Str<'k>>);

impl Emit for Found<'_> {
    fn emit(self, to: &mut dyn Sink) {
        self.0.emit(to);
    }
}

impl From<Found<'_>> for Option<Bytes> {
    fn from(found: Found<'_>) -> Self {
        found.0.map(Bytes::from)
    }
}

impl<'a> Command<'a> for Get<'a> {
    const SPEC: Spec = Spec {
        id: 0x0101,
        name: "GET",
        usage: "key",
        arity: 2,
        flags: READ | FAST,
        keys: (1, 1, 1),
        group: Group::String,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Returns the string value of a key.",
    };
    type Owned = Option<Bytes>;
    type Out<'k> = Found<'k>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Found<'k>> {
        view.string(self.key).map(Found)
    }
}

crate::cmd::row!(Get<'_>);
