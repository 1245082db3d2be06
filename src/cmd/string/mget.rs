//! MGET: the strings at several keys.
use crate::{
    base::{atom::Args, bytes::Bytes, error::Result},
    cmd::{Command, FAST, Group, READ, Spec, args::several::Several},
    keyspace::{strings::Str, view::View},
};

/// Keys that are looked up together: about as many reads as a processor keeps under way.
const AHEAD: usize = 16;

/// `MGET key [key ...]`. Returns the string at each key, or nothing where there is none.
#[derive(Debug, Clone)]
pub struct MGet<'a> {
    pub keys: Several<'a>,
}

impl<'a> Command<'a> for MGet<'a> {
    const SPEC: Spec = Spec {
        id: 0x0115,
        name: "MGET",
        usage: "key [key ...]",
        arity: -2,
        flags: READ | FAST,
        keys: (1, -1, 1),
        group: Group::String,
        since: "1.0.0",
        complexity: "O(N) where N is the number of keys to retrieve.",
        summary: "Atomically returns the string values of one or more keys.",
    };
    type Owned = Vec<Option<Bytes>>;
    type Out<'k> = Vec<Option<Bytes>>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { keys: Several::parse(args)? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.keys.iter().for_each(|key| each(key));
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Vec<Option<Bytes>>> {
        let mut found = Vec::with_capacity(self.keys.len());
        for some in self.keys.chunks(AHEAD) {
            view.fetch_ahead(found.len()..found.len() + some.len());
            found.extend(some.iter().map(|key| view.string_or_nothing(key).map(Str::to_owned)));
        }
        Ok(found)
    }
}

crate::cmd::row!(MGet<'_>);
