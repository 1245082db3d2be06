//! PERSIST: a key shall live for ever.
use crate::{
    base::{
        atom::{Args, Record},
        error::Result,
    },
    cmd::{Command, FAST, Group, Spec, WRITE},
    keyspace::view::View,
};

/// `PERSIST key`. Returns whether the key had a deadline, which is gone now.
#[derive(Debug, Clone, Copy)]
pub struct Persist<'a> {
    pub key: &'a [u8],
}

impl Persist<'_> {
    /// Writes the PERSIST of one key.
    pub fn record(rec: &mut Record, key: &[u8]) {
        rec.command(Self::SPEC.id).bytes(key);
    }
}

impl<'a> Command<'a> for Persist<'a> {
    const SPEC: Spec = Spec {
        id: 0x020E,
        name: "PERSIST",
        usage: "key",
        arity: 2,
        flags: WRITE | FAST,
        keys: (1, 1, 1),
        group: Group::Generic,
        since: "2.2.0",
        complexity: "O(1)",
        summary: "Removes the expiration time of a key.",
    };
    type Owned = bool;
    type Out<'k> = bool;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<bool> {
        let mortal = view.expire_at_ms(self.key).flatten().is_some();
        Ok(mortal && view.set_expire_at_ms(self.key, None))
    }

    fn log(&self, changed: &bool, rec: &mut Record, _now_ms: u64) {
        if *changed {
            Self::record(rec, self.key);
        }
    }
}

crate::cmd::row!(Persist<'_>);
