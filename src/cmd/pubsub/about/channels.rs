//! PUBSUB CHANNELS: the channels that somebody has subscribed to.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{
        Group, LOADING, PUBSUB, STALE, Session, SessionCommand, Spec, pubsub::about::optional_pattern,
        session::mailbox::Topic,
    },
};

/// `PUBSUB CHANNELS [pattern]`.
#[derive(Debug, Clone, Copy)]
pub struct PubSubChannels<'a> {
    pub pattern: Option<&'a [u8]>,
}

impl<'a> SessionCommand<'a> for PubSubChannels<'a> {
    const SPEC: Spec = Spec {
        id: 0x0B11,
        name: "PUBSUB|CHANNELS",
        usage: "[pattern]",
        arity: -2,
        flags: PUBSUB | LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::PubSub,
        since: "2.8.0",
        complexity: "O(N) where N is the number of active channels, and assuming constant time pattern matching (relatively short channels and patterns)",
        summary: "Returns the active channels.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        optional_pattern(args, "CHANNELS").map(|pattern| Self { pattern })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let names = session.server().channels(Topic::Channel, self.pattern);
        to.array(names.len());
        names.iter().for_each(|name| to.bytes(name));
        Ok(())
    }
}

crate::cmd::session_row!(PubSubChannels<'_>);
