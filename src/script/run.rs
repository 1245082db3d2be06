//! One run of a script: the step that it is, and the commands that it calls.
use super::{
    Scripts,
    cache::{Script, write_sha},
    inward::Inward,
    lib::redis::{self, CALL, MAY_CALL, PCALL, SET_RESP, push_error},
    outward::{self, error_of},
    running::{Progress, Running},
};
use crate::{
    base::{
        atom::Arg,
        bytes::Bytes,
        emit::Sink,
        error::{Error, Kind as ErrorKind, Result},
        host,
        num::Text,
    },
    cmd::{
        Exec, Gate, NOSCRIPT, PUBSUB, Reach, Row, resolve,
        session::{Call, Client, Locked, Server, Session, Together, monitor, tracking},
    },
};
use std::{
    cell::{Cell, RefCell},
    sync::Arc,
};
use tenondb_lua::{Failure, Frame, Host, Kind, Raise};

/// Commands of a script between two looks at how long it has run.
const CALLS_PER_LOOK: u32 = 32;

/// The session of a script's commands: the gate that is held, and a client of its own, in whose database a SELECT is forgotten with it.
struct Inside<'s> {
    outer: &'s mut dyn Session,
    /// The step that was taken for the script; `None`: it runs in another's, EXEC's or a transaction's.
    held: Option<&'s dyn Locked>,
    /// Made when a command asks for it, which few do.
    client: Option<Client>,
    db: u32,
}

impl Session for Inside<'_> {
    fn client(&mut self) -> &mut Client {
        let db = self.db;
        self.client.get_or_insert_with(|| Client::of_call(db))
    }
    fn gate(&self) -> &dyn Gate {
        match self.held {
            // A `Locked` is a `Gate`.
            Some(held) => held,
            None => self.outer.gate(),
        }
    }
    fn server(&self) -> Arc<dyn Server> {
        self.outer.server()
    }
    fn select(&mut self, db: u32) {
        self.db = db;
        if let Some(client) = &mut self.client {
            client.db = db;
        }
        match self.held {
            Some(held) => held.select(db),
            None => self.outer.select(db),
        }
    }
    fn is_monitored(&self) -> bool {
        self.outer.is_monitored()
    }
    fn is_within(&self) -> bool {
        true
    }
}

/// A script that runs, as its natives find it.
struct Run<'r, 's> {
    inside: RefCell<Inside<'s>>,
    running: &'r Running,
    progress: &'r Progress,
    /// Milliseconds after which others are told that they would wait (0: never), once they were asked for.
    threshold_ms: Cell<Option<u64>>,
    /// Commands that were called.
    calls: Cell<u32>,
    is_read_only: bool,
    protocol: Cell<u8>,
}

/// What the natives of `redis` do that need who runs the script.
pub fn ask(frame: &mut Frame<'_>, what: u32) -> Result<usize, Raise> {
    match frame.host() {
        Some(host) => host.call(what, frame),
        None => Err(Raise::text("redis.call can be called by a script that runs")),
    }
}

impl Host for Run<'_, '_> {
    fn call(&self, what: u32, frame: &mut Frame<'_>) -> Result<usize, Raise> {
        match what {
            CALL | PCALL => self.command(frame, what == CALL),
            SET_RESP => self.set_resp(frame),
            MAY_CALL => may_call(frame),
            _ => Err(Raise::text("there is no such function")),
        }
    }

    fn look(&self) {
        let threshold_ms = self.threshold_ms.get().unwrap_or_else(|| {
            let settings = self.inside.try_borrow().map(|inside| inside.server().settings());
            settings.map_or(0, |settings| settings.busy_reply_threshold)
        });
        self.threshold_ms.set(Some(threshold_ms));
        self.running.is_long(threshold_ms);
        if host::stops_script() {
            self.progress.stop();
        }
    }
}

/// The words of a command that a script calls.
fn words<'f>(frame: &mut Frame<'f>) -> Result<Vec<Arg<'f>>, Raise> {
    let count = frame.len();
    if count == 0 {
        return Err(redis::raise(frame, b"ERR Please specify at least one argument for this call"));
    }
    let mut words = Vec::with_capacity(count);
    for at in 1..=count as i32 {
        if let Some(number) = frame.number(at) {
            // As a string of Lua's, it lives as long as the others.
            frame.push_bytes(&number_text(number))?;
            frame.replace(at);
        }
        match frame.bytes(at) {
            Some(word) => words.push(Arg::Bytes(word)),
            None => return Err(redis::raise(frame, b"ERR Command arguments must be strings or integers")),
        }
    }
    Ok(words)
}

/// A number as an argument: all its digits, no exponent while it is an integer that has 64 bits.
fn number_text(number: f64) -> Text {
    const HALF: f64 = 4_611_686_018_427_387_904.0;
    if number.fract() == 0.0 && (-HALF..=HALF).contains(&number) {
        return Text::int(number as i64);
    }
    Text::float(number)
}

/// Finds a command, in the words that a script is told when there is none.
fn find<'a>(argv: &'a [Arg<'a>]) -> Result<(&'static Row, crate::base::atom::Args<'a>)> {
    resolve(argv).map_err(|error| {
        if error.text().starts_with(b"ERR unknown") {
            Error::command("ERR Unknown command called from script")
        } else {
            Error::command("ERR Wrong number of args calling command from script")
        }
    })
}

fn may_call(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    let words = words(frame)?;
    if find(&words).is_err() {
        return Err(redis::raise(frame, b"ERR Invalid command passed to server.acl_check_cmd()"));
    }
    // There is one user, who may do everything.
    frame.push_bool(true)?;
    Ok(1)
}

impl Run<'_, '_> {
    fn set_resp(&self, frame: &mut Frame<'_>) -> Result<usize, Raise> {
        if frame.len() != 1 {
            return Err(redis::raise(frame, b"ERR server.setresp() requires one argument."));
        }
        match frame.to_number(1).unwrap_or_default() as i64 {
            version @ (2 | 3) => self.protocol.set(version as u8),
            _ => return Err(redis::raise(frame, b"ERR RESP version must be 2 or 3.")),
        }
        Ok(0)
    }

    /// Runs a command and pushes its reply; an error is raised, or pushed like any other.
    fn command(&self, frame: &mut Frame<'_>, raises: bool) -> Result<usize, Raise> {
        let words = match words(frame) {
            // What `pcall` is told it gets as a value, also of its own arguments.
            Err(Raise::Top) if !raises => return Ok(1),
            words => words?,
        };
        frame.truncate(0);
        let mut reply = Inward::new(frame, self.protocol.get());
        let error = match self.carry_out(&words, &mut reply) {
            Ok(()) => {
                if reply.finish()? && raises {
                    return Err(Raise::Top);
                }
                return Ok(1);
            }
            Err(error) => error,
        };
        frame.truncate(0);
        push_error(frame, error.text())?;
        frame.push_bool(true)?;
        frame.raw_set_field(-2, b"ignore_error_stats_update")?;
        if raises { Err(Raise::Top) } else { Ok(1) }
    }

    fn carry_out(&self, argv: &[Arg<'_>], to: &mut dyn Sink) -> Result<()> {
        self.calls.set(self.calls.get().wrapping_add(1));
        if self.calls.get().is_multiple_of(CALLS_PER_LOOK) {
            // Slow ones are few between two visits of the hook.
            self.look();
        }
        let (row, args) = find(argv)?;
        if row.spec.has(NOSCRIPT) {
            return Err(Error::command("ERR This Valkey command is not allowed from script"));
        }
        let publishes = row.spec.has(PUBSUB) && matches!(row.exec, Exec::Keys { .. });
        if self.is_read_only && (row.spec.is_write() || publishes) {
            return Err(Error::command("ERR Write commands are not allowed from read-only scripts."));
        }
        if row.spec.is_write() && !self.progress.write() {
            return Err(stopped());
        }
        let mut inside = self.inside.try_borrow_mut().map_err(|_| {
            Error::new(ErrorKind::Internal, "ERR internal error: a command called a script's command")
        })?;
        let line = (inside.is_monitored() && monitor::shows(row.spec))
            .then(|| monitor::line_of_script(inside.db, row.spec, argv));
        match row.exec {
            Exec::Keys { run, plan, .. } => {
                if inside.outer.client().remembers(row.spec)
                    && let Ok(op) = plan(args)
                {
                    tracking::remember(inside.outer, &*op);
                }
                monitor::through(inside.gate(), line, |gate| run(gate, args, to))
            }
            Exec::Session(run) => {
                if let Some(line) = line {
                    monitor::say(inside.gate(), line);
                }
                inside.client().protocol = self.protocol.get();
                run(&mut *inside, args, to)
            }
            Exec::Container => Err(Error::syntax()),
        }
    }
}

/// The error of a script that SCRIPT KILL has ended.
fn stopped() -> Error {
    Error::command("ERR Script killed by user with SCRIPT KILL.")
}

/// Runs a script as a step of its own, or as a part of the step that EXEC has taken.
pub fn run(
    scripts: &Scripts,
    session: &mut dyn Session,
    script: &Script,
    call: &Call<'_>,
    to: &mut dyn Sink,
) -> Result<()> {
    let server = session.server();
    let client = session.client();
    let (db, touch, durable) = (client.db, !client.no_touch, client.durable);
    let who = client.known_card().map_or(0, |card| card.id);
    let tracks = client.tracking.is_some();
    let line = session.is_monitored().then(|| own_line(session.client(), script, call));
    let within = session.is_within();
    let mut ended = Ok(());
    let mut step = |session: &mut dyn Session, held: Option<&dyn Locked>| {
        if let Some(line) = &line {
            match held {
                Some(held) => monitor::say(held, line.clone()),
                None => monitor::say(session.gate(), line.clone()),
            }
        }
        let inside = Inside { outer: session, held, client: None, db };
        ended = play(scripts, script, call, inside, to);
    };
    if within {
        step(session, None);
        session.select(db);
    } else {
        let need = Together { db, reach: Reach::All, keys: &call.keys, watching: None, touch, durable, who };
        server.together(need, &mut |held| step(session, Some(held)))?;
        if tracks {
            server.forget_surplus();
        }
    }
    ended
}

/// What is shown of the script's own command to who monitors.
fn own_line(client: &Client, script: &Script, call: &Call<'_>) -> Bytes {
    let sha = write_sha(&script.sha);
    let source = match call.source {
        crate::cmd::session::Source::Text(text) => text,
        crate::cmd::session::Source::Sha(_) => sha.as_bytes(),
    };
    let name = call.spec.name.to_ascii_lowercase();
    let count = call.keys.len().to_string();
    let words: Vec<Arg<'_>> = [name.as_bytes(), source, count.as_bytes()]
        .into_iter()
        .chain(call.keys.iter().copied())
        .chain(call.args.iter().copied())
        .map(Arg::Bytes)
        .collect();
    monitor::line(client, call.spec, &words)
}

/// Runs a script on the locks that are held.
fn play(
    scripts: &Scripts,
    script: &Script,
    call: &Call<'_>,
    inside: Inside<'_>,
    to: &mut dyn Sink,
) -> Result<()> {
    let entered = scripts.running.enter(!inside.outer.is_apart())?;
    let progress = Arc::clone(&entered.progress);
    let mut machine = scripts.pool.take()?;
    let chunk = machine.compiled(script)?;
    let run = Run {
        inside: RefCell::new(inside),
        running: &scripts.running,
        progress: &progress,
        threshold_ms: Cell::new(None),
        calls: Cell::new(0),
        is_read_only: call.is_read_only || script.flags.is_some_and(|flags| flags.no_writes),
        protocol: Cell::new(2),
    };
    machine.state.prepare(|frame| scripts.random.lend(frame));
    let words = [&call.keys[..], &call.args[..]];
    let ended = machine.state.run(chunk, words, &run, progress.flag(), |frame, ended| {
        scripts.random.take_back(frame);
        if progress.is_stopped() && ended.is_ok() {
            // It has caught what it was stopped with, and come to its end.
            return Err(stopped());
        }
        ended.map_err(|failure| raised(frame, failure))?;
        reply(frame, run.protocol.get(), to)
    });
    // A machine that a panic went through is not given back.
    scripts.pool.give(machine);
    ended
}

/// Writes the result of a script.
fn reply(frame: &mut Frame<'_>, protocol: u8, to: &mut dyn Sink) -> Result<()> {
    if frame.kind(-1) == Kind::Table && frame.raw_get_field(-1, b"err").is_ok() {
        if let Some(text) = frame.bytes(-1) {
            return Err(error_of(text));
        }
        frame.pop(1);
    }
    outward::write(frame, protocol, to)
}

/// The error that ended a script.
#[cold]
fn raised(frame: &mut Frame<'_>, failure: Failure) -> Error {
    if failure == Failure::Plain {
        let text = frame.to_bytes(-1).unwrap_or(b"execution failure");
        let kind = if text == b"not enough memory" { ErrorKind::Limit } else { ErrorKind::Command };
        return Error::quoting(kind, [&b"ERR Error running script, "[..], text].concat());
    }
    let table = frame.len() as i32;
    let mut field = |name: &[u8]| {
        frame.raw_get_field(table, name).ok()?;
        frame.to_bytes(-1).map(<[u8]>::to_vec)
    };
    let mut text = field(b"err").unwrap_or_else(|| b"ERR unknown error".to_vec());
    if let (Some(source), Some(line)) = (field(b"source"), field(b"line")) {
        text.extend([&b" script: on "[..], &source, b":", &line, b"."].concat());
    }
    error_of(&text)
}
