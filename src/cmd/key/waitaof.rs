//! WAITAOF: which disks have what was written.
use super::wait::timeout;
use crate::{
    base::{
        atom::Args,
        emit::Sink,
        error::{Error, Result},
    },
    cmd::{BLOCKING, Group, Session, SessionCommand, Spec, args::count},
};

/// `WAITAOF numlocal numreplicas timeout`. Answers whether everything written so far is on the disk here, and how many
/// replicas have it on theirs: there are none. With `numlocal` 1 it waits for the disk, which takes no longer than a
/// sync does: the time-out is not looked at.
#[derive(Debug, Clone, Copy)]
pub struct WaitAof {
    local: bool,
}

impl<'a> SessionCommand<'a> for WaitAof {
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

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let local = args.int()?;
        if !(0..=1).contains(&local) {
            return Err(Error::command("ERR value is out of range, value must between 0 and 1"));
        }
        count::unsigned(args)?;
        timeout(args)?;
        Ok(Self { local: local == 1 })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let synced = session.server().synced(self.local);
        if self.local && synced.is_none() {
            let text = "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.";
            return Err(Error::command(text));
        }
        to.array(2);
        to.int(i64::from(synced == Some(true)));
        to.int(0);
        Ok(())
    }
}

crate::cmd::session_row!(WaitAof);
