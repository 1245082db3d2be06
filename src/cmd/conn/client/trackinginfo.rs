//! CLIENT TRACKINGINFO: what the connection has said by CLIENT TRACKING.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{
        Group, LOADING, NOSCRIPT, STALE, Session, SessionCommand, Spec,
        conn::client::line::redirection,
        session::tracking::{Mode, Tracking},
    },
};

/// `CLIENT TRACKINGINFO`.
#[derive(Debug, Clone, Copy)]
pub struct ClientTrackingInfo;

fn flags(tracking: Option<&Tracking>) -> Vec<&'static str> {
    let Some(tracking) = tracking else { return vec!["off"] };
    let words = [
        (true, "on"),
        (tracking.mode == Mode::Broadcast, "bcast"),
        (tracking.mode == Mode::OptIn, "optin"),
        (tracking.mode == Mode::OptIn && tracking.caching, "caching-yes"),
        (tracking.mode == Mode::OptOut, "optout"),
        (tracking.mode == Mode::OptOut && tracking.caching, "caching-no"),
        (tracking.tracker.skips_own, "noloop"),
        (tracking.tracker.is_lost(), "broken_redirect"),
    ];
    words.into_iter().filter(|(is_set, _)| *is_set).map(|(_, word)| word).collect()
}

impl<'a> SessionCommand<'a> for ClientTrackingInfo {
    const SPEC: Spec = Spec {
        id: 0x0820,
        name: "CLIENT|TRACKINGINFO",
        usage: "",
        arity: 2,
        flags: NOSCRIPT | LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Connection,
        since: "6.2.0",
        complexity: "O(1)",
        summary: "Returns information about server-assisted client-side caching for the connection.",
    };

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let client = session.client();
        let redirect = redirection(client.card());
        let tracking = client.tracking.as_ref();
        let flags = flags(tracking);
        to.map(3);
        to.bytes(b"flags");
        to.set(flags.len());
        flags.iter().for_each(|flag| to.bytes(flag.as_bytes()));
        to.bytes(b"redirect");
        to.int(redirect);
        to.bytes(b"prefixes");
        to.array(tracking.map_or(0, |tracking| tracking.prefixes.len()));
        tracking.into_iter().flat_map(|tracking| &tracking.prefixes).for_each(|prefix| to.bytes(prefix));
        Ok(())
    }
}

crate::cmd::session_row!(ClientTrackingInfo);
