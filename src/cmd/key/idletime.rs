//! OBJECT IDLETIME: for how many seconds a key was not used.
use super::about::{About, Question};
use crate::{
    base::error::Result,
    cmd::{Group, READ, Spec},
    keyspace::view::View,
};

/// `OBJECT IDLETIME key`.
pub type ObjectIdleTime<'a> = About<'a, Asked>;

/// See [`ObjectIdleTime`].
#[derive(Debug, Clone, Copy)]
pub enum Asked {}

impl Question for Asked {
    const SPEC: Spec = Spec {
        id: 0x021B,
        name: "OBJECT|IDLETIME",
        usage: "key",
        arity: 3,
        flags: READ,
        keys: (2, 2, 1),
        group: Group::Generic,
        since: "2.2.3",
        complexity: "O(1)",
        summary: "Returns the time since the last access to an object.",
    };
    type Answer = u64;

    fn answer(view: &mut View<'_>, key: &[u8]) -> Result<Option<u64>> {
        Ok(view.idle_s(key))
    }
}

crate::cmd::row!(ObjectIdleTime<'_>);
