//! WAITAOF: which disks have what was written.
use super::wait::timeout;
use crate::{
    base::{
        atom::Args,
        emit::{Emit, Sink},
        error::{Error, Result},
    },
    cmd::{BLOCKING, Command, Group, Spec, args::count},
    keyspace::view::View,
};

/// `WAITAOF numlocal numreplicas timeout`. There is no append-only file and there are no replicas: the answer is 0
/// and 0, at once, unless a local file is asked for.
#[derive(Debug, Clone, Copy)]
pub struct WaitAof {
    local: bool,
}

/// The disks here, and those of replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Synced(pub u64, pub u64);

impl Emit for Synced {
    fn emit(self, to: &mut dyn Sink) {
        to.array(2);
        to.int(self.0 as i64);
        to.int(self.1 as i64);
    }
}

impl<'a> Command<'a> for WaitAof {
    const SPEC: Spec = Spec {
        id: 0x021F,
        name: "WAITAOF",
        usage: "numlocal numreplicas timeout",
        arity: 4,
        flags: BLOCKING,
        keys: (0, 0, 0),
        group: Group::Generic,
        since: "7.2.0",
        complexity: "O(1)",
        summary: "Blocks until all of the preceding write commands sent by the connection are written to the append-only file of the primary and/or replicas.",
    };
    type Owned = Synced;
    type Out<'k> = Synced;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let local = args.int()?;
        if !(0..=1).contains(&local) {
            return Err(Error::command("ERR value is out of range, value must between 0 and 1"));
        }
        count::unsigned(args)?;
        timeout(args)?;
        Ok(Self { local: local == 1 })
    }

    fn keys(&self, _: &mut dyn FnMut(&'a [u8])) {}

    fn run<'k>(&self, _: &'k mut View<'_>) -> Result<Synced> {
        if self.local {
            let text = "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.";
            return Err(Error::command(text));
        }
        Ok(Synced(0, 0))
    }
}

crate::cmd::row!(WaitAof);
