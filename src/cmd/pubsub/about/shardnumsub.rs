//! PUBSUB SHARDNUMSUB: how many have subscribed to shard channels.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{Group, LOADING, PUBSUB, STALE, Session, SessionCommand, Spec, session::mailbox::Topic},
};

/// `PUBSUB SHARDNUMSUB [shardchannel [shardchannel ...]]`: patterns are not counted.
#[derive(Debug, Clone)]
pub struct PubSubShardNumSub<'a> {
    pub names: Vec<&'a [u8]>,
}

impl<'a> SessionCommand<'a> for PubSubShardNumSub<'a> {
    const SPEC: Spec = Spec {
        id: 0x0B15,
        name: "PUBSUB|SHARDNUMSUB",
        usage: "[shardchannel [shardchannel ...]]",
        arity: -2,
        flags: PUBSUB | LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::PubSub,
        since: "7.0.0",
        complexity: "O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels",
        summary: "Returns the count of subscribers of shard channels.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { names: args.all_bytes()? })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let server = session.server();
        to.array(self.names.len() * 2);
        for name in &self.names {
            to.bytes(name);
            to.int(server.readers(Topic::Shard, name) as i64);
        }
        Ok(())
    }
}

crate::cmd::session_row!(PubSubShardNumSub<'_>);
