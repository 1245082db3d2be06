//! PUBSUB NUMPAT: how many patterns somebody has subscribed to.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{Group, LOADING, PUBSUB, STALE, Session, SessionCommand, Spec},
};

/// `PUBSUB NUMPAT`: a pattern counts once, whoever has subscribed to it.
#[derive(Debug, Clone, Copy)]
pub struct PubSubNumPat;

impl<'a> SessionCommand<'a> for PubSubNumPat {
    const SPEC: Spec = Spec {
        id: 0x0B13,
        name: "PUBSUB|NUMPAT",
        usage: "",
        arity: 2,
        flags: PUBSUB | LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::PubSub,
        since: "2.8.0",
        complexity: "O(1)",
        summary: "Returns a count of unique pattern subscriptions.",
    };

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let [_, patterns, _] = session.server().topic_counts();
        to.int(patterns as i64);
        Ok(())
    }
}

crate::cmd::session_row!(PubSubNumPat);
