//! LRANGE: a part of a list.
use super::elements::Elements;
use crate::{
    base::{
        atom::Args,
        bytes::Bytes,
        emit::{Emit, Sink},
        error::Result,
        limits::INLINE_RESULT_LEN_MAX,
    },
    cmd::{Command, Group, READ, Spec, args::indices},
    keyspace::view::View,
    value::list::{Entries, List, Part, Side},
};

/// `LRANGE key start stop`. Returns the elements from index `start` to index `stop`, both included and both from the
/// tail when negative.
#[derive(Debug, Clone, Copy)]
pub struct LRange<'a> {
    pub key: &'a [u8],
    pub start: i64,
    pub stop: i64,
}

/// The elements: a few in their place in the list, many as a part of a clone.
pub enum Found<'k> {
    Few(Entries<'k>),
    Many(Part),
}

impl Emit for Found<'_> {
    fn emit(self, to: &mut dyn Sink) {
        match self {
            Self::Few(entries) => {
                to.array(entries.len());
                entries.for_each(|element| to.bytes(element));
            }
            Self::Many(part) => Elements::part(part, Side::Left).emit(to),
        }
    }
}

impl From<Found<'_>> for Elements {
    fn from(found: Found<'_>) -> Self {
        match found {
            Found::Few(entries) => Self::few(entries.map(Bytes::copy).collect()),
            Found::Many(part) => Self::part(part, Side::Left),
        }
    }
}

impl<'a> Command<'a> for LRange<'a> {
    const SPEC: Spec = Spec {
        id: 0x030B,
        name: "LRANGE",
        usage: "key start stop",
        arity: 4,
        flags: READ,
        keys: (1, 1, 1),
        group: Group::List,
        since: "1.0.0",
        complexity: "O(S+N) where S is the distance of start within its chunk, which is found in O(log N) of the length of the list; and N is the number of elements in the specified range.",
        summary: "Returns a range of elements from a list.",
    };
    type Owned = Elements;
    type Out<'k> = Found<'k>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, start: args.int()?, stop: args.int()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Found<'k>> {
        let Some(list) = view.get::<List>(self.key)? else { return Ok(Found::Few(Entries::default())) };
        let indices = indices::range(self.start, self.stop, list.len());
        Ok(if indices.len() > INLINE_RESULT_LEN_MAX {
            Found::Many(Part::new(list.clone(), indices))
        } else {
            Found::Few(list.range(indices))
        })
    }
}

crate::cmd::row!(LRange<'_>);
