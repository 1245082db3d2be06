//! HDEL: removes fields.
use crate::{
    base::{
        atom::{Args, Record},
        error::Result,
    },
    cmd::{Command, FAST, Group, Spec, WRITE, args::several::Several},
    keyspace::{notes::Classes, view::View},
    value::Hash,
};

/// `HDEL key field [field ...]`. Returns how many of the fields were there.
#[derive(Debug, Clone)]
pub struct HDel<'a> {
    pub key: &'a [u8],
    pub fields: Several<'a>,
}

impl<'a> Command<'a> for HDel<'a> {
    const SPEC: Spec = Spec {
        id: 0x040C,
        name: "HDEL",
        usage: "key field [field ...]",
        arity: -3,
        flags: WRITE | FAST,
        keys: (1, 1, 1),
        group: Group::Hash,
        since: "2.0.0",
        complexity: "O(N) where N is the number of fields to be removed.",
        summary: "Deletes one or more fields and their values from a hash. Deletes the hash if no fields remain.",
    };
    type Owned = u64;
    type Out<'k> = u64;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, fields: Several::parse(args)? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<u64> {
        let Some(mut hash) = view.get_mut::<Hash>(self.key)? else { return Ok(0) };
        let removed = self.fields.iter().filter(|field| hash.remove(field)).count();
        if removed == 0 {
            hash.unchanged();
        } else {
            hash.notify(Classes::HASH, "hdel");
        }
        Ok(removed as u64)
    }

    fn log(&self, removed: &u64, rec: &mut Record, _now_ms: u64) {
        if *removed > 0 {
            rec.command(Self::SPEC.id).bytes(self.key);
            self.fields.log(rec);
        }
    }
}

crate::cmd::row!(HDel<'_>);
