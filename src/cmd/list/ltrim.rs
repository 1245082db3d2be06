//! LTRIM: a list cut down to a part of itself.
use crate::{
    base::{
        atom::{Args, Record},
        emit::{self, Emit, Sink},
        error::Result,
    },
    cmd::{Command, Group, Spec, WRITE, args::indices},
    keyspace::{notes::Classes, view::View},
    value::list::List,
};

/// `LTRIM key start stop`. Removes all elements but those from index `start` to index `stop`, both included and both
/// from the tail when negative.
#[derive(Debug, Clone, Copy)]
pub struct LTrim<'a> {
    pub key: &'a [u8],
    pub start: i64,
    pub stop: i64,
}

/// How many elements went.
#[derive(Debug, Clone, Copy)]
pub struct Trimmed(pub u64);

impl Emit for Trimmed {
    fn emit(self, to: &mut dyn Sink) {
        emit::Ok.emit(to);
    }
}

impl From<Trimmed> for () {
    fn from(_: Trimmed) {}
}

impl<'a> Command<'a> for LTrim<'a> {
    const SPEC: Spec = Spec {
        id: 0x030C,
        name: "LTRIM",
        usage: "key start stop",
        arity: 4,
        flags: WRITE,
        keys: (1, 1, 1),
        group: Group::List,
        since: "1.0.0",
        complexity: "O(N) where N is the number of chunks to be removed by the operation.",
        summary: "Removes elements from both ends of a list. Deletes the list if all elements were trimmed.",
    };
    type Owned = ();
    type Out<'k> = Trimmed;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, start: args.int()?, stop: args.int()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<Trimmed> {
        let Some(mut list) = view.get_mut::<List>(self.key)? else { return Ok(Trimmed(0)) };
        let (len, limits) = (list.len(), list.limits());
        list.notify(Classes::LIST, "ltrim");
        let kept = indices::range(self.start, self.stop, len);
        if kept.is_empty() {
            drop(list);
            // What is long is freed after the locks have gone.
            view.delete(self.key);
        } else {
            if kept.len() == len {
                list.unchanged();
            }
            list.remove_range(kept.end..len, &limits);
            list.remove_range(0..kept.start, &limits);
        }
        Ok(Trimmed((len - kept.len()) as u64))
    }

    fn log(&self, trimmed: &Trimmed, rec: &mut Record, _now_ms: u64) {
        if trimmed.0 > 0 {
            rec.command(Self::SPEC.id).bytes(self.key).int(self.start).int(self.stop);
        }
    }
}

crate::cmd::row!(LTrim<'_>);
