//! What LPUSH, RPUSH, LPUSHX and RPUSHX share.
use crate::{
    base::{
        atom::{Args, Record},
        error::Result,
    },
    cmd::{Command, DENYOOM, FAST, Group, Spec, WRITE, args::several::Several},
    keyspace::{notes::Classes, view::View},
    value::list::{List, Side},
};
use std::marker::PhantomData;

/// What tells the four commands apart.
pub trait Way {
    const SPEC: Spec;
    const SIDE: Side;
    /// Nothing is pushed to a list that is not there.
    const ONLY_EXISTING: bool = false;
}

/// `key element [element ...]`. Adds the elements one after the other, so that the last one is the outermost, and
/// returns the new length.
#[derive(Debug, Clone)]
pub struct Push<'a, W> {
    pub key: &'a [u8],
    pub elements: Several<'a>,
    way: PhantomData<W>,
}

impl<'a, W> Push<'a, W> {
    /// Pushes `elements` to the list at `key`.
    pub fn new(key: &'a (impl AsRef<[u8]> + ?Sized), elements: Several<'a>) -> Self {
        Self { key: key.as_ref(), elements, way: PhantomData }
    }
}

/// The facts that the four commands share.
pub(super) const fn spec(id: u16, name: &'static str, since: &'static str, summary: &'static str) -> Spec {
    Spec {
        id,
        name,
        usage: "key element [element ...]",
        arity: -3,
        flags: WRITE | DENYOOM | FAST,
        keys: (1, 1, 1),
        group: Group::List,
        since,
        complexity: "O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.",
        summary,
    }
}

impl<'a, W: Way> Command<'a> for Push<'a, W> {
    const SPEC: Spec = W::SPEC;
    type Owned = u64;
    type Out<'k> = u64;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, elements: Several::parse(args)?, way: PhantomData })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<u64> {
        let mut list = if W::ONLY_EXISTING || self.elements.is_empty() {
            match view.get_mut::<List>(self.key)? {
                Some(list) => list,
                None => return Ok(0),
            }
        } else {
            view.get_or_new(self.key, List::new)?
        };
        if self.elements.is_empty() {
            list.unchanged();
        } else {
            let limits = list.limits();
            list.push(W::SIDE, &self.elements, &limits);
            list.notify(Classes::LIST, super::pushed(W::SIDE));
        }
        Ok(list.len() as u64)
    }

    fn log(&self, len: &u64, rec: &mut Record, _now_ms: u64) {
        if *len > 0 && !self.elements.is_empty() {
            self.elements.log(rec.command(W::SPEC.id).bytes(self.key));
        }
    }
}
