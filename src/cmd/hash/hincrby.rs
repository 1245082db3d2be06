//! HINCRBY: adds to a field that holds an integer.
use super::hset::HSet;
use crate::{
    base::{
        atom::{Args, Record},
        error::{Error, Result},
        num::{self, Text},
    },
    cmd::{Command, DENYOOM, FAST, Group, Spec, WRITE},
    keyspace::{notes::Classes, view::View},
    value::Hash,
};

/// `HINCRBY key field increment`. Returns the sum; what is not there counts as 0.
#[derive(Debug, Clone, Copy)]
pub struct HIncrBy<'a> {
    pub key: &'a [u8],
    pub field: &'a [u8],
    pub increment: i64,
}

impl HIncrBy<'_> {
    fn sum(&self, hash: &Hash) -> Result<i64> {
        let old = match hash.get(self.field) {
            Some(text) => {
                num::parse_int(text).ok_or_else(|| Error::command("ERR hash value is not an integer"))?
            }
            None => 0,
        };
        let overflow = || Error::command("ERR increment or decrement would overflow");
        old.checked_add(self.increment).ok_or_else(overflow)
    }
}

impl<'a> Command<'a> for HIncrBy<'a> {
    const SPEC: Spec = Spec {
        id: 0x040E,
        name: "HINCRBY",
        usage: "key field increment",
        arity: 4,
        flags: WRITE | DENYOOM | FAST,
        keys: (1, 1, 1),
        group: Group::Hash,
        since: "2.0.0",
        complexity: "O(1)",
        summary: "Increments the integer value of a field in a hash by a number. Uses 0 as initial value if the field doesn't exist.",
    };
    type Owned = i64;
    type Out<'k> = i64;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, field: args.bytes()?, increment: args.int()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<i64> {
        let mut hash = view.get_or_new(self.key, Hash::new)?;
        let sum = self.sum(&hash).inspect_err(|_| hash.unchanged())?;
        let limits = hash.limits();
        hash.set(self.field, &Text::int(sum), &limits);
        hash.notify(Classes::HASH, "hincrby");
        Ok(sum)
    }

    fn log(&self, sum: &i64, rec: &mut Record, now_ms: u64) {
        HSet::one(self.key, self.field, &Text::int(*sum)).log(&0, rec, now_ms);
    }
}

crate::cmd::row!(HIncrBy<'_>);
