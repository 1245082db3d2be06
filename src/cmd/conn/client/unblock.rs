//! CLIENT UNBLOCK: wakes a connection out of a command that waits.
use crate::{
    base::{
        atom::Args,
        emit::Sink,
        error::{Error, Result},
    },
    cmd::{ADMIN, Group, LOADING, NOSCRIPT, STALE, Session, SessionCommand, Spec},
};

/// `CLIENT UNBLOCK client-id [TIMEOUT | ERROR]`. Ends the wait of another connection's command, as if its time were over, or
/// with an error. Answers whether there was one.
#[derive(Debug, Clone, Copy)]
pub struct ClientUnblock {
    pub id: i64,
    /// The command ends with an error.
    pub refuse: bool,
}

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
        let refuse = args.token("ERROR");
        if !refuse && !args.is_empty() && !args.token("TIMEOUT") {
            return Err(Error::command("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR"));
        }
        // Redis looks at no further argument.
        args.all_bytes()?;
        Ok(Self { id: id.int()?, refuse })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let cards = session.server().cards();
        let card = cards.iter().find(|card| i64::try_from(card.id) == Ok(self.id));
        to.int(card.is_some_and(|card| card.unblock(self.refuse)).into());
        Ok(())
    }
}

crate::cmd::session_row!(ClientUnblock);
