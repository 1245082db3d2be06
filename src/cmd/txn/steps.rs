//! Several commands as one step: what EXEC and batches run.
//!
//! ```text
//!   words ─▶ Step: found and parsed ─▶ run: one lock for all keys ─▶ each on the gate that is held ─▶ an array of replies
//! ```
use crate::{
    base::{
        atom::{Arg, Args},
        emit::Sink,
        error::{Error, Result},
    },
    cmd::{
        Exec, Gate, Group, Op, Reach, Row, Session, WHOLE,
        session::{Client, Locked, Server, Together, Watching, monitor, tracking},
    },
};
use std::sync::Arc;

/// A command, made ready before any lock is taken.
pub struct Step<'a> {
    row: &'static Row,
    /// All its words.
    argv: &'a [Arg<'a>],
    what: What<'a>,
}

enum What<'a> {
    Keys(Box<dyn Op<'a> + 'a>),
    Session(fn(&mut dyn Session, Args<'_>, &mut dyn Sink) -> Result<()>, Args<'a>),
    /// Its arguments are wrong: that is its reply, and the others run.
    Wrong(Error),
}

impl<'a> Step<'a> {
    /// The command `row`, with `args` behind its name; `argv` is all of it.
    pub fn new(row: &'static Row, argv: &'a [Arg<'a>], args: Args<'a>) -> Self {
        let what = match row.exec {
            Exec::Keys { plan, .. } => plan(args).map_or_else(What::Wrong, What::Keys),
            Exec::Session(run) => What::Session(run, args),
            Exec::Container => What::Wrong(Error::syntax()),
        };
        Self { row, argv, what }
    }

    /// What is wrong with its arguments, as far as is known before it runs.
    pub fn fault(&self) -> Option<&Error> {
        match &self.what {
            What::Wrong(error) => Some(error),
            _ => None,
        }
    }

    /// Runs it and writes exactly one reply, or returns its error.
    fn run(&self, inside: &mut Inside<'_>, to: &mut dyn Sink) -> Result<()> {
        let shown = inside.is_monitored() && monitor::shows(self.row.spec);
        match &self.what {
            What::Keys(op) => {
                if inside.client().remembers(self.row.spec) {
                    tracking::remember(inside, &**op);
                }
                let line = shown.then(|| monitor::line(inside.client(), self.row.spec, self.argv));
                monitor::through(inside.gate, line, |gate| op.exec(gate, to))
            }
            What::Session(run, args) => {
                let result = run(inside, *args, to);
                if shown {
                    let line = monitor::line(inside.client(), self.row.spec, self.argv);
                    monitor::say(inside.gate, line);
                }
                result
            }
            What::Wrong(error) => Err(error.clone()),
        }
    }
}

/// The session inside the step: the same connection, whose gate holds the locks already.
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

/// What the steps need together.
fn reach<'a>(steps: &[Step<'a>], keys: &mut Vec<&'a [u8]>) -> Reach {
    let mut reach = Reach::Keys;
    for step in steps {
        match &step.what {
            What::Keys(op) if op.reach() == Reach::Keys => op.keys(&mut |key| keys.push(key)),
            // One about the server may ask for anything, through the gate; one about the connection asks for nothing,
            // except when it says so.
            What::Session(..) if step.row.spec.group != Group::Server && !step.row.spec.has(WHOLE) => {}
            What::Keys(..) | What::Session(..) => reach = Reach::All,
            What::Wrong(_) => {}
        }
    }
    reach
}

/// Where the replies go.
pub trait Replies {
    /// So many will come.
    fn begin(&mut self, count: usize);
    /// The place of the next one.
    fn next(&mut self) -> &mut dyn Sink;
    /// The next one is an error instead, whatever was written to its place.
    fn fail(&mut self, error: &Error);
}

/// Runs the steps as one, for whom `who` is the number of, and writes their replies. False: a watched key has changed, nothing was
/// run and nothing is written.
///
/// # Errors
/// Why no step could be taken; or, when all was written already, why it could not be kept.
pub fn run(
    session: &mut dyn Session,
    steps: &[Step<'_>],
    watching: Option<&Watching>,
    who: u64,
    to: &mut dyn Replies,
) -> Result<bool> {
    let mut keys = Vec::new();
    let reach = reach(steps, &mut keys);
    let server = session.server();
    let client = session.client();
    let (db, touch, durable) = (client.db, !client.no_touch, client.durable);
    let need = Together { db, reach, keys: &keys, watching, touch, durable, who };
    server.together(need, &mut |gate| {
        to.begin(steps.len());
        for step in steps {
            if let Err(error) = step.run(&mut Inside { session, gate }, to.next()) {
                to.fail(&error);
            }
        }
    })
}
