//! RENAMENX: a value under another key that is free.
use super::rename::Rename;
use crate::{
    base::{
        atom::{Args, Record},
        error::{Error, Result},
    },
    cmd::{Command, FAST, Group, Spec, WRITE},
    keyspace::view::View,
};

/// `RENAMENX key newkey`. As RENAME, unless there is something at the new key. Returns whether the value moved.
#[derive(Debug, Clone, Copy)]
pub struct RenameNx<'a>(pub Rename<'a>);

impl<'a> Command<'a> for RenameNx<'a> {
    const SPEC: Spec = Spec {
        id: 0x0210,
        name: "RENAMENX",
        usage: "key newkey",
        arity: 3,
        flags: WRITE | FAST,
        keys: (1, 2, 1),
        group: Group::Generic,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Renames a key only when the target key name doesn't exist.",
    };
    type Owned = bool;
    type Out<'k> = bool;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Rename::parse(args).map(Self)
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.0.keys(each);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<bool> {
        if !view.exists_to_write(self.0.key) {
            return Err(Error::no_such_key());
        }
        let free = !view.exists_to_write(self.0.new_key);
        if free {
            self.0.carry_out(view);
        }
        Ok(free)
    }

    fn log(&self, moved: &bool, rec: &mut Record, _now_ms: u64) {
        if *moved {
            self.0.record(rec);
        }
    }
}

crate::cmd::row!(RenameNx<'_>);
