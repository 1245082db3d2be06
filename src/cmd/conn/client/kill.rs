//! CLIENT KILL: ends connections.
use crate::{
    base::{
        atom::Args,
        emit::Sink,
        error::{Error, Result},
    },
    cmd::{
        ADMIN, Group, LOADING, NOSCRIPT, STALE, Session, SessionCommand, Spec, conn::client::filter::Filter,
        session::card::Card,
    },
};

/// `CLIENT KILL ip:port`, or `CLIENT KILL filter ...`: ends the connections that pass all filters.
#[derive(Debug, Clone)]
pub enum ClientKill<'a> {
    /// The connection of this address; also the own one.
    Address(&'a [u8]),
    /// All that pass; the own one only after `SKIPME NO`.
    Fitting(Filter<'a>),
}

impl<'a> SessionCommand<'a> for ClientKill<'a> {
    const SPEC: Spec = Spec {
        id: 0x0817,
        name: "CLIENT|KILL",
        usage: "<ip:port | <[TYPE <NORMAL | MASTER | REPLICA | PUBSUB>] [ID client-id [client-id ...]] [USER username] [ADDR ip:port] [LADDR ip:port] [SKIPME <YES | NO>] [MAXAGE maxage] [IDLE idle] [NAME client-name] [LIB-NAME lib-name] [LIB-VER lib-ver] [DB db-id] [FLAGS flags] [CAPA capa] [IP ip]>>",
        arity: -3,
        flags: ADMIN | NOSCRIPT | LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Connection,
        since: "2.4.0",
        complexity: "O(N) where N is the number of client connections",
        summary: "Terminates open connections.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        if args.len() == 1 {
            return Ok(Self::Address(args.bytes()?));
        }
        Ok(Self::Fitting(Filter::parse(args)?))
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let server = session.server();
        let now_ms = server.clock().now_ms();
        let own = session.client().card().id;
        let fits = |card: &Card| match self {
            Self::Address(address) => card.origin.addr.as_bytes() == *address,
            Self::Fitting(filter) => {
                !(filter.skip_me.unwrap_or(true) && card.id == own) && filter.fits(card, now_ms)
            }
        };
        let mut killed = 0;
        for card in server.cards().iter().filter(|card| fits(card)) {
            killed += 1;
            // The own connection still gets the reply.
            if card.id == own {
                session.client().closing = true;
            } else {
                card.kill();
            }
        }
        match self {
            Self::Address(_) if killed == 0 => return Err(Error::command("ERR No such client")),
            Self::Address(_) => to.status("OK"),
            Self::Fitting(_) => to.int(killed),
        }
        Ok(())
    }
}

crate::cmd::session_row!(ClientKill<'_>);
