//! RENAME: a value under another key.
use crate::{
    base::{
        atom::{Args, Record},
        emit,
        error::{Error, Result},
    },
    cmd::{Command, Group, Spec, WRITE},
    keyspace::{
        notes::Classes,
        view::{View, kind_of},
    },
};

/// `RENAME key newkey`. The value moves with its deadline and replaces what was at the new key.
#[derive(Debug, Clone, Copy)]
pub struct Rename<'a> {
    pub key: &'a [u8],
    pub new_key: &'a [u8],
}

impl<'a> Rename<'a> {
    /// Moves the value, which must be there, to another key.
    pub(super) fn carry_out(&self, view: &mut View<'_>) {
        if self.key != self.new_key
            && let Some(entry) = view.take(self.key)
        {
            let new = kind_of(&entry);
            let old = view.put(self.new_key, entry);
            view.notify(Classes::GENERIC, "rename_from", self.key);
            view.notify(Classes::GENERIC, "rename_to", self.new_key);
            if let Some(old) = old {
                view.say_overwritten(self.new_key, old, new);
            }
        }
    }

    /// Writes the command; one that changed nothing writes nothing.
    pub(super) fn record(&self, rec: &mut Record) {
        if self.key != self.new_key {
            rec.command(Self::SPEC.id).bytes(self.key).bytes(self.new_key);
        }
    }
}

impl<'a> Command<'a> for Rename<'a> {
    const SPEC: Spec = Spec {
        id: 0x020F,
        name: "RENAME",
        usage: "key newkey",
        arity: 3,
        flags: WRITE,
        keys: (1, 2, 1),
        group: Group::Generic,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Renames a key and overwrites the destination.",
    };
    type Owned = ();
    type Out<'k> = emit::Ok;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, new_key: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
        each(self.new_key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<emit::Ok> {
        if !view.exists_to_write(self.key) {
            return Err(Error::no_such_key());
        }
        self.carry_out(view);
        Ok(emit::Ok)
    }

    fn log(&self, _: &emit::Ok, rec: &mut Record, _now_ms: u64) {
        self.record(rec);
    }
}

crate::cmd::row!(Rename<'_>);
