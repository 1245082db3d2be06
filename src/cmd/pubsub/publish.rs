//! PUBLISH: sends a message to whoever has subscribed to a channel.
use crate::{
    base::{atom::Args, error::Result},
    cmd::{Command, FAST, Group, LOADING, PUBSUB, STALE, Spec},
    keyspace::{notes::Audience, view::View},
};

/// `PUBLISH channel message`.
#[derive(Debug, Clone, Copy)]
pub struct Publish<'a> {
    pub channel: &'a [u8],
    pub message: &'a [u8],
}

impl<'a> Command<'a> for Publish<'a> {
    const SPEC: Spec = Spec {
        id: 0x0B07,
        name: "PUBLISH",
        usage: "channel message",
        arity: 3,
        flags: PUBSUB | LOADING | STALE | FAST,
        keys: (0, 0, 0),
        group: Group::PubSub,
        since: "2.0.0",
        complexity: "O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number of subscribed patterns (by any client).",
        summary: "Posts a message to a channel.",
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
        Ok(view.publish(Audience::Channel, self.channel, self.message))
    }
}

crate::cmd::row!(Publish<'_>);
