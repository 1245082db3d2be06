//! HGETDEL: removes fields and returns what they held.
use super::hdel::HDel;
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        error::{Error, Result},
    },
    cmd::{Command, FAST, Group, Spec, WRITE, args::several::Several},
    keyspace::{notes::Classes, view::View},
    value::Hash,
};

/// `HGETDEL key FIELDS numfields field [field ...]`. Returns the value of each field, or nothing in its place.
#[derive(Debug, Clone)]
pub struct HGetDel<'a>(pub HDel<'a>);

impl<'a> Command<'a> for HGetDel<'a> {
    const SPEC: Spec = Spec {
        id: 0x040D,
        name: "HGETDEL",
        usage: "key FIELDS numfields field [field ...]",
        arity: -5,
        flags: WRITE | FAST,
        keys: (1, 1, 1),
        group: Group::Hash,
        since: "8.0.0",
        complexity: "O(N) where N is the number of specified fields.",
        summary: "Returns the values of one or more fields and deletes them from a hash. Deletes the hash if no fields remain.",
    };
    type Owned = Vec<Option<Bytes>>;
    type Out<'k> = Vec<Option<Bytes>>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let key = args.bytes()?;
        if !args.token("FIELDS") {
            return Err(Error::syntax());
        }
        let count = args.int()?;
        if count < 1 || usize::try_from(count) != Ok(args.len()) {
            return Err(Error::command(
                "ERR numfields should be greater than 0 and match the provided number of fields",
            ));
        }
        Ok(Self(HDel { key, fields: Several::parse(args)? }))
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.0.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Vec<Option<Bytes>>> {
        let Self(HDel { key, fields }) = self;
        let Some(mut hash) = view.get_mut::<Hash>(key)? else { return Ok(vec![None; fields.len()]) };
        let take = |field: &&[u8]| {
            let value = hash.get(field).map(Bytes::copy);
            value.inspect(|_| {
                hash.remove(field);
            })
        };
        let values: Vec<Option<Bytes>> = fields.iter().map(take).collect();
        if values.iter().all(Option::is_none) {
            hash.unchanged();
        } else {
            hash.notify(Classes::HASH, "hdel");
        }
        Ok(values)
    }

    fn log(&self, values: &Vec<Option<Bytes>>, rec: &mut Record, now_ms: u64) {
        self.0.log(&(values.iter().flatten().count() as u64), rec, now_ms);
    }
}

crate::cmd::row!(HGetDel<'_>);
