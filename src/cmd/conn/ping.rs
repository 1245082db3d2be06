//! PING: is anybody there?
use crate::{
    base::{
        atom::Args,
        emit::Sink,
        error::{Error, Result},
    },
    cmd::{FAST, Group, SUBSCRIBED, Session, SessionCommand, Spec},
};

/// `PING [message]`.
#[derive(Debug, Clone, Copy)]
pub struct Ping<'a> {
    pub message: Option<&'a [u8]>,
}

impl<'a> SessionCommand<'a> for Ping<'a> {
    const SPEC: Spec = Spec {
        id: 0x0801,
        name: "PING",
        usage: "[message]",
        arity: -1,
        flags: FAST | SUBSCRIBED,
        keys: (0, 0, 0),
        group: Group::Connection,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Returns the server's liveliness response.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        if args.len() > 1 {
            return Err(Error::arity(Self::SPEC.name));
        }
        let message = if args.is_empty() { None } else { Some(args.bytes()?) };
        Ok(Self { message })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let client = session.client();
        if client.subscribed && client.protocol == 2 {
            // Between messages the answer has to look like one.
            to.array(2);
            to.bytes(b"pong");
            to.bytes(self.message.unwrap_or_default());
            return Ok(());
        }
        match self.message {
            Some(message) => to.bytes(message),
            None => to.status("PONG"),
        }
        Ok(())
    }
}

crate::cmd::session_row!(Ping<'_>);
