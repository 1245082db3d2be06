//! HELLO: chooses a protocol, says who one is, and learns who the other one is.
use crate::{
    base::{
        atom::Args,
        bytes::Bytes,
        emit::Sink,
        error::{Error, Kind, Result},
    },
    cmd::{
        ALLOW_BUSY, FAST, Group, LOADING, NO_AUTH, NOSCRIPT, SECRET, STALE, Session, SessionCommand, Spec,
        conn::auth::wrong_password, conn::client::valid_name, session::opens,
    },
};

/// The version of Redis whose commands these are: clients look at it before they use what is newer.
pub const REDIS_VERSION: &str = "7.4.0";

/// `HELLO [protover [AUTH username password] [SETNAME clientname]]`.
#[derive(Debug, Clone, Copy)]
pub struct Hello<'a> {
    pub protocol: Option<u8>,
    pub auth: Option<(&'a [u8], &'a [u8])>,
    pub name: Option<&'a [u8]>,
}

impl<'a> SessionCommand<'a> for Hello<'a> {
    const SPEC: Spec = Spec {
        id: 0x0805,
        name: "HELLO",
        usage: "[protover [AUTH username password] [SETNAME clientname]]",
        arity: -1,
        flags: FAST | NO_AUTH | LOADING | STALE | NOSCRIPT | ALLOW_BUSY | SECRET,
        keys: (0, 0, 0),
        group: Group::Connection,
        since: "6.0.0",
        complexity: "O(1)",
        summary: "Handshakes with the server.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let mut hello = Self { protocol: None, auth: None, name: None };
        if args.is_empty() {
            return Ok(hello);
        }
        let version =
            args.int_or(|| Error::command("ERR Protocol version is not an integer or out of range"))?;
        let version = u8::try_from(version).ok().filter(|version| matches!(version, 2 | 3));
        hello.protocol = Some(version.ok_or_else(|| Error::command("NOPROTO unsupported protocol version"))?);
        while !args.is_empty() {
            let option = args.bytes()?;
            if option.eq_ignore_ascii_case(b"AUTH") && args.len() >= 2 {
                hello.auth = Some((args.bytes()?, args.bytes()?));
            } else if option.eq_ignore_ascii_case(b"SETNAME") && !args.is_empty() {
                hello.name = Some(valid_name(args.bytes()?)?);
            } else {
                let text = [b"ERR Syntax error in HELLO option '", option, b"'"].concat();
                return Err(Error::quoting(Kind::Command, text));
            }
        }
        Ok(hello)
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let settings = session.server().settings();
        let client = session.client();
        if let Some((user, password)) = self.auth {
            if !opens(&settings, user, password) {
                return Err(wrong_password());
            }
            client.authenticated = true;
        }
        if !client.authenticated && !settings.requirepass.is_empty() {
            return Err(Error::command(
                "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH \
                 <user> <pass> option can be used to authenticate the client and select the RESP protocol version at \
                 the same time",
            ));
        }
        if let Some(name) = self.name {
            client.card().relabel(|labels| labels.name = Bytes::copy(name));
        }
        if let Some(protocol) = self.protocol {
            client.protocol = protocol;
            to.switch(protocol);
        }
        to.map(7);
        let word = |to: &mut dyn Sink, key: &str, value: &str| {
            to.bytes(key.as_bytes());
            to.bytes(value.as_bytes());
        };
        word(to, "server", "redis");
        word(to, "version", REDIS_VERSION);
        to.bytes(b"proto");
        to.int(client.protocol.into());
        to.bytes(b"id");
        to.int(client.card().id as i64);
        word(to, "mode", "standalone");
        word(to, "role", "master");
        to.bytes(b"modules");
        to.array(0);
        Ok(())
    }
}

crate::cmd::session_row!(Hello<'_>);
