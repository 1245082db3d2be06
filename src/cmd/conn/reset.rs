//! RESET: makes the connection as it was when it was opened.
use crate::{
    base::{atom::Args, bytes::Bytes, emit::Sink, error::Result},
    cmd::{
        ALLOW_BUSY, FAST, Group, IMMEDIATE, LOADING, NO_AUTH, NOSCRIPT, STALE, SUBSCRIBED, Session,
        SessionCommand, Spec,
        pubsub::subscriptions,
        session::{Replies, monitor, tracking},
    },
};

/// `RESET`.
#[derive(Debug, Clone, Copy)]
pub struct Reset;

impl<'a> SessionCommand<'a> for Reset {
    const SPEC: Spec = Spec {
        id: 0x0807,
        name: "RESET",
        usage: "",
        arity: 1,
        flags: FAST | NO_AUTH | LOADING | STALE | NOSCRIPT | ALLOW_BUSY | IMMEDIATE | SUBSCRIBED,
        keys: (0, 0, 0),
        group: Group::Connection,
        since: "6.2.0",
        complexity: "O(1)",
        summary: "Resets the connection.",
    };

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let server = session.server();
        subscriptions::end(session, to);
        tracking::end(session);
        monitor::end(session);
        session.select(0);
        let client = session.client();
        client.queue = None;
        server.unwatch(&mut client.watching);
        client.authenticated = server.settings().requirepass.is_empty();
        (client.protocol, client.replies, client.muted) = (2, Replies::On, false);
        (client.no_touch, client.no_evict) = (false, false);
        // The library's name stays: it is the same program that goes on.
        client.card().relabel(|labels| labels.name = Bytes::default());
        to.switch(2);
        to.status("RESET");
        Ok(())
    }
}

crate::cmd::session_row!(Reset);
