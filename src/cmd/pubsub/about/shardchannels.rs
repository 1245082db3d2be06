//! PUBSUB SHARDCHANNELS: the shard channels that somebody has subscribed to.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{
        Group, LOADING, PUBSUB, STALE, Session, SessionCommand, Spec, pubsub::about::optional_pattern,
        session::mailbox::Topic,
    },
};

/// `PUBSUB SHARDCHANNELS [pattern]`.
#[derive(Debug, Clone, Copy)]
pub struct PubSubShardChannels<'a> {
    pub pattern: Option<&'a [u8]>,
}

impl<'a> SessionCommand<'a> for PubSubShardChannels<'a> {
    const SPEC: Spec = Spec {
        id: 0x0B14,
        name: "PUBSUB|SHARDCHANNELS",
        usage: "[pattern]",
        arity: -2,
        flags: PUBSUB | LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::PubSub,
        since: "7.0.0",
        complexity: "O(N) where N is the number of active shard channels, and assuming constant time pattern matching (relatively short shard channels).",
        summary: "Returns the active shard channels.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        optional_pattern(args, "SHARDCHANNELS").map(|pattern| Self { pattern })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let names = session.server().channels(Topic::Shard, self.pattern);
        to.array(names.len());
        names.iter().for_each(|name| to.bytes(name));
        Ok(())
    }
}

crate::cmd::session_row!(PubSubShardChannels<'_>);
