//! CLIENT CACHING: whether the keys of the next command are remembered.
use crate::{
    base::{
        atom::Args,
        emit::Sink,
        error::{Error, Result},
    },
    cmd::{Group, LOADING, NOSCRIPT, STALE, Session, SessionCommand, Spec, session::tracking::Mode},
};

/// `CLIENT CACHING <YES | NO>`: holds for the next command, or for a whole transaction.
#[derive(Debug, Clone, Copy)]
pub struct ClientCaching<'a> {
    /// Looked at when the connection is known to track keys.
    pub word: &'a [u8],
}

impl<'a> SessionCommand<'a> for ClientCaching<'a> {
    const SPEC: Spec = Spec {
        id: 0x081E,
        name: "CLIENT|CACHING",
        usage: "<YES | NO>",
        arity: 3,
        flags: NOSCRIPT | LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Connection,
        since: "6.0.0",
        complexity: "O(1)",
        summary: "Instructs the server whether to track the keys in the next request.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { word: args.bytes()? })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let Some(tracking) = &mut session.client().tracking else {
            return Err(Error::command(
                "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode \
                 enabled",
            ));
        };
        if self.word.eq_ignore_ascii_case(b"YES") {
            if tracking.mode != Mode::OptIn {
                return Err(Error::command(
                    "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.",
                ));
            }
        } else if self.word.eq_ignore_ascii_case(b"NO") {
            if tracking.mode != Mode::OptOut {
                return Err(Error::command(
                    "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.",
                ));
            }
        } else {
            return Err(Error::syntax());
        }
        tracking.caching = true;
        to.status("OK");
        Ok(())
    }
}

crate::cmd::session_row!(ClientCaching<'_>);
