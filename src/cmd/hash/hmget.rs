//! HMGET: the values of several fields.
use crate::{
    base::{
        atom::Args,
        bytes::Bytes,
        emit::{Emit, Sink},
        error::Result,
    },
    cmd::{Command, FAST, Group, READ, Spec, args::several::Several},
    keyspace::view::View,
    value::Hash,
};

/// `HMGET key field [field ...]`. Returns the value of each field, or nothing in its place.
#[derive(Debug, Clone)]
pub struct HMGet<'a> {
    pub key: &'a [u8],
    pub fields: Several<'a>,
}

/// Values where they lie.
#[derive(Debug, Clone)]
pub struct Found<'k>(pub Vec<Option<&'k [u8]>>);

impl Emit for Found<'_> {
    fn emit(self, to: &mut dyn Sink) {
        self.0.emit(to);
    }
}

impl From<Found<'_>> for Vec<Option<Bytes>> {
    fn from(found: Found<'_>) -> Self {
        found.0.into_iter().map(|value| value.map(Bytes::copy)).collect()
    }
}

impl<'a> Command<'a> for HMGet<'a> {
    const SPEC: Spec = Spec {
        id: 0x0405,
        name: "HMGET",
        usage: "key field [field ...]",
        arity: -3,
        flags: READ | FAST,
        keys: (1, 1, 1),
        group: Group::Hash,
        since: "2.0.0",
        complexity: "O(N) where N is the number of fields being requested.",
        summary: "Returns the values of all fields in a hash.",
    };
    type Owned = Vec<Option<Bytes>>;
    type Out<'k> = Found<'k>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, fields: Several::parse(args)? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Found<'k>> {
        let hash = view.get::<Hash>(self.key)?;
        Ok(Found(self.fields.iter().map(|field| hash?.get(field)).collect()))
    }
}

crate::cmd::row!(HMGet<'_>);
