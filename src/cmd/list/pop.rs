//! What LPOP and RPOP share, and LMPOP with them.
use super::elements::Elements;
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        emit::{Emit, Sink},
        error::{Error, Result},
        limits::INLINE_RESULT_LEN_MAX,
    },
    cmd::{Command, FAST, Group, Spec, WRITE, args::count},
    keyspace::{
        notes::Classes,
        view::{Mut, View},
    },
    value::list::{List, Part, Side},
};
use std::marker::PhantomData;

/// What tells the two commands apart.
pub trait Way {
    const SPEC: Spec;
    const SIDE: Side;
}

/// `key [count]`. Removes and returns the outermost element, or up to `count` of them from the outermost on.
#[derive(Debug, Clone, Copy)]
pub struct Pop<'a, W> {
    pub key: &'a [u8],
    pub count: Option<u64>,
    way: PhantomData<W>,
}

impl<'a, W> Pop<'a, W> {
    /// Removes the outermost element.
    pub fn new(key: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self { key: key.as_ref(), count: None, way: PhantomData }
    }

    /// Removes up to `count` elements.
    pub fn up_to(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }
}

/// What was removed.
#[derive(Debug, Clone)]
pub enum Popped {
    /// Without a count.
    One(Option<Bytes>),
    /// With one; nothing when there is no list.
    Some(Option<Elements>),
}

impl Popped {
    fn len(&self) -> usize {
        match self {
            Self::One(one) => usize::from(one.is_some()),
            Self::Some(some) => some.as_ref().map_or(0, Elements::len),
        }
    }
}

impl Emit for Popped {
    fn emit(self, to: &mut dyn Sink) {
        match self {
            Self::One(one) => one.emit(to),
            Self::Some(Some(elements)) => elements.emit(to),
            Self::Some(None) => to.nil_array(),
        }
    }
}

/// The element of a call without a count; the first one of a call with one.
impl From<Popped> for Option<Bytes> {
    fn from(popped: Popped) -> Self {
        match popped {
            Popped::One(one) => one,
            Popped::Some(_) => Vec::from(popped).into_iter().next(),
        }
    }
}

/// All that was removed.
impl From<Popped> for Vec<Bytes> {
    fn from(popped: Popped) -> Self {
        match popped {
            Popped::One(one) => one.into_iter().collect(),
            Popped::Some(some) => some.map(Self::from).unwrap_or_default(),
        }
    }
}

/// Removes up to `count` elements from one side. Many of them are not copied.
pub(super) fn take(list: &mut Mut<'_, List>, side: Side, count: u64) -> Elements {
    let (len, limits) = (list.len(), list.limits());
    if count == 0 {
        list.unchanged();
    }
    let count = usize::try_from(count).unwrap_or(usize::MAX).min(len);
    let indices = match side {
        Side::Left => 0..count,
        Side::Right => len - count..len,
    };
    if count > 0 {
        list.notify(Classes::LIST, super::popped(side));
    }
    if count == len && len > INLINE_RESULT_LEN_MAX {
        return Elements::part(Part::new(std::mem::take(&mut **list), indices), side);
    }
    let taken = Elements::of(list, indices.clone(), side);
    list.remove_range(indices, &limits);
    taken
}

/// The facts that the two commands share.
pub(super) const fn spec(id: u16, name: &'static str, summary: &'static str) -> Spec {
    Spec {
        id,
        name,
        usage: "key [count]",
        arity: -2,
        flags: WRITE | FAST,
        keys: (1, 1, 1),
        group: Group::List,
        since: "1.0.0",
        complexity: "O(N) where N is the number of elements returned",
        summary,
    }
}

impl<'a, W: Way> Command<'a> for Pop<'a, W> {
    const SPEC: Spec = W::SPEC;
    type Owned = Popped;
    type Out<'k> = Popped;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let key = args.bytes()?;
        if args.len() > 1 {
            return Err(Error::arity(W::SPEC.name));
        }
        let count = if args.is_empty() { None } else { Some(count::unsigned(args)?) };
        Ok(Self { key, count, way: PhantomData })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<Popped> {
        let list = view.get_mut::<List>(self.key)?;
        let Some(count) = self.count else {
            let popped = list.and_then(|mut list| {
                let limits = list.limits();
                list.notify(Classes::LIST, super::popped(W::SIDE));
                list.pop(W::SIDE, &limits, Bytes::copy)
            });
            return Ok(Popped::One(popped));
        };
        let Some(mut list) = list else { return Ok(Popped::Some(None)) };
        Ok(Popped::Some(Some(take(&mut list, W::SIDE, count))))
    }

    fn log(&self, popped: &Popped, rec: &mut Record, _now_ms: u64) {
        log::<W>(self.key, popped.len(), rec);
    }
}

/// Records that so many elements were removed.
pub(super) fn log<W: Way>(key: &[u8], count: usize, rec: &mut Record) {
    match count {
        0 => {}
        1 => {
            rec.command(W::SPEC.id).bytes(key);
        }
        _ => {
            rec.command(W::SPEC.id).bytes(key).int(count as i64);
        }
    }
}
