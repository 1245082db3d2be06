//! EXEC: runs what MULTI has queued, as one step.
use crate::{
    base::{
        atom::{Arg, Args, atoms},
        emit::Sink,
        error::{Error, Kind, Result},
    },
    cmd::{
        CONNECTION, Group, IMMEDIATE, LOADING, NOSCRIPT, STALE, Session, SessionCommand, Spec,
        session::discarded,
        txn::steps::{self, Replies, Step},
    },
};

/// An array of replies.
struct InArray<'t>(&'t mut dyn Sink);

impl Replies for InArray<'_> {
    fn begin(&mut self, count: usize) {
        self.0.array(count);
    }
    fn next(&mut self) -> &mut dyn Sink {
        self.0
    }
    fn fail(&mut self, error: &Error) {
        self.0.error(error);
    }
}

/// `EXEC`.
#[derive(Debug, Clone, Copy)]
pub struct Exec;

impl<'a> SessionCommand<'a> for Exec {
    const SPEC: Spec = Spec {
        id: 0x0905,
        name: "EXEC",
        usage: "",
        arity: 1,
        flags: NOSCRIPT | LOADING | STALE | IMMEDIATE | CONNECTION,
        keys: (0, 0, 0),
        group: Group::Transactions,
        since: "1.2.0",
        complexity: "Depends on commands in the transaction",
        summary: "Executes all commands in a transaction.",
    };

    fn parse(_: &mut Args<'a>) -> Result<Self> {
        Ok(Self)
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let server = session.server();
        let Some(queue) = session.client().queue.take() else {
            return Err(Error::command("ERR EXEC without MULTI"));
        };
        let mut watching = std::mem::take(&mut session.client().watching);
        if queue.spoiled {
            server.unwatch(&mut watching);
            return Err(Error::command("EXECABORT Transaction discarded because of previous errors."));
        }
        let words: Vec<Vec<Arg<'_>>> = queue.commands.iter().map(|queued| atoms(&queued.words)).collect();
        let ready = queue.commands.iter().zip(&words);
        let steps: Vec<Step<'_>> = ready
            .map(|(queued, words)| Step::new(queued.row, words, Args::new(&words[queued.head..])))
            .collect();
        let who = session.client().card().id;
        let ran = steps::run(session, &steps, Some(&watching), who, &mut InArray(to));
        server.unwatch(&mut watching);
        if session.client().tracking.is_some() {
            server.forget_surplus();
        }
        let ran = ran.map_err(|error| if error.kind() == Kind::Busy { discarded(&error) } else { error });
        if !ran? {
            to.nil_array();
        }
        Ok(())
    }
}

crate::cmd::session_row!(Exec);
