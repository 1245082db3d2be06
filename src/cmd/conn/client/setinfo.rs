//! CLIENT SETINFO: the library that made the connection, and its version.
use crate::{
    base::{
        atom::Args,
        bytes::Bytes,
        emit::Sink,
        error::{Error, Kind, Result},
    },
    cmd::{ALLOW_BUSY, Group, LOADING, NOSCRIPT, STALE, Session, SessionCommand, Spec},
};

/// `CLIENT SETINFO <LIB-NAME libname | LIB-VER libver>`.
#[derive(Debug, Clone, Copy)]
pub struct ClientSetInfo<'a> {
    pub attribute: Attribute,
    pub value: &'a [u8],
}

/// What can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    LibName,
    LibVer,
}

impl<'a> SessionCommand<'a> for ClientSetInfo<'a> {
    const SPEC: Spec = Spec {
        id: 0x0814,
        name: "CLIENT|SETINFO",
        usage: "<LIB-NAME libname | LIB-VER libver>",
        arity: 4,
        flags: NOSCRIPT | LOADING | STALE | ALLOW_BUSY,
        keys: (0, 0, 0),
        group: Group::Connection,
        since: "7.2.0",
        complexity: "O(1)",
        summary: "Sets information specific to the client or connection.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let (name, value) = (args.bytes()?, args.bytes()?);
        let attribute = if name.eq_ignore_ascii_case(b"LIB-NAME") {
            Attribute::LibName
        } else if name.eq_ignore_ascii_case(b"LIB-VER") {
            Attribute::LibVer
        } else {
            return Err(Error::quoting(Kind::Command, [b"ERR Unrecognized option '", name, b"'"].concat()));
        };
        if !super::is_plain(value) {
            let text = [b"ERR ", name, b" cannot contain spaces, newlines or special characters."].concat();
            return Err(Error::quoting(Kind::Command, text));
        }
        Ok(Self { attribute, value })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        session.client().card().relabel(|labels| match self.attribute {
            Attribute::LibName => labels.lib_name = Bytes::copy(self.value),
            Attribute::LibVer => labels.lib_ver = Bytes::copy(self.value),
        });
        to.status("OK");
        Ok(())
    }
}

crate::cmd::session_row!(ClientSetInfo<'_>);
