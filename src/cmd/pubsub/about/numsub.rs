//! PUBSUB NUMSUB: how many have subscribed to channels.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{Group, LOADING, PUBSUB, STALE, Session, SessionCommand, Spec, session::mailbox::Topic},
};

/// `PUBSUB NUMSUB [channel [channel ...]]`: patterns are not counted.
#[derive(Debug, Clone)]
pub struct PubSubNumSub<'a> {
    pub names: Vec<&'a [u8]>,
}

impl<'a> SessionCommand<'a> for PubSubNumSub<'a> {
    const SPEC: Spec = Spec {
        id: 0x0B12,
        name: "PUBSUB|NUMSUB",
        usage: "[channel [channel ...]]",
        arity: -2,
        flags: PUBSUB | LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::PubSub,
        since: "2.8.0",
        complexity: "O(N) for the NUMSUB subcommand, where N is the number of requested channels",
        summary: "Returns a count of subscribers to channels.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { names: args.all_bytes()? })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let server = session.server();
        to.array(self.names.len() * 2);
        for name in &self.names {
            to.bytes(name);
            to.int(server.readers(Topic::Channel, name) as i64);
        }
        Ok(())
    }
}

crate::cmd::session_row!(PubSubNumSub<'_>);
