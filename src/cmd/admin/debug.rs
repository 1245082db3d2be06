//! DEBUG: what tests need to see and do.
use crate::{
    base::{
        atom::Args,
        emit::Sink,
        error::{Error, Kind, Result},
        num,
        settings::DebugAccess,
    },
    cmd::{ADMIN, Group, LOADING, NOSCRIPT, Need, Reach, STALE, Session, SessionCommand, Spec},
    keyspace::{digest::Digest, view::encoding_of},
};
use std::time::Duration;

/// `DEBUG subcommand`. Only from this machine, unless `enable-debug-command` says otherwise.
#[derive(Debug, Clone)]
pub enum Debug<'a> {
    /// `DIGEST`: a digest of the keyspace, the same wherever its content is the same.
    Digest,
    /// `DIGEST-VALUE key [key ...]`: of values.
    DigestValue(Vec<&'a [u8]>),
    /// `ERROR text`: an error of this text.
    Error(&'a [u8]),
    Help,
    /// `OBJECT key`: how a value is kept.
    Object(&'a [u8]),
    /// `SET-ACTIVE-EXPIRE 0 | 1`: whether keys past their time are given back before somebody meets them.
    SetActiveExpire(bool),
    /// `SLEEP seconds`: holds the connection up; inside EXEC, everybody.
    Sleep(Duration),
}

const HELP: &[&str] = &[
    "DIGEST",
    "    Output a hex signature representing the current DB content.",
    "DIGEST-VALUE <key> [<key> ...]",
    "    Output a hex signature of the values of all the specified keys.",
    "ERROR <string>",
    "    Return a RESP protocol error with <string> as message. Useful for clients",
    "    unit tests to simulate error replies.",
    "OBJECT <key>",
    "    Show low level info about `key` and associated value.",
    "SET-ACTIVE-EXPIRE <0|1>",
    "    Setting it to 0 disables expiring keys in background when they are not",
    "    accessed (otherwise the behavior). Setting it to 1 reenables back the",
    "    default.",
    "SLEEP <seconds>",
    "    Stop this connection for <seconds>. Decimals allowed.",
];

/// The longest sleep, in seconds.
const SLEEP_S_MAX: f64 = 3600.0;

#[cold]
fn unknown(name: &[u8]) -> Error {
    let text = [b"ERR unknown subcommand or wrong number of arguments for '", name, b"'. Try DEBUG HELP."];
    Error::quoting(Kind::Command, text.concat())
}

/// How long to sleep: what is no number means no time, as in Redis.
fn sleep(text: &[u8]) -> Result<Duration> {
    let seconds = num::parse_float(text).unwrap_or(0.0).max(0.0);
    if seconds > SLEEP_S_MAX {
        return Err(Error::command("ERR nobody sleeps for more than 3600 seconds"));
    }
    Duration::try_from_secs_f64(seconds).map_err(|_| Error::not_a_float())
}

impl<'a> SessionCommand<'a> for Debug<'a> {
    const SPEC: Spec = Spec {
        id: 0x0733,
        name: "DEBUG",
        usage: "<DIGEST | DIGEST-VALUE key [key ...] | ERROR message | HELP | OBJECT key | \
                SET-ACTIVE-EXPIRE on | SLEEP seconds>",
        arity: -2,
        flags: ADMIN | NOSCRIPT | LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "1.0.0",
        complexity: "Depends on subcommand.",
        summary: "A container for debugging commands.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let name = args.bytes()?;
        let rest = args.all_bytes()?;
        match (name.to_ascii_uppercase().as_slice(), rest.as_slice()) {
            (b"DIGEST", []) => Ok(Self::Digest),
            (b"DIGEST-VALUE", _) => Ok(Self::DigestValue(rest)),
            (b"ERROR", [text]) => Ok(Self::Error(text)),
            (b"HELP", []) => Ok(Self::Help),
            (b"OBJECT", [key]) => Ok(Self::Object(key)),
            (b"SET-ACTIVE-EXPIRE", [on]) => Ok(Self::SetActiveExpire(num::parse_int(on).unwrap_or(0) != 0)),
            (b"SLEEP", [seconds]) => Ok(Self::Sleep(sleep(seconds)?)),
            _ => Err(unknown(name)),
        }
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        allowed(session)?;
        match self {
            Self::Digest => to.status(&digest(session)?.to_string()),
            Self::DigestValue(keys) => {
                let digests = digests_of(session, keys)?;
                to.array(digests.len());
                digests.iter().for_each(|digest| to.status(&digest.to_string()));
            }
            Self::Error(text) => return Err(Error::quoting(Kind::Command, *text)),
            Self::Help => crate::cmd::help::write("DEBUG", HELP, to),
            Self::Object(key) => to.status(&object(session, key)?),
            Self::SetActiveExpire(on) => {
                session.server().set_active_expire(*on);
                to.status("OK");
            }
            Self::Sleep(duration) => {
                std::thread::sleep(*duration);
                to.status("OK");
            }
        }
        Ok(())
    }
}

fn allowed(session: &mut dyn Session) -> Result<()> {
    let allowed = match session.server().settings().enable_debug_command {
        DebugAccess::Nobody => false,
        DebugAccess::Local => session.client().card().origin.local,
        DebugAccess::Everybody => true,
    };
    if allowed {
        return Ok(());
    }
    Err(Error::command(
        "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a \
         local connection, otherwise you need to set this option in the configuration file, and then restart the \
         server.",
    ))
}

fn digest(session: &dyn Session) -> Result<Digest> {
    let mut digest = Digest::default();
    let need = Need { spec: &Debug::SPEC, reach: Reach::All, keys: &[], other_db: None };
    session.gate().pass(need, &mut |view, _| {
        digest = view.digest();
        Ok(())
    })?;
    Ok(digest)
}

fn digests_of(session: &dyn Session, keys: &[&[u8]]) -> Result<Vec<Digest>> {
    let mut digests = Vec::new();
    let need = Need { spec: &Debug::SPEC, reach: Reach::Keys, keys, other_db: None };
    session.gate().pass(need, &mut |view, _| {
        digests = keys.iter().map(|key| view.digest_of(key)).collect();
        Ok(())
    })?;
    Ok(digests)
}

fn object(session: &dyn Session, key: &[u8]) -> Result<String> {
    let mut text = String::new();
    let need = Need { spec: &Debug::SPEC, reach: Reach::Keys, keys: &[key], other_db: None };
    session.gate().pass(need, &mut |view, _| {
        let encoding = view.peek(key).map(encoding_of).ok_or_else(Error::no_such_key)?;
        let (bytes, idle_s) = (view.memory_of(key).unwrap_or(0), view.idle_s(key).unwrap_or(0));
        text = format!("Value refcount:1 encoding:{encoding} memory:{bytes} lru_seconds_idle:{idle_s}");
        Ok(())
    })?;
    Ok(text)
}

crate::cmd::session_row!(Debug<'_>);
