//! PUNSUBSCRIBE: no longer listens to channels that match patterns.
use crate::cmd::{
    Group, LOADING, NOSCRIPT, PUBSUB, STALE, SUBSCRIBED, Spec,
    pubsub::subscriptions::{Leave, Way},
    session::mailbox::Topic,
};

/// `PUNSUBSCRIBE [pattern [pattern ...]]`.
#[derive(Debug, Clone, Copy)]
pub enum PUnsubscribe {}

impl Way for PUnsubscribe {
    const SPEC: Spec = Spec {
        id: 0x0B04,
        name: "PUNSUBSCRIBE",
        usage: "[pattern [pattern ...]]",
        arity: -1,
        flags: PUBSUB | NOSCRIPT | LOADING | STALE | SUBSCRIBED,
        keys: (0, 0, 0),
        group: Group::PubSub,
        since: "2.0.0",
        complexity: "O(N) where N is the number of patterns to unsubscribe.",
        summary: "Stops listening to messages published to channels that match one or more patterns.",
    };
    const TOPIC: Topic = Topic::Pattern;
    const WORD: &'static str = "punsubscribe";
}

crate::cmd::session_row!(Leave<'_, PUnsubscribe>);
