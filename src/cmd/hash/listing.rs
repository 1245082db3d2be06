//! HGETALL, HKEYS and HVALS: a hash from end to end.
use crate::{
    base::{atom::Args, bytes::Bytes, emit::Sink, error::Result},
    cmd::{
        Command, Spec,
        held::{Kept, Reading, Shown},
    },
    keyspace::view::View,
    value::Hash,
};
use std::marker::PhantomData;

/// Which part of a hash is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Fields,
    Values,
    Both,
}

/// What tells one of the commands from the others.
pub trait Facts {
    const SPEC: Spec;
    const PART: Part;
}

/// A command that lists a hash.
#[derive(Debug, Clone, Copy)]
pub struct Listing<'a, F> {
    pub key: &'a [u8],
    facts: PhantomData<F>,
}

impl<'a, F: Facts> Listing<'a, F> {
    /// Lists the hash at `key`.
    pub fn new(key: &'a [u8]) -> Self {
        Self { key, facts: PhantomData }
    }
}

impl<'a, F: Facts> Command<'a> for Listing<'a, F> {
    const SPEC: Spec = F::SPEC;
    type Owned = Kept<Hash, Part>;
    type Out<'k> = Shown<'k, Hash, Part>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        args.bytes().map(Self::new)
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Shown<'k, Hash, Part>> {
        let hash = view.get::<Hash>(self.key)?;
        Ok(Shown::new(hash, hash.map_or(0, Hash::len), F::PART))
    }
}

impl Reading<Hash> for Part {
    fn write(&self, hash: Option<&Hash>, to: &mut dyn Sink) {
        let len = hash.map_or(0, Hash::len);
        match self {
            Self::Both => to.map(len),
            Self::Fields | Self::Values => to.array(len),
        }
        for (field, value) in hash.iter().flat_map(|hash| hash.iter()) {
            if *self != Self::Values {
                to.bytes(field);
            }
            if *self != Self::Fields {
                to.bytes(value);
            }
        }
    }
}

impl Kept<Hash, Part> {
    /// All fields with their values.
    pub fn pairs(&self) -> Vec<(Bytes, Bytes)> {
        self.list(|field, value| (Bytes::copy(field), Bytes::copy(value)))
    }

    /// All fields.
    pub fn fields(&self) -> Vec<Bytes> {
        self.list(|field, _| Bytes::copy(field))
    }

    /// All values.
    pub fn values(&self) -> Vec<Bytes> {
        self.list(|_, value| Bytes::copy(value))
    }

    fn list<R>(&self, of: impl Fn(&[u8], &[u8]) -> R) -> Vec<R> {
        self.value.iter().flat_map(|hash| hash.iter()).map(|(field, value)| of(field, value)).collect()
    }
}
