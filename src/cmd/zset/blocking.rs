//! What BZPOPMIN and BZPOPMAX share; and what all commands that wait for a sorted set say of it.
use super::{
    bzpopmax, bzpopmin,
    pop::{Taken, Way},
    zpopmax::ZPopMaxWay,
    zpopmin::ZPopMinWay,
};
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        emit::{Emit, Sink},
        error::Result,
        num::Text,
    },
    cmd::{BLOCKING, Command, FAST, Group, Spec, WRITE, args::timeout::Timeout, wait::Patience},
    keyspace::view::View,
    value::Type,
};
use std::marker::PhantomData;

/// What tells the two commands apart.
pub trait Waits: Way {
    /// The facts of the one that waits.
    const SPEC: Spec;
}

impl Waits for ZPopMinWay {
    const SPEC: Spec = bzpopmin::SPEC;
}

impl Waits for ZPopMaxWay {
    const SPEC: Spec = bzpopmax::SPEC;
}

/// `key [key ...] timeout`. See [`BZPopMin`](bzpopmin::BZPopMin) and [`BZPopMax`](bzpopmax::BZPopMax).
#[derive(Debug, Clone)]
pub struct BZPop<'a, W> {
    pub keys: Vec<&'a [u8]>,
    pub timeout: Timeout,
    way: PhantomData<W>,
}

impl<'a, W> BZPop<'a, W> {
    /// Waits for any of the sets; zero: for ever.
    pub fn new(keys: &'a [impl AsRef<[u8]>], timeout: impl Into<Timeout>) -> Self {
        let keys = keys.iter().map(AsRef::as_ref).collect();
        Self { keys, timeout: timeout.into(), way: PhantomData }
    }

    pub(super) fn as_words(&self) -> Vec<Bytes> {
        let mut words: Vec<Bytes> = self.keys.iter().map(|key| Bytes::copy(key)).collect();
        words.push(self.timeout.word());
        words
    }
}

/// The key, and its member with the score.
#[derive(Debug, Clone)]
pub struct Popped<'a>(Option<(&'a [u8], Bytes, f64)>);

impl Emit for Popped<'_> {
    fn emit(self, to: &mut dyn Sink) {
        let Some((key, member, score)) = self.0 else { return to.nil_array() };
        to.array(3);
        to.bytes(key);
        to.bytes(&member);
        to.float(score);
    }
}

impl From<Popped<'_>> for Option<(Bytes, Bytes, f64)> {
    fn from(popped: Popped<'_>) -> Self {
        popped.0.map(|(key, member, score)| (Bytes::copy(key), member, score))
    }
}

/// The facts that the two commands share.
pub(super) const fn spec(id: u16, name: &'static str, summary: &'static str) -> Spec {
    Spec {
        id,
        name,
        usage: "key [key ...] timeout",
        arity: -3,
        flags: WRITE | FAST | BLOCKING,
        keys: (1, -2, 1),
        group: Group::SortedSet,
        since: "5.0.0",
        complexity: "O(log(N)) with N being the number of elements in the sorted set.",
        summary,
    }
}

/// Waits for a sorted set.
pub(super) fn patience(timeout: Timeout) -> Patience {
    let keys = usize::MAX;
    Patience { kind: Type::ZSet, keys, until_gone: false, timeout_ms: timeout.ms(), settled: None }
}

/// The command that puts members back, unless they are there again.
pub(super) fn put_back<'p>(key: &[u8], pairs: impl Iterator<Item = (&'p [u8], f64)>) -> Vec<Bytes> {
    let mut words: Vec<Bytes> = [&b"ZADD"[..], key, b"NX"].into_iter().map(Bytes::copy).collect();
    for (member, score) in pairs {
        words.extend([Bytes::copy(&Text::float(score)), Bytes::copy(member)]);
    }
    words
}

impl<'a, W: Waits + 'static> Command<'a> for BZPop<'a, W> {
    const SPEC: Spec = <W as Waits>::SPEC;
    type Owned = Option<(Bytes, Bytes, f64)>;
    type Out<'k> = Popped<'a>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let mut keys = args.take(args.len().saturating_sub(1))?;
        let timeout = Timeout::parse(args)?;
        Ok(Self { keys: keys.all_bytes()?, timeout, way: PhantomData })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.keys.iter().for_each(|key| each(key));
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Popped<'a>> {
        for key in &self.keys {
            if let Some(taken) = Taken::from(view, key, W::ORDER, 1)?
                && let Some((member, score)) = taken.pairs().into_iter().next()
            {
                return Ok(Popped(Some((key, member, score))));
            }
        }
        Ok(Popped(None))
    }

    /// As the pop that it became.
    fn log(&self, popped: &Popped<'a>, rec: &mut Record, _now_ms: u64) {
        if let Some((key, ..)) = popped.0 {
            Taken::log_count(1, key, W::ORDER, rec);
        }
    }

    fn waits(&self, popped: &Popped<'a>) -> Option<Patience> {
        popped.0.is_none().then(|| patience(self.timeout))
    }

    fn undo(&self, popped: &Popped<'a>) -> Vec<Bytes> {
        let Some((key, member, score)) = &popped.0 else { return Vec::new() };
        put_back(key, std::iter::once((&**member, *score)))
    }
}
