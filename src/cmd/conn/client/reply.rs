//! CLIENT REPLY: which replies the connection wants.
use crate::{
    base::{
        atom::Args,
        emit::Sink,
        error::{Error, Result},
    },
    cmd::{
        ALLOW_BUSY, Group, LOADING, NO_MULTI, NOSCRIPT, STALE, Session, SessionCommand, Spec,
        session::Replies,
    },
};

/// `CLIENT REPLY <ON | OFF | SKIP>`.
#[derive(Debug, Clone, Copy)]
pub struct ClientReply {
    pub replies: Replies,
}

impl<'a> SessionCommand<'a> for ClientReply {
    const SPEC: Spec = Spec {
        id: 0x0818,
        name: "CLIENT|REPLY",
        usage: "<ON | OFF | SKIP>",
        arity: 3,
        flags: NOSCRIPT | LOADING | STALE | ALLOW_BUSY | NO_MULTI,
        keys: (0, 0, 0),
        group: Group::Connection,
        since: "3.2.0",
        complexity: "O(1)",
        summary: "Instructs the server whether to reply to commands.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let replies = if args.token("ON") {
            Replies::On
        } else if args.token("OFF") {
            Replies::Off
        } else if args.token("SKIP") {
            Replies::SkipNext
        } else {
            return Err(Error::syntax());
        };
        Ok(Self { replies })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let client = session.client();
        client.muted = self.replies != Replies::On;
        // Who wants no reply at all has none to skip.
        if client.replies == Replies::On || self.replies != Replies::SkipNext {
            client.replies = self.replies;
        }
        to.status("OK");
        Ok(())
    }
}

crate::cmd::session_row!(ClientReply);
