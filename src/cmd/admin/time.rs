//! TIME: what the database takes for the time.
use crate::{
    base::{atom::Args, emit::Sink, error::Result},
    cmd::{FAST, Group, LOADING, STALE, Session, SessionCommand, Spec},
};

/// `TIME`: seconds of Unix time, and the microseconds of the current one.
#[derive(Debug, Clone, Copy)]
pub struct Time;

impl<'a> SessionCommand<'a> for Time {
    const SPEC: Spec = Spec {
        id: 0x0730,
        name: "TIME",
        usage: "",
        arity: 1,
        flags: LOADING | STALE | FAST,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "2.6.0",
        complexity: "O(1)",
        summary: "Returns the server time.",
    };

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let now_us = session.server().clock().now_us();
        to.array(2);
        to.bytes((now_us / 1_000_000).to_string().as_bytes());
        to.bytes((now_us % 1_000_000).to_string().as_bytes());
        Ok(())
    }
}

crate::cmd::session_row!(Time);
