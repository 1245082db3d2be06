//! What XRANGE and XREVRANGE share.
use super::{ids, listing::Ranks};
use crate::{
    base::{
        atom::Args,
        emit::{Emit, Sink},
        error::{Error, Result},
    },
    cmd::{
        Command, Spec,
        held::{Kept, Shown},
    },
    keyspace::view::View,
    value::{Stream, stream::StreamId},
};
use std::marker::PhantomData;

/// What tells the two commands apart.
pub trait Way {
    const SPEC: Spec;
    /// From the greatest ID to the least.
    const BACKWARD: bool;
}

/// The entries from ID `start` to ID `end`, both included.
#[derive(Debug, Clone, Copy)]
pub struct Interval<'a, W> {
    pub key: &'a [u8],
    pub start: StreamId,
    pub end: StreamId,
    /// How many at most; 0: an answer of its own.
    pub count: Option<u64>,
    way: PhantomData<W>,
}

impl<'a, W> Interval<'a, W> {
    /// Asks for all entries.
    pub fn new(key: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self { key: key.as_ref(), start: StreamId::MIN, end: StreamId::MAX, count: None, way: PhantomData }
    }

    /// Asks for those from `start` to `end`, both included.
    pub fn between(mut self, start: StreamId, end: StreamId) -> Self {
        (self.start, self.end) = (start, end);
        self
    }

    /// Asks for `count` of them at most.
    pub fn count(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }
}

/// The entries that were found; nothing when none were asked for.
pub struct Found<'k>(Option<Shown<'k, Stream, Ranks>>);

impl Emit for Found<'_> {
    fn emit(self, to: &mut dyn Sink) {
        match self.0 {
            Some(shown) => shown.emit(to),
            None => to.nil_array(),
        }
    }
}

impl From<Found<'_>> for Kept<Stream, Ranks> {
    fn from(found: Found<'_>) -> Self {
        let none = Self { value: None, reading: Ranks { ranks: 0..0, backward: false } };
        found.0.map_or(none, Self::from)
    }
}

impl<'a, W: Way> Command<'a> for Interval<'a, W> {
    const SPEC: Spec = W::SPEC;
    type Owned = Kept<Stream, Ranks>;
    type Out<'k> = Found<'k>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let key = args.bytes()?;
        let (mut first, mut second) = (args.take(1)?, args.take(1)?);
        if W::BACKWARD {
            std::mem::swap(&mut first, &mut second);
        }
        let (start, end) = (ids::start(&mut first)?, ids::end(&mut second)?);
        let mut count = None;
        while !args.is_empty() {
            if args.len() < 2 || !args.token("COUNT") {
                return Err(Error::syntax());
            }
            count = Some(u64::try_from(args.int()?).unwrap_or(0));
        }
        Ok(Self { key, start, end, count, way: PhantomData })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Found<'k>> {
        let backward = W::BACKWARD;
        let Some(stream) = view.get::<Stream>(self.key)? else {
            return Ok(Found(Some(Shown::new(None, 0, Ranks { ranks: 0..0, backward }))));
        };
        if self.count == Some(0) {
            return Ok(Found(None));
        }
        let all = stream.ranks(self.start, self.end);
        let count =
            self.count.map_or(all.len(), |count| all.len().min(usize::try_from(count).unwrap_or(usize::MAX)));
        let ranks = if backward { all.end - count..all.end } else { all.start..all.start + count };
        Ok(Found(Some(Shown::new(Some(stream), count, Ranks { ranks, backward }))))
    }
}
