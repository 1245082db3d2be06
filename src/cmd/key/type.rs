//! TYPE: what kind of value a key holds.
pub use crate::value::Type;
use crate::{
    base::{
        atom::Args,
        emit::{Emit, Sink},
        error::Result,
    },
    cmd::{Command, FAST, Group, READ, Spec},
    keyspace::view::View,
};

/// `TYPE key`.
#[derive(Debug, Clone, Copy)]
pub struct TypeOf<'a> {
    pub key: &'a [u8],
}

/// The type, or nothing when there is no such key.
#[derive(Debug, Clone, Copy)]
pub struct Kind(Option<Type>);

impl From<Kind> for Option<Type> {
    fn from(kind: Kind) -> Self {
        kind.0
    }
}

impl Emit for Kind {
    fn emit(self, to: &mut dyn Sink) {
        to.status(self.0.map_or("none", Type::name));
    }
}

impl<'a> Command<'a> for TypeOf<'a> {
    const SPEC: Spec = Spec {
        id: 0x0205,
        name: "TYPE",
        usage: "key",
        arity: 2,
        flags: READ | FAST,
        keys: (1, 1, 1),
        group: Group::Generic,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Determines the type of value stored at a key.",
    };
    type Owned = Option<Type>;
    type Out<'k> = Kind;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Kind> {
        Ok(Kind(view.kind(self.key)))
    }
}

crate::cmd::row!(TypeOf<'_>);
