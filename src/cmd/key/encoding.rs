//! OBJECT ENCODING: in which form a value is kept.
use super::about::{About, Question};
use crate::{
    base::{
        emit::{Emit, Sink},
        error::Result,
    },
    cmd::{Group, READ, Spec},
    keyspace::view::{View, encoding_of},
};

/// `OBJECT ENCODING key`.
pub type ObjectEncoding<'a> = About<'a, Asked>;

/// See [`ObjectEncoding`].
#[derive(Debug, Clone, Copy)]
pub enum Asked {}

/// The name of a form, as Redis calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding(pub &'static str);

impl Emit for Encoding {
    fn emit(self, to: &mut dyn Sink) {
        to.bytes(self.0.as_bytes());
    }
}

impl Question for Asked {
    const SPEC: Spec = Spec {
        id: 0x0219,
        name: "OBJECT|ENCODING",
        usage: "key",
        arity: 3,
        flags: READ,
        keys: (2, 2, 1),
        group: Group::Generic,
        since: "2.2.3",
        complexity: "O(1)",
        summary: "Returns the internal encoding of an object.",
    };
    type Answer = Encoding;

    fn answer(view: &mut View<'_>, key: &[u8]) -> Result<Option<Encoding>> {
        Ok(view.peek(key).map(|entry| Encoding(encoding_of(entry))))
    }
}

crate::cmd::row!(ObjectEncoding<'_>);
