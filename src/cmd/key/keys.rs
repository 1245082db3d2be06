//! KEYS: all keys that match a pattern.
use crate::{
    base::{
        atom::Args,
        bytes::Bytes,
        emit::{Emit, Sink},
        error::Result,
        glob,
        limits::INLINE_RESULT_LEN_MAX,
    },
    cmd::{Command, Group, READ, Reach, Spec},
    keyspace::view::View,
};

/// `KEYS pattern`. Nobody else does anything meanwhile: SCAN is kinder to others.
#[derive(Debug, Clone, Copy)]
pub struct Keys<'a> {
    pub pattern: &'a [u8],
}

/// The keys, in no order.
#[derive(Debug, Clone)]
pub struct Found(Vec<Bytes>);

impl From<Found> for Vec<Bytes> {
    fn from(found: Found) -> Self {
        found.0
    }
}

impl Emit for Found {
    fn emit(self, to: &mut dyn Sink) {
        if self.0.len() > INLINE_RESULT_LEN_MAX {
            to.later(Box::new(move |to: &mut dyn Sink| self.0.emit(to)));
        } else {
            self.0.emit(to);
        }
    }
}

impl<'a> Command<'a> for Keys<'a> {
    const SPEC: Spec = Spec {
        id: 0x0214,
        name: "KEYS",
        usage: "pattern",
        arity: 2,
        flags: READ,
        keys: (0, 0, 0),
        group: Group::Generic,
        since: "1.0.0",
        complexity: "O(N) with N being the number of keys in the database, under the assumption that the key names in the database and the given pattern have limited length.",
        summary: "Returns all key names that match a pattern.",
    };
    type Owned = Vec<Bytes>;
    type Out<'k> = Found;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { pattern: args.bytes()? })
    }

    fn keys(&self, _: &mut dyn FnMut(&'a [u8])) {}

    fn reach(&self) -> Reach {
        Reach::All
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Found> {
        let all = self.pattern == b"*";
        let mut found = Vec::new();
        view.each_entry(&mut |entry| {
            if all || glob::matches(self.pattern, entry.key()) {
                found.push(Bytes::copy(entry.key()));
            }
        });
        Ok(Found(found))
    }
}

crate::cmd::row!(Keys<'_>);
