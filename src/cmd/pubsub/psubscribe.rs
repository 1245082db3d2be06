//! PSUBSCRIBE: listens to all channels that match patterns.
use crate::cmd::{
    Group, LOADING, NOSCRIPT, PUBSUB, STALE, SUBSCRIBED, Spec,
    pubsub::subscriptions::{Join, Way},
    session::mailbox::Topic,
};

/// `PSUBSCRIBE pattern [pattern ...]`.
#[derive(Debug, Clone, Copy)]
pub enum PSubscribe {}

impl Way for PSubscribe {
    const SPEC: Spec = Spec {
        id: 0x0B03,
        name: "PSUBSCRIBE",
        usage: "pattern [pattern ...]",
        arity: -2,
        flags: PUBSUB | NOSCRIPT | LOADING | STALE | SUBSCRIBED,
        keys: (0, 0, 0),
        group: Group::PubSub,
        since: "2.0.0",
        complexity: "O(N) where N is the number of patterns to subscribe to.",
        summary: "Listens for messages published to channels that match one or more patterns.",
    };
    const TOPIC: Topic = Topic::Pattern;
    const WORD: &'static str = "psubscribe";
}

crate::cmd::session_row!(Join<'_, PSubscribe>);
