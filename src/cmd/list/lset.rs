//! LSET: another element in the place of one.
use crate::{
    base::{
        atom::{Args, Record},
        emit,
        error::{Error, Result},
    },
    cmd::{
        Command, DENYOOM, Group, Spec, WRITE,
        args::indices::{self, Index},
    },
    keyspace::{notes::Classes, view::View},
    value::list::List,
};

/// `LSET key index element`. Puts `element` in the place of the one at `index`, which counts from the tail when
/// negative.
///
/// # Compatibility
/// Redis and Valkey cut an index down to 32 bits, so that 4294967296 is the first element.
#[derive(Debug, Clone, Copy)]
pub struct LSet<'a> {
    pub key: &'a [u8],
    pub index: Index,
    pub element: &'a [u8],
}

impl<'a> Command<'a> for LSet<'a> {
    const SPEC: Spec = Spec {
        id: 0x0309,
        name: "LSET",
        usage: "key index element",
        arity: 4,
        flags: WRITE | DENYOOM,
        keys: (1, 1, 1),
        group: Group::List,
        since: "1.0.0",
        complexity: "O(N) where N is the length of a chunk; the chunk is found in O(log N) of the length of the list.",
        summary: "Sets the value of an element in a list by its index.",
    };
    type Owned = ();
    type Out<'k> = emit::Ok;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, index: Index::parse(args)?, element: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<emit::Ok> {
        let mut list = view.get_mut::<List>(self.key)?.ok_or_else(Error::no_such_key)?;
        let limits = list.limits();
        let index = self.index.value().and_then(|index| {
            indices::place(index, list.len()).ok_or_else(|| Error::command("ERR index out of range"))
        });
        let index = index.inspect_err(|_| list.unchanged())?;
        list.set(index, self.element, &limits);
        list.notify(Classes::LIST, "lset");
        Ok(emit::Ok)
    }

    fn log(&self, _: &emit::Ok, rec: &mut Record, _now_ms: u64) {
        if let Ok(index) = self.index.value() {
            rec.command(Self::SPEC.id).bytes(self.key).int(index).bytes(self.element);
        }
    }
}

crate::cmd::row!(LSet<'_>);
