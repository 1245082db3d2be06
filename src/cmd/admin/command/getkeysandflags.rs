//! COMMAND GETKEYSANDFLAGS: the keys of a command, and what it does to them.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{
        Group, LOADING, STALE, Session, SessionCommand, Spec,
        admin::command::{access, describe, keys},
    },
};

/// `COMMAND GETKEYSANDFLAGS command [arg [arg ...]]`.
#[derive(Debug, Clone)]
pub struct CommandGetKeysAndFlags<'a> {
    pub argv: Vec<&'a [u8]>,
}

impl<'a> SessionCommand<'a> for CommandGetKeysAndFlags<'a> {
    const SPEC: Spec = Spec {
        id: 0x0716,
        name: "COMMAND|GETKEYSANDFLAGS",
        usage: "command [arg [arg ...]]",
        arity: -3,
        flags: LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "7.0.0",
        complexity: "O(N) where N is the number of arguments to the command",
        summary: "Extracts the key names and access flags for an arbitrary command.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { argv: args.all_bytes()? })
    }

    fn run(&self, _: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let (row, keys) = keys::of(&self.argv)?;
        to.array(keys.len());
        for (nth, key) in keys.iter().enumerate() {
            to.array(2);
            to.bytes(key);
            describe::words(to, access::of_call(row.spec, &self.argv, nth));
        }
        Ok(())
    }
}

crate::cmd::session_row!(CommandGetKeysAndFlags<'_>);
