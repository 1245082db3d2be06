//! CLIENT TRACKING: has the connection told of keys that change, so that it can cache them.
use crate::{
    base::{
        atom::Args,
        emit::Sink,
        error::{Error, Kind, Result},
    },
    cmd::{
        Group, LOADING, NOSCRIPT, STALE, Session, SessionCommand, Spec, WHOLE,
        session::tracking::{Mode, Tracker, Tracking, end},
    },
};
use std::{collections::BTreeSet, sync::Arc};

/// `CLIENT TRACKING <ON | OFF> [REDIRECT client-id] [PREFIX prefix ...] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]`.
#[derive(Debug, Clone)]
pub struct ClientTracking<'a> {
    /// The first word: it is looked at after all others.
    word: &'a [u8],
    /// The connection that is told in the place of this one. It has to be there, even to end it all.
    redirect: Option<i64>,
    /// What is wrong behind that: Redis looks for the connection first.
    trouble: Option<Error>,
    prefixes: Vec<&'a [u8]>,
    broadcast: bool,
    opt_in: bool,
    opt_out: bool,
    no_loop: bool,
}

fn overlaps(a: &[u8], b: &[u8]) -> bool {
    a.starts_with(b) || b.starts_with(a)
}

/// A prefix as an error quotes it: a NUL ends it.
fn quoted(prefix: &[u8]) -> String {
    let text: Vec<u8> = prefix.iter().copied().take_while(|byte| *byte != 0).collect();
    String::from_utf8_lossy(&text).into_owned()
}

#[cold]
fn overlap(prefix: &[u8], with: &str, other: &[u8]) -> Error {
    let (prefix, other) = (quoted(prefix), quoted(other));
    let text = format!(
        "ERR Prefix '{prefix}' overlaps with {with} '{other}'. Prefixes for a single client must not overlap."
    );
    Error::quoting(Kind::Command, text)
}

impl<'a> ClientTracking<'a> {
    /// The mode that was asked for, if it fits to itself and to what the connection does already.
    fn mode(&self, now: Option<&Tracking>) -> Result<Mode> {
        if !self.broadcast && !self.prefixes.is_empty() {
            return Err(Error::command("ERR PREFIX option requires BCAST mode to be enabled"));
        }
        if now.is_some_and(|now| (now.mode == Mode::Broadcast) != self.broadcast) {
            return Err(Error::command(
                "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling \
                 it with a different mode.",
            ));
        }
        if self.broadcast && (self.opt_in || self.opt_out) {
            return Err(Error::command("ERR OPTIN and OPTOUT are not compatible with BCAST"));
        }
        if self.opt_in && self.opt_out {
            return Err(Error::command("ERR You can't specify both OPTIN mode and OPTOUT mode"));
        }
        let before = now.map(|now| now.mode);
        if (self.opt_in && before == Some(Mode::OptOut)) || (self.opt_out && before == Some(Mode::OptIn)) {
            return Err(Error::command(
                "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling \
                 it with a different mode.",
            ));
        }
        Ok(match (self.broadcast, self.opt_in, self.opt_out) {
            (true, ..) => Mode::Broadcast,
            (_, true, _) => Mode::OptIn,
            (.., true) => Mode::OptOut,
            _ => Mode::Reads,
        })
    }

    /// Takes one option.
    fn option(&mut self, args: &mut Args<'a>) -> Result<()> {
        let flags = [
            ("BCAST", &mut self.broadcast),
            ("OPTIN", &mut self.opt_in),
            ("OPTOUT", &mut self.opt_out),
            ("NOLOOP", &mut self.no_loop),
        ];
        for (word, flag) in flags {
            if args.token(word) {
                *flag = true;
                return Ok(());
            }
        }
        let is_redirect = args.token("REDIRECT");
        if !(is_redirect || args.token("PREFIX")) || args.is_empty() {
            return Err(Error::syntax());
        }
        if !is_redirect {
            self.prefixes.push(args.bytes()?);
        } else if self.redirect.is_none() {
            self.redirect = Some(args.int()?);
        } else {
            return Err(Error::command("ERR A client can only redirect to a single other client"));
        }
        Ok(())
    }

    fn check_prefixes(&self, now: Option<&Tracking>) -> Result<()> {
        for (at, prefix) in self.prefixes.iter().enumerate() {
            let mut known = now.into_iter().flat_map(|now| &now.prefixes);
            if let Some(other) = known.find(|other| overlaps(other, prefix)) {
                return Err(overlap(prefix, "an existing prefix", other));
            }
            if let Some(other) = self.prefixes[at + 1..].iter().find(|other| overlaps(other, prefix)) {
                return Err(overlap(prefix, "another provided prefix", other));
            }
        }
        Ok(())
    }
}

impl<'a> SessionCommand<'a> for ClientTracking<'a> {
    const SPEC: Spec = Spec {
        id: 0x081D,
        name: "CLIENT|TRACKING",
        usage: "<ON | OFF> [REDIRECT client-id] [PREFIX prefix [PREFIX prefix ...]] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]",
        arity: -3,
        flags: NOSCRIPT | LOADING | STALE | WHOLE,
        keys: (0, 0, 0),
        group: Group::Connection,
        since: "6.0.0",
        complexity: "O(1). Some options may introduce additional complexity.",
        summary: "Controls server-assisted client-side caching for the connection.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let mut parsed = Self {
            word: args.bytes()?,
            redirect: None,
            trouble: None,
            prefixes: Vec::new(),
            broadcast: false,
            opt_in: false,
            opt_out: false,
            no_loop: false,
        };
        while !args.is_empty() && parsed.trouble.is_none() {
            parsed.trouble = parsed.option(args).err();
        }
        args.all_bytes()?;
        Ok(parsed)
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let server = session.server();
        let redirect = match self.redirect {
            None => 0,
            Some(id) => {
                let card = u64::try_from(id).ok().and_then(|id| server.card(id));
                let missing = || Error::command("ERR The client ID you want redirect to does not exist");
                card.ok_or_else(missing)?.id
            }
        };
        if let Some(trouble) = &self.trouble {
            return Err(trouble.clone());
        }
        if self.word.eq_ignore_ascii_case(b"OFF") {
            end(session);
            to.status("OK");
            return Ok(());
        }
        if !self.word.eq_ignore_ascii_case(b"ON") {
            return Err(Error::syntax());
        }
        if !session.client().is_connection() {
            return Err(Error::command("ERR CLIENT TRACKING needs a connection that can be told"));
        }
        let now = session.client().tracking.as_ref();
        let mode = self.mode(now)?;
        self.check_prefixes(now)?;
        // No prefix at all is the one of all keys.
        let new: &[&[u8]] = match &*self.prefixes {
            [] if self.broadcast => &[b""],
            given => given,
        };
        let mut prefixes: BTreeSet<_> = now.map(|now| now.prefixes.clone()).unwrap_or_default();
        let new: Vec<&[u8]> =
            new.iter().copied().filter(|prefix| prefixes.insert((*prefix).into())).collect();
        let tracker = Arc::new(Tracker::new(mode, self.no_loop, redirect));
        let card = Arc::clone(session.client().card());
        server.begin_tracking(session.gate(), &card, &tracker, &new)?;
        let client = session.client();
        // What CLIENT CACHING has said holds for what follows, whatever the options are now.
        let caching = client.tracking.as_ref().is_some_and(|before| before.caching);
        client.tracking = Some(Tracking { mode, tracker, prefixes, caching });
        to.status("OK");
        Ok(())
    }
}

crate::cmd::session_row!(ClientTracking<'_>);
