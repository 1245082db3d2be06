//! CLIENT LIST: the open connections.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{
        ADMIN, Group, LOADING, NOSCRIPT, STALE, Session, SessionCommand, Spec,
        conn::client::{filter::Filter, line::line},
    },
};

/// `CLIENT LIST [filter ...]`: the connections that pass all filters.
#[derive(Debug, Clone)]
pub struct ClientList<'a> {
    pub filter: Filter<'a>,
}

impl<'a> SessionCommand<'a> for ClientList<'a> {
    const SPEC: Spec = Spec {
        id: 0x0816,
        name: "CLIENT|LIST",
        usage: "[TYPE <NORMAL | MASTER | REPLICA | PUBSUB>] [ID client-id [client-id ...]] [USER username] [ADDR ip:port] [LADDR ip:port] [SKIPME <YES | NO>] [MAXAGE maxage] [IDLE idle] [NAME client-name] [LIB-NAME lib-name] [LIB-VER lib-ver] [DB db-id] [FLAGS flags] [CAPA capa] [IP ip]",
        arity: -2,
        flags: ADMIN | NOSCRIPT | LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Connection,
        since: "2.4.0",
        complexity: "O(N) where N is the number of client connections",
        summary: "Lists open connections.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { filter: Filter::parse(args)? })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let server = session.server();
        let now_ms = server.clock().now_ms();
        let own = session.client().card().id;
        let skips_own = self.filter.skip_me.unwrap_or(false);
        let mut text = Vec::new();
        for card in server.cards() {
            if !(skips_own && card.id == own) && self.filter.fits(&card, now_ms) {
                line(&card, now_ms, &mut text);
            }
        }
        to.verbatim("txt", &text);
        Ok(())
    }
}

crate::cmd::session_row!(ClientList<'_>);
