//! SCRIPT DEBUG: there is no debugger.
use super::spec;
use crate::{
    base::{
        atom::Args,
        emit::Sink,
        error::{Error, Result},
    },
    cmd::{Session, SessionCommand, Spec},
};

/// `SCRIPT DEBUG YES | SYNC | NO`. There is no debugger to switch on; it is off.
#[derive(Debug, Clone, Copy)]
pub enum ScriptDebug {
    On,
    Off,
}

impl<'a> SessionCommand<'a> for ScriptDebug {
    const SPEC: Spec = spec(
        (0x0C11, "SCRIPT|DEBUG", "YES | SYNC | NO"),
        -3,
        0,
        "3.2.0",
        ["O(1)", "Sets the debug mode of server-side Lua scripts."],
    );

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        if args.token("NO") {
            Ok(Self::Off)
        } else if args.token("YES") || args.token("SYNC") {
            Ok(Self::On)
        } else {
            Err(Error::command("ERR Use SCRIPT DEBUG YES/SYNC/NO"))
        }
    }

    fn run(&self, _: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        match self {
            Self::On => Err(Error::command("ERR there is no debugger for scripts")),
            Self::Off => {
                to.status("OK");
                Ok(())
            }
        }
    }
}

crate::cmd::session_row!(ScriptDebug);
