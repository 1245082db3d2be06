//! DEL: removes keys.
use crate::{
    base::{
        atom::{Args, Record},
        error::Result,
    },
    cmd::{Command, Group, Spec, WRITE, args::several::Several},
    keyspace::view::View,
};

/// `DEL key [key ...]`. Returns how many of the keys were there. Big values are freed after the locks have gone.
#[derive(Debug, Clone)]
pub struct Del<'a> {
    pub keys: Several<'a>,
}

impl Del<'_> {
    /// Writes the DEL of one key.
    pub fn record(rec: &mut Record, key: &[u8]) {
        rec.command(Self::SPEC.id).bytes(key);
    }
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
        complexity: "O(N) where N is the number of keys that will be removed. When a key to remove holds a value other than a string, the individual complexity for this key is O(M) where M is the number of elements in the list, set, sorted set or hash. Removing a single key that holds a string value is O(1).",
        summary: "Deletes one or more keys.",
    };
    type Owned = u64;
    type Out<'k> = u64;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { keys: Several::parse(args)? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.keys.iter().for_each(|key| each(key));
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<u64> {
        Ok(self.keys.iter().filter(|key| view.delete(key)).count() as u64)
    }

    fn log(&self, removed: &u64, rec: &mut Record, _now_ms: u64) {
        if *removed > 0 {
            rec.command(Self::SPEC.id);
            self.keys.log(rec);
        }
    }
}

/// Writes the log form of taking out `key`.
pub fn record(rec: &mut Record, key: &[u8]) {
    rec.command(Del::SPEC.id).bytes(key);
}

crate::cmd::row!(Del<'_>);
