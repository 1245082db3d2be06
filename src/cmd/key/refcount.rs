//! OBJECT REFCOUNT: how many refer to a value; always 1.
use super::about::{About, Question};
use crate::{
    base::error::Result,
    cmd::{Group, READ, Spec},
    keyspace::view::View,
};

/// `OBJECT REFCOUNT key`.
pub type ObjectRefCount<'a> = About<'a, Asked>;

/// See [`ObjectRefCount`].
#[derive(Debug, Clone, Copy)]
pub enum Asked {}

impl Question for Asked {
    const SPEC: Spec = Spec {
        id: 0x021C,
        name: "OBJECT|REFCOUNT",
        usage: "key",
        arity: 3,
        flags: READ,
        keys: (2, 2, 1),
        group: Group::Generic,
        since: "2.2.3",
        complexity: "O(1)",
        summary: "Returns the reference count of a value of a key.",
    };
    type Answer = u64;

    fn answer(view: &mut View<'_>, key: &[u8]) -> Result<Option<u64>> {
        Ok(view.peek(key).map(|_| 1))
    }
}

crate::cmd::row!(ObjectRefCount<'_>);
