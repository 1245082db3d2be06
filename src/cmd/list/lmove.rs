//! LMOVE: an element from one list to another.
use super::{popped, pushed, side, word};
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        error::{Error, Result},
    },
    cmd::{Command, DENYOOM, Group, Spec, WRITE},
    keyspace::{
        notes::Classes,
        view::{View, kind_of},
    },
    value::{
        Type,
        list::{List, Side},
    },
};

/// `LMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT>`. Takes an element from one side of a list, pushes it to
/// one side of another (or of the same) and returns it; nothing when there is no list at `source`.
#[derive(Debug, Clone, Copy)]
pub struct LMove<'a> {
    pub source: &'a [u8],
    pub target: &'a [u8],
    pub from: Side,
    pub to: Side,
}

impl<'a> Command<'a> for LMove<'a> {
    const SPEC: Spec = Spec {
        id: 0x030F,
        name: "LMOVE",
        usage: "source destination <LEFT | RIGHT> <LEFT | RIGHT>",
        arity: 5,
        flags: WRITE | DENYOOM,
        keys: (1, 2, 1),
        group: Group::List,
        since: "6.2.0",
        complexity: "O(1)",
        summary: "Returns an element after popping it from one list and pushing it to another. Deletes the list if the last element was moved.",
    };
    type Owned = Option<Bytes>;
    type Out<'k> = Option<Bytes>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let (source, target) = (args.bytes()?, args.bytes()?);
        Ok(Self { source, target, from: side(args)?, to: side(args)? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.source);
        if self.target != self.source {
            each(self.target);
        }
    }

    fn run(&self, view: &mut View<'_>) -> Result<Option<Bytes>> {
        let same = self.source == self.target;
        let target = if same { None } else { view.peek(self.target).map(kind_of) };
        let Some(mut source) = view.get_mut::<List>(self.source)? else { return Ok(None) };
        if target.is_some_and(|kind| kind != Type::List) {
            source.unchanged();
            return Err(Error::wrong_type());
        }
        let limits = source.limits();
        let Some(moved) = source.pop(self.from, &limits, Bytes::copy) else { return Ok(None) };
        // As in Redis, the push is told of before the pop.
        if same {
            source.push(self.to, &[&moved], &limits);
            source.notify(Classes::LIST, pushed(self.to));
            source.notify(Classes::LIST, popped(self.from));
            drop(source);
            return Ok(Some(moved));
        }
        let spent = source.is_spent();
        drop(source);
        let mut target = view.get_or_new(self.target, List::new)?;
        target.push(self.to, &[&moved], &limits);
        target.notify(Classes::LIST, pushed(self.to));
        drop(target);
        view.notify(Classes::LIST, popped(self.from), self.source);
        if spent {
            view.notify(Classes::GENERIC, "del", self.source);
        }
        Ok(Some(moved))
    }

    fn log(&self, moved: &Option<Bytes>, rec: &mut Record, _now_ms: u64) {
        if moved.is_some() {
            let rec = rec.command(Self::SPEC.id).bytes(self.source).bytes(self.target);
            rec.bytes(word(self.from)).bytes(word(self.to));
        }
    }
}

crate::cmd::row!(LMove<'_>);
