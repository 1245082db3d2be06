//! SUNSUBSCRIBE: no longer listens to shard channels.
use crate::cmd::{
    Group, LOADING, NOSCRIPT, PUBSUB, STALE, SUBSCRIBED, Spec,
    pubsub::subscriptions::{Leave, Way},
    session::mailbox::Topic,
};

/// `SUNSUBSCRIBE [shardchannel [shardchannel ...]]`.
#[derive(Debug, Clone, Copy)]
pub enum SUnsubscribe {}

impl Way for SUnsubscribe {
    const SPEC: Spec = Spec {
        id: 0x0B06,
        name: "SUNSUBSCRIBE",
        usage: "[shardchannel [shardchannel ...]]",
        arity: -1,
        flags: PUBSUB | NOSCRIPT | LOADING | STALE | SUBSCRIBED,
        keys: (1, -1, 1),
        group: Group::PubSub,
        since: "7.0.0",
        complexity: "O(N) where N is the number of shard channels to unsubscribe.",
        summary: "Stops listening to messages posted to shard channels.",
    };
    const TOPIC: Topic = Topic::Shard;
    const WORD: &'static str = "sunsubscribe";
}

crate::cmd::session_row!(Leave<'_, SUnsubscribe>);
