//! EXEC: runs what MULTI has queued, as one step.
use crate::{
    base::{
        atom::{Arg, Args, atoms},
        emit::Sink,
        error::{Error, Kind, Result},
    },
    cmd::{
        Exec as How, Gate, Group, IMMEDIATE, LOADING, NOSCRIPT, Op, Reach, STALE, Session, SessionCommand,
        Spec, WHOLE,
        session::{Client, Locked, Queued, Server, Together, discarded, monitor, tracking},
    },
};
use std::sync::Arc;

/// `EXEC`.
#[derive(Debug, Clone, Copy)]
pub struct Exec;

/// A queued command, made ready before any lock is taken.
enum Step<'a> {
    Keys(&'static Spec, Box<dyn Op<'a> + 'a>),
    Session(&'static Spec, fn(&mut dyn Session, Args<'_>, &mut dyn Sink) -> Result<()>, Args<'a>),
    /// Its arguments are wrong: that is its reply, and the others run.
    Wrong(Error),
}

/// The session inside EXEC: the same connection, whose gate holds the locks already.
struct Inside<'s> {
    session: &'s mut dyn Session,
    gate: &'s dyn Locked,
}

impl Session for Inside<'_> {
    fn client(&mut self) -> &mut Client {
        self.session.client()
    }
    fn gate(&self) -> &dyn Gate {
        // A `Locked` is a `Gate`.
        self.gate
    }
    fn server(&self) -> Arc<dyn Server> {
        self.session.server()
    }
    fn select(&mut self, db: u32) {
        self.session.select(db);
        self.gate.select(db);
    }
    fn is_monitored(&self) -> bool {
        self.session.is_monitored()
    }
    fn is_within(&self) -> bool {
        true
    }
}

fn ready<'a>(queued: &Queued, args: &'a [Arg<'a>]) -> Step<'a> {
    let args = Args::new(args);
    match queued.row.exec {
        How::Keys { plan, .. } => plan(args).map_or_else(Step::Wrong, |op| Step::Keys(queued.row.spec, op)),
        How::Session(run) => Step::Session(queued.row.spec, run, args),
        How::Container => Step::Wrong(Error::syntax()),
    }
}

/// What the steps need together.
fn reach<'a>(steps: &[Step<'a>], keys: &mut Vec<&'a [u8]>) -> Reach {
    let mut reach = Reach::Keys;
    for step in steps {
        match step {
            Step::Keys(_, op) if op.reach() == Reach::Keys => op.keys(&mut |key| keys.push(key)),
            // One about the server may ask for anything, through the gate; one about the connection asks for nothing,
            // except when it says so.
            Step::Session(spec, ..) if spec.group != Group::Server && !spec.has(WHOLE) => {}
            Step::Keys(..) | Step::Session(..) => reach = Reach::All,
            Step::Wrong(_) => {}
        }
    }
    reach
}

impl<'a> SessionCommand<'a> for Exec {
    const SPEC: Spec = Spec {
        id: 0x0905,
        name: "EXEC",
        usage: "",
        arity: 1,
        flags: NOSCRIPT | LOADING | STALE | IMMEDIATE,
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
        let atoms: Vec<Vec<Arg<'_>>> = queue.commands.iter().map(|q| atoms(&q.args)).collect();
        let steps: Vec<Step<'_>> =
            queue.commands.iter().zip(&atoms).map(|(q, args)| ready(q, args)).collect();
        let mut keys = Vec::new();
        let reach = reach(&steps, &mut keys);
        let client = session.client();
        let (db, touch, durable) = (client.db, !client.no_touch, client.durable);
        let who = client.card().id;
        let need = Together { db, reach, keys: &keys, watching: Some(&watching), touch, durable, who };
        let ran = server.together(need, &mut |gate| {
            to.array(steps.len());
            for (step, queued) in steps.iter().zip(&queue.commands) {
                let mut inside = Inside { session, gate };
                let shown = inside.is_monitored() && monitor::shows(queued.row.spec);
                let result = match step {
                    Step::Keys(spec, op) => {
                        if inside.client().remembers(spec) {
                            tracking::remember(&mut inside, &**op);
                        }
                        let line = shown.then(|| queued.line(inside.client()));
                        monitor::through(gate, line, |gate| op.exec(gate, to))
                    }
                    Step::Session(_, run, args) => {
                        let result = run(&mut inside, *args, to);
                        if shown {
                            let line = queued.line(inside.client());
                            monitor::say(gate, line);
                        }
                        result
                    }
                    Step::Wrong(error) => Err(error.clone()),
                };
                if let Err(error) = result {
                    to.error(&error);
                }
            }
        });
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
