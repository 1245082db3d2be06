//! DEL: removes keys.
use crate::{
    base::{
        atom::{Args, Record},
        error::Result,
    },
    cmd::{Command, Group, Spec, WRITE},
    keyspace::view::View,
};

/// `DEL key [key ...]`. Returns how many of the keys were there.
#[derive(Debug, Clone)]
pub struct Del<'a> {
    pub keys: Vec<&'a [u8]>,
}

impl<'a> Command<'a> for Del<'a> {
    const SPEC: Spec = Spec {
        id: 0x0201,
        name: "DEL",
        usage: "key [key ...]",
        arity: -2,
        flags: WRITE,
        keys: (1, -1, 1),
        group: Group::Generic,
        since: "1.0.0",
        complexity: "O(N) where N is the number of keys; big values are freed after the locks have gone.",
        summary: "Deletes one or more keys.",
    };
    type Owned = u64;
    type Out<'k> = u64;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { keys: args.all_bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.keys.iter().for_each(|key| each(key));
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<u64> {
        Ok(self.keys.iter().filter(|key| view.remove(key)).count() as u64)
    }

    fn log(&self, removed: &u64, rec: &mut Record, _now_ms: u64) {
        if *removed > 0 {
            rec.command(Self::SPEC.id);
            self.keys.iter().for_each(|key| {
                rec.bytes(key);
            });
        }
    }
}

crate::cmd::row!(Del<'_>);
