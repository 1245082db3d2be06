//! CONFIG REWRITE: there is no file to rewrite.
use crate::{
    base::{
        atom::Args,
        emit::Sink,
        error::{Error, Result},
    },
    cmd::{ADMIN, Group, LOADING, NOSCRIPT, STALE, Session, SessionCommand, Spec},
};

/// `CONFIG REWRITE`. Always refused: a database has no configuration file.
#[derive(Debug, Clone, Copy)]
pub struct ConfigRewrite;

impl<'a> SessionCommand<'a> for ConfigRewrite {
    const SPEC: Spec = Spec {
        id: 0x0704,
        name: "CONFIG|REWRITE",
        usage: "",
        arity: 2,
        flags: ADMIN | NOSCRIPT | LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "2.8.0",
        complexity: "O(1)",
        summary: "Persists the effective configuration to file.",
    };

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, _: &mut dyn Session, _: &mut dyn Sink) -> Result<()> {
        Err(Error::command("ERR The server is running without a config file"))
    }
}

crate::cmd::session_row!(ConfigRewrite);
