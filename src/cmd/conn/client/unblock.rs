//! CLIENT UNBLOCK: wakes a connection out of a command that waits.
use crate::{
    base::{
        atom::Args,
        emit::Sink,
        error::{Error, Result},
    },
    cmd::{ADMIN, Group, LOADING, NOSCRIPT, STALE, Session, SessionCommand, Spec},
};

/// `CLIENT UNBLOCK client-id [TIMEOUT | ERROR]`. No command waits yet: the answer is always 0.
#[derive(Debug, Clone, Copy)]
pub struct ClientUnblock;

impl<'a> SessionCommand<'a> for ClientUnblock {
    const SPEC: Spec = Spec {
        id: 0x081B,
        name: "CLIENT|UNBLOCK",
        usage: "client-id [TIMEOUT | ERROR]",
        arity: -3,
        flags: ADMIN | NOSCRIPT | LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Connection,
        since: "5.0.0",
        complexity: "O(log N) where N is the number of client connections",
        summary: "Unblocks a client blocked by a blocking command from a different connection.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let mut id = args.take(1)?;
        if !args.is_empty() && !args.token("TIMEOUT") && !args.token("ERROR") {
            return Err(Error::command("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR"));
        }
        // Redis looks at no further argument.
        args.all_bytes()?;
        id.int()?;
        Ok(Self)
    }

    fn run(&self, _: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        to.int(0);
        Ok(())
    }
}

crate::cmd::session_row!(ClientUnblock);
