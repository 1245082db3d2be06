//! AUTH: opens a database that wants a password.
use crate::{
    base::{
        atom::Args,
        emit::Sink,
        error::{Error, Result},
    },
    cmd::{
        ALLOW_BUSY, FAST, Group, LOADING, NO_AUTH, NOSCRIPT, SECRET, STALE, Session, SessionCommand, Spec,
        session::opens,
    },
};

/// `AUTH [username] password`. There is one user, `default`.
#[derive(Debug, Clone, Copy)]
pub struct Auth<'a> {
    pub username: Option<&'a [u8]>,
    pub password: &'a [u8],
}

impl<'a> SessionCommand<'a> for Auth<'a> {
    const SPEC: Spec = Spec {
        id: 0x0803,
        name: "AUTH",
        usage: "[username] password",
        arity: -2,
        flags: FAST | NO_AUTH | LOADING | STALE | NOSCRIPT | ALLOW_BUSY | SECRET,
        keys: (0, 0, 0),
        group: Group::Connection,
        since: "1.0.0",
        complexity: "O(N) where N is the number of passwords defined for the user",
        summary: "Authenticates the connection.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let first = args.bytes()?;
        if args.is_empty() {
            return Ok(Self { username: None, password: first });
        }
        Ok(Self { username: Some(first), password: args.bytes()? })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let settings = session.server().settings();
        if self.username.is_none() && settings.requirepass.is_empty() {
            return Err(Error::command(
                "ERR AUTH <password> called without any password configured for the default user. Are you sure your \
                 configuration is correct?",
            ));
        }
        if !opens(&settings, self.username.unwrap_or(b"default"), self.password) {
            return Err(wrong_password());
        }
        session.client().authenticated = true;
        to.status("OK");
        Ok(())
    }
}

/// The answer to a wrong name or password: it does not tell which.
#[cold]
pub fn wrong_password() -> Error {
    Error::command("WRONGPASS invalid username-password pair or user is disabled.")
}

crate::cmd::session_row!(Auth<'_>);
