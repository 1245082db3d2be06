//! HRANDFIELD: fields drawn at random.
use crate::{
    base::{
        atom::Args,
        bytes::Bytes,
        emit::{Emit, Sink},
        error::{Error, Result},
    },
    cmd::{
        Command, Group, READ, Spec,
        args::{count, draw::Draw},
        held::{Kept, Reading, Shown},
    },
    keyspace::view::View,
    value::Hash,
};

/// `HRANDFIELD key [count [WITHVALUES]]`. Returns a field, or nothing; with a count so many different fields, or,
/// when it is negative, so many draws of which each may return any field.
#[derive(Debug, Clone, Copy)]
pub struct HRandField<'a> {
    pub key: &'a [u8],
    pub count: Option<i64>,
    pub with_values: bool,
}

/// What is drawn from a hash.
#[derive(Debug, Clone)]
pub struct Fields {
    draw: Draw,
    with_values: bool,
}

impl Fields {
    fn each(&self, hash: &Hash, visit: impl FnMut((&[u8], &[u8]))) {
        self.draw.each(hash.iter(), |count, rng| hash.sample(count, rng), |rng| hash.random(rng), visit);
    }
}

impl Reading<Hash> for Fields {
    fn write(&self, hash: Option<&Hash>, to: &mut dyn Sink) {
        let len = self.draw.len(hash.map_or(0, Hash::len));
        if self.with_values {
            to.pairs(len)
        } else {
            to.array(len)
        }
        let Some(hash) = hash else { return };
        self.each(hash, |(field, value)| {
            if self.with_values {
                to.pair();
            }
            to.bytes(field);
            if self.with_values {
                to.bytes(value);
            }
        });
    }
}

impl Kept<Hash, Fields> {
    /// The fields that were drawn, with their values.
    pub fn pairs(&self) -> Vec<(Bytes, Bytes)> {
        let mut pairs = Vec::new();
        if let Some(hash) = &self.value {
            self.reading.each(hash, |(field, value)| pairs.push((Bytes::copy(field), Bytes::copy(value))));
        }
        pairs
    }
}

/// A field, or several.
pub enum Drawn<'k> {
    One(Option<(&'k [u8], &'k [u8])>),
    Several(Shown<'k, Hash, Fields>),
}

impl Emit for Drawn<'_> {
    fn emit(self, to: &mut dyn Sink) {
        match self {
            Self::One(pair) => pair.map(|(field, _)| field).emit(to),
            Self::Several(fields) => fields.emit(to),
        }
    }
}

/// The same for typed callers.
pub enum Owned {
    One(Option<(Bytes, Bytes)>),
    Several(Kept<Hash, Fields>),
}

impl Owned {
    /// The fields that were drawn, with their values.
    pub fn pairs(self) -> Vec<(Bytes, Bytes)> {
        match self {
            Self::One(pair) => pair.into_iter().collect(),
            Self::Several(fields) => fields.pairs(),
        }
    }
}

impl From<Drawn<'_>> for Owned {
    fn from(drawn: Drawn<'_>) -> Self {
        match drawn {
            Drawn::One(pair) => {
                Self::One(pair.map(|(field, value)| (Bytes::copy(field), Bytes::copy(value))))
            }
            Drawn::Several(fields) => Self::Several(fields.into()),
        }
    }
}

impl<'a> Command<'a> for HRandField<'a> {
    const SPEC: Spec = Spec {
        id: 0x0411,
        name: "HRANDFIELD",
        usage: "key [count [WITHVALUES]]",
        arity: -2,
        flags: READ,
        keys: (1, 1, 1),
        group: Group::Hash,
        since: "6.2.0",
        complexity: "O(N) where N is the number of fields returned",
        summary: "Returns one or more random fields from a hash.",
    };
    type Owned = Owned;
    type Out<'k> = Drawn<'k>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let key = args.bytes()?;
        if args.is_empty() {
            return Ok(Self { key, count: None, with_values: false });
        }
        let count = count::signed(args)?;
        let with_values = args.token("WITHVALUES");
        args.finish()?;
        if with_values && count.unsigned_abs() > i64::MAX as u64 / 2 {
            return Err(Error::command("ERR value is out of range"));
        }
        Ok(Self { key, count: Some(count), with_values })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Drawn<'k>> {
        let mut rng = view.rng();
        let hash = view.get::<Hash>(self.key)?;
        let Some(count) = self.count else {
            return Ok(Drawn::One(hash.and_then(|hash| hash.random(&mut rng))));
        };
        let (draw, len) = (Draw::new(count, rng), hash.map_or(0, Hash::len));
        draw.check(len)?;
        let drawn = draw.len(len);
        Ok(Drawn::Several(Shown::new(hash, drawn, Fields { draw, with_values: self.with_values })))
    }
}

crate::cmd::row!(HRandField<'_>);
