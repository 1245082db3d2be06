//! UNSUBSCRIBE: no longer listens to channels.
use crate::cmd::{
    Group, LOADING, NOSCRIPT, PUBSUB, STALE, SUBSCRIBED, Spec,
    pubsub::subscriptions::{Leave, Way},
    session::mailbox::Topic,
};

/// `UNSUBSCRIBE [channel [channel ...]]`.
#[derive(Debug, Clone, Copy)]
pub enum Unsubscribe {}

impl Way for Unsubscribe {
    const SPEC: Spec = Spec {
        id: 0x0B02,
        name: "UNSUBSCRIBE",
        usage: "[channel [channel ...]]",
        arity: -1,
        flags: PUBSUB | NOSCRIPT | LOADING | STALE | SUBSCRIBED,
        keys: (0, 0, 0),
        group: Group::PubSub,
        since: "2.0.0",
        complexity: "O(N) where N is the number of channels to unsubscribe.",
        summary: "Stops listening to messages posted to channels.",
    };
    const TOPIC: Topic = Topic::Channel;
    const WORD: &'static str = "unsubscribe";
}

crate::cmd::session_row!(Leave<'_, Unsubscribe>);
