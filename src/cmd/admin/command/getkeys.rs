//! COMMAND GETKEYS: the keys of a command.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{Group, LOADING, STALE, Session, SessionCommand, Spec, admin::command::keys},
};

/// `COMMAND GETKEYS command [arg [arg ...]]`.
#[derive(Debug, Clone)]
pub struct CommandGetKeys<'a> {
    pub argv: Vec<&'a [u8]>,
}

impl<'a> SessionCommand<'a> for CommandGetKeys<'a> {
    const SPEC: Spec = Spec {
        id: 0x0715,
        name: "COMMAND|GETKEYS",
        usage: "command [arg [arg ...]]",
        arity: -3,
        flags: LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "2.8.13",
        complexity: "O(N) where N is the number of arguments to the command",
        summary: "Extracts the key names from an arbitrary command.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { argv: args.all_bytes()? })
    }

    fn run(&self, _: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let (_, keys) = keys::of(&self.argv)?;
        to.array(keys.len());
        keys.iter().for_each(|key| to.bytes(key));
        Ok(())
    }
}

crate::cmd::session_row!(CommandGetKeys<'_>);
