//! CONFIG SET: changes parameters, all of them or none.
use crate::{
    base::{
        atom::Args,
        emit::Sink,
        error::{Error, Kind, Result},
        settings::Settings,
    },
    cmd::{
        ADMIN, Group, LOADING, NOSCRIPT, Need, Reach, STALE, Session, SessionCommand, Spec,
        admin::config::parameter::{Set, find},
    },
};

/// `CONFIG SET parameter value [parameter value ...]`.
#[derive(Clone)]
pub struct ConfigSet<'a> {
    changes: Vec<Change<'a>>,
}

/// A parameter that can be changed, and the value it shall have.
#[derive(Clone, Copy)]
struct Change<'a> {
    name: &'a [u8],
    set: Set,
    value: &'a [u8],
}

#[cold]
fn refused(name: &[u8], reason: &str) -> Error {
    let start = b"ERR CONFIG SET failed (possibly related to argument '";
    Error::quoting(Kind::Command, [start, name, b"') - ", reason.as_bytes()].concat())
}

#[cold]
fn unknown(name: &[u8]) -> Error {
    let start = b"ERR Unknown option or number of arguments for CONFIG SET - '";
    Error::quoting(Kind::Command, [start, name, b"'"].concat())
}

impl<'a> SessionCommand<'a> for ConfigSet<'a> {
    const SPEC: Spec = Spec {
        id: 0x0702,
        name: "CONFIG|SET",
        usage: "parameter value [parameter value ...]",
        arity: -4,
        flags: ADMIN | NOSCRIPT | LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "2.0.0",
        complexity: "O(N) when N is the number of configuration parameters provided",
        summary: "Sets configuration parameters in-flight.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        if !args.len().is_multiple_of(2) {
            return Err(Error::syntax());
        }
        let mut changes: Vec<Change<'a>> = Vec::new();
        while !args.is_empty() {
            let (name, value) = (args.bytes()?, args.bytes()?);
            let parameter = find(name).ok_or_else(|| unknown(name))?;
            let set = parameter.set.ok_or_else(|| refused(name, "can't set immutable config"))?;
            // Under both of its names a parameter counts as two, as in Redis.
            if changes.iter().any(|change| change.name.eq_ignore_ascii_case(name)) {
                return Err(refused(name, "duplicate parameter"));
            }
            changes.push(Change { name, set, value });
        }
        Ok(Self { changes })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let server = session.server();
        let before = server.settings();
        let mut after = server.settings();
        self.apply(&mut after)?;
        if before.for_stripes() == after.for_stripes() {
            server.set(&mut |settings| self.apply(settings))?;
        } else {
            // Every stripe keeps these itself.
            let need = Need { spec: &Self::SPEC, reach: Reach::All, keys: &[], other_db: None };
            session.gate().pass(need, &mut |view, _| {
                server.set(&mut |settings| self.apply(settings))?;
                view.configure(server.settings().for_stripes());
                Ok(())
            })?;
        }
        to.status("OK");
        Ok(())
    }
}

impl ConfigSet<'_> {
    fn apply(&self, settings: &mut Settings) -> Result<()> {
        self.changes.iter().try_for_each(|Change { name, set, value }| {
            set(settings, value).map_err(|reason| refused(&name.to_ascii_lowercase(), &reason))
        })
    }
}

crate::cmd::session_row!(ConfigSet<'_>);
