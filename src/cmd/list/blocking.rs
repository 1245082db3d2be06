//! What BLPOP and BRPOP share; and what all commands that wait for a list say of it.
use super::{
    blpop, brpop,
    elements::Elements,
    lpop::FromLeft,
    pop::{self, Way},
    rpop::FromRight,
};
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        emit::{Emit, Sink},
        error::Result,
    },
    cmd::{BLOCKING, Command, Group, Spec, WRITE, args::timeout::Timeout, wait::Patience},
    keyspace::{notes::Classes, view::View},
    value::{
        Type,
        list::{List, Side},
    },
};
use std::marker::PhantomData;

/// What tells the two commands apart.
pub trait Waits: Way {
    /// The facts of the one that waits.
    const SPEC: Spec;
}

impl Waits for FromLeft {
    const SPEC: Spec = blpop::SPEC;
}

impl Waits for FromRight {
    const SPEC: Spec = brpop::SPEC;
}

/// `key [key ...] timeout`. See [`BLPop`](blpop::BLPop) and [`BRPop`](brpop::BRPop).
#[derive(Debug, Clone)]
pub struct BPop<'a, W> {
    pub keys: Vec<&'a [u8]>,
    pub timeout: Timeout,
    way: PhantomData<W>,
}

impl<'a, W> BPop<'a, W> {
    /// Waits for any of the lists; zero: for ever.
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

/// The key and its element.
#[derive(Debug, Clone)]
pub struct Popped<'a>(Option<(&'a [u8], Bytes)>);

impl Emit for Popped<'_> {
    fn emit(self, to: &mut dyn Sink) {
        let Some((key, element)) = self.0 else { return to.nil_array() };
        to.array(2);
        to.bytes(key);
        element.emit(to);
    }
}

impl From<Popped<'_>> for Option<(Bytes, Bytes)> {
    fn from(popped: Popped<'_>) -> Self {
        popped.0.map(|(key, element)| (Bytes::copy(key), element))
    }
}

/// The facts that the two commands share.
pub(super) const fn spec(id: u16, name: &'static str, summary: &'static str) -> Spec {
    Spec {
        id,
        name,
        usage: "key [key ...] timeout",
        arity: -3,
        flags: WRITE | BLOCKING,
        keys: (1, -2, 1),
        group: Group::List,
        since: "2.0.0",
        complexity: "O(N) where N is the number of provided keys.",
        summary,
    }
}

/// Waits for a list under one of the first `keys` keys.
pub(super) fn patience(timeout: Timeout, keys: usize) -> Patience {
    Patience { kind: Type::List, keys, until_gone: false, timeout_ms: timeout.ms(), settled: None }
}

/// The command that puts elements back to the side they were taken from: those of the reply, outermost first.
pub(super) fn put_back(
    key: &[u8],
    side: Side,
    elements: impl DoubleEndedIterator<Item = Bytes>,
) -> Vec<Bytes> {
    let word: &[u8] = match side {
        Side::Left => b"LPUSH",
        Side::Right => b"RPUSH",
    };
    // Pushed one after the other: the outermost comes last.
    [Bytes::copy(word), Bytes::copy(key)].into_iter().chain(elements.rev()).collect()
}

impl<'a, W: Waits> Command<'a> for BPop<'a, W> {
    const SPEC: Spec = <W as Waits>::SPEC;
    type Owned = Option<(Bytes, Bytes)>;
    type Out<'k> = Popped<'a>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let mut keys = args.take(args.len().saturating_sub(1))?;
        let timeout = Timeout::parse(args)?;
        Ok(Self { keys: keys.all_bytes()?, timeout, way: PhantomData })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.keys.iter().for_each(|key| each(key));
    }

    fn run(&self, view: &mut View<'_>) -> Result<Popped<'a>> {
        for key in &self.keys {
            let Some(mut list) = view.get_mut::<List>(key)? else { continue };
            let limits = list.limits();
            if let Some(element) = list.pop(W::SIDE, &limits, Bytes::copy) {
                list.notify(Classes::LIST, super::popped(W::SIDE));
                return Ok(Popped(Some((key, element))));
            }
        }
        Ok(Popped(None))
    }

    /// As the pop that it became.
    fn log(&self, popped: &Popped<'a>, rec: &mut Record, _now_ms: u64) {
        if let Some((key, _)) = popped.0 {
            pop::log::<W>(key, 1, rec);
        }
    }

    fn waits(&self, popped: &Popped<'a>) -> Option<Patience> {
        let waits = || patience(self.timeout, usize::MAX);
        popped.0.is_none().then(waits)
    }

    fn undo(&self, popped: &Popped<'a>) -> Vec<Bytes> {
        let Some((key, element)) = &popped.0 else { return Vec::new() };
        put_back(key, W::SIDE, std::iter::once(element.clone()))
    }
}

/// Elements as [`put_back`] takes them.
pub(super) fn outermost_first(elements: &Elements) -> std::vec::IntoIter<Bytes> {
    Vec::from(elements.clone()).into_iter()
}
