//! MEMORY USAGE: the bytes of a key and its value.
use crate::{
    base::{
        atom::Args,
        error::{Error, Result},
    },
    cmd::{Command, Group, READ, Spec},
    keyspace::view::View,
};

/// `MEMORY USAGE key [SAMPLES count]`. The number is the one that the accounting of memory keeps, exact, so that there is
/// nothing to sample.
#[derive(Debug, Clone, Copy)]
pub struct MemoryUsage<'a> {
    pub key: &'a [u8],
}

impl<'a> Command<'a> for MemoryUsage<'a> {
    const SPEC: Spec = Spec {
        id: 0x0721,
        name: "MEMORY|USAGE",
        usage: "key [SAMPLES count]",
        arity: -3,
        flags: READ,
        keys: (2, 2, 1),
        group: Group::Server,
        since: "4.0.0",
        complexity: "O(1)",
        summary: "Estimates the memory usage of a key.",
    };
    type Owned = Option<usize>;
    type Out<'k> = Option<usize>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let key = args.bytes()?;
        while !args.is_empty() {
            if !args.token("SAMPLES") || args.int()? < 0 {
                return Err(Error::syntax());
            }
        }
        Ok(Self { key })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Option<usize>> {
        Ok(view.memory_of(self.key))
    }
}

crate::cmd::row!(MemoryUsage<'_>);
