//! SSUBSCRIBE: listens to shard channels.
use crate::cmd::{
    Group, LOADING, NOSCRIPT, PUBSUB, STALE, SUBSCRIBED, Spec,
    pubsub::subscriptions::{Join, Way},
    session::mailbox::Topic,
};

/// `SSUBSCRIBE shardchannel [shardchannel ...]`.
#[derive(Debug, Clone, Copy)]
pub enum SSubscribe {}

impl Way for SSubscribe {
    const SPEC: Spec = Spec {
        id: 0x0B05,
        name: "SSUBSCRIBE",
        usage: "shardchannel [shardchannel ...]",
        arity: -2,
        flags: PUBSUB | NOSCRIPT | LOADING | STALE | SUBSCRIBED,
        keys: (1, -1, 1),
        group: Group::PubSub,
        since: "7.0.0",
        complexity: "O(N) where N is the number of shard channels to subscribe to.",
        summary: "Listens for messages published to shard channels.",
    };
    const TOPIC: Topic = Topic::Shard;
    const WORD: &'static str = "ssubscribe";
    const IN_MULTI: bool = false;
}

crate::cmd::session_row!(Join<'_, SSubscribe>);
