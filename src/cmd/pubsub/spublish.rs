//! SPUBLISH: sends a message to whoever has subscribed to a shard channel.
use crate::{
    base::{atom::Args, error::Result},
    cmd::{Command, FAST, Group, LOADING, PUBSUB, STALE, Spec},
    keyspace::{notes::Audience, view::View},
};

/// `SPUBLISH shardchannel message`.
#[derive(Debug, Clone, Copy)]
pub struct SPublish<'a> {
    pub channel: &'a [u8],
    pub message: &'a [u8],
}

impl<'a> Command<'a> for SPublish<'a> {
    const SPEC: Spec = Spec {
        id: 0x0B08,
        name: "SPUBLISH",
        usage: "shardchannel message",
        arity: 3,
        flags: PUBSUB | LOADING | STALE | FAST,
        keys: (1, 1, 1),
        group: Group::PubSub,
        since: "7.0.0",
        complexity: "O(N) where N is the number of clients subscribed to the receiving shard channel.",
        summary: "Post a message to a shard channel",
    };

    /// The number of subscriptions that get it.
    type Owned = usize;
    type Out<'k> = usize;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { channel: args.bytes()?, message: args.bytes()? })
    }

    fn keys(&self, _: &mut dyn FnMut(&'a [u8])) {}

    /// It is delivered when the step ends: the command, EXEC, the batch, the transaction.
    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<usize> {
        Ok(view.publish(Audience::Shard, self.channel, self.message))
    }
}

crate::cmd::row!(SPublish<'_>);
