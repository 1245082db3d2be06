//! OBJECT FREQ: how often a key is used.
use super::about::{About, Question};
use crate::{
    base::error::{Error, Result},
    cmd::{Group, READ, Spec},
    keyspace::view::View,
};

/// `OBJECT FREQ key`.
pub type ObjectFreq<'a> = About<'a, Asked>;

/// See [`ObjectFreq`].
#[derive(Debug, Clone, Copy)]
pub enum Asked {}

impl Question for Asked {
    const SPEC: Spec = Spec {
        id: 0x021A,
        name: "OBJECT|FREQ",
        usage: "key",
        arity: 3,
        flags: READ,
        keys: (2, 2, 1),
        group: Group::Generic,
        since: "4.0.0",
        complexity: "O(1)",
        summary: "Returns the logarithmic access frequency counter of an object.",
    };
    type Answer = u64;

    fn answer(view: &mut View<'_>, key: &[u8]) -> Result<Option<u64>> {
        const UNTRACKED: &str = "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.";
        if view.peek(key).is_none() { Ok(None) } else { Err(Error::command(UNTRACKED)) }
    }
}

crate::cmd::row!(ObjectFreq<'_>);
