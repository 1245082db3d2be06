//! SUBSCRIBE: listens to channels.
use crate::cmd::{
    Group, LOADING, NOSCRIPT, PUBSUB, STALE, SUBSCRIBED, Spec,
    pubsub::subscriptions::{Join, Way},
    session::mailbox::Topic,
};

/// `SUBSCRIBE channel [channel ...]`.
#[derive(Debug, Clone, Copy)]
pub enum Subscribe {}

impl Way for Subscribe {
    const SPEC: Spec = Spec {
        id: 0x0B01,
        name: "SUBSCRIBE",
        usage: "channel [channel ...]",
        arity: -2,
        flags: PUBSUB | NOSCRIPT | LOADING | STALE | SUBSCRIBED,
        keys: (0, 0, 0),
        group: Group::PubSub,
        since: "2.0.0",
        complexity: "O(N) where N is the number of channels to subscribe to.",
        summary: "Listens for messages published to channels.",
    };
    const TOPIC: Topic = Topic::Channel;
    const WORD: &'static str = "subscribe";
}

crate::cmd::session_row!(Join<'_, Subscribe>);
