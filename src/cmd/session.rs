//! Commands about the connection: what they may see of it, and of the engine behind it.
//!
//! A session command never touches keys by itself: it goes through [`Session::gate`], like everybody. Inside
//! EXEC that gate holds all its locks already, which is why the engine gives a session no other way to the keyspace.
pub mod card;
mod client;
pub mod mailbox;
pub mod monitor;
mod persistence;
#[cfg(feature = "lua")]
mod scripts;
pub mod tracking;

use super::{
    ALLOW_BUSY, CONNECTION, Exec, Gate, IMMEDIATE, NO_AUTH, NO_MULTI, PUBSUB, Reach, Row, SUBSCRIBED, Spec,
    resolve,
    wait::{Patience, Tried, TryFn},
};
use crate::base::{
    atom::{Arg, Args},
    clock::Clock,
    emit::Sink,
    error::{Error, Kind, Result},
    limits::DATABASES,
    settings::Settings,
};
use card::Card;
pub use client::{Client, Queue, Queued, Replies, WatchedKey, Watching};
use mailbox::{Mailbox, Name, Topic};
pub use persistence::{LogState, Persistence, SaveHow, Saved};
#[cfg(feature = "lua")]
pub use scripts::{Call, SHA_DIGITS, Scripts, Source};
use std::{collections::BTreeSet, sync::Arc};
use tracking::Tracker;

/// A command about the connection.
pub trait SessionCommand<'a>: Sized {
    const SPEC: Spec;
    /// Reads the arguments.
    fn parse(args: &mut Args<'a>) -> Result<Self>;
    /// Carries the command out and writes exactly one reply; on an error nothing is written.
    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()>;
}

/// A connection, as its commands see it: RESP connections have one, and so does every `db.call`.
pub trait Session {
    /// The state of the connection.
    fn client(&mut self) -> &mut Client;
    /// The way to the keys, in the connection's database.
    fn gate(&self) -> &dyn Gate;
    /// The engine.
    fn server(&self) -> Arc<dyn Server>;
    /// Goes to another database, which must be below [`DATABASES`].
    fn select(&mut self, db: u32);
    /// Parks the caller of a command that waits. He is answered through `to` when that is over, if his thread can wait
    /// for it, and otherwise later.
    fn park(&mut self, parking: Parking<'_>, to: &mut dyn Sink) -> Result<()> {
        // Commands that several are run together with never wait.
        let _ = (parking, to);
        Err(Error::new(Kind::Internal, "ERR internal error: nobody can wait here"))
    }
    /// Tells whether somebody is shown the commands that are run.
    fn is_monitored(&self) -> bool {
        false
    }
    /// Tells whether a script has all keys for so long that others are not to wait for it.
    fn is_busy(&self) -> bool {
        false
    }
    /// Tells whether the command is one of several: of EXEC's, a batch's, a transaction's.
    fn is_within(&self) -> bool {
        false
    }
    /// Tells whether it is a transaction's whose gate has no keys locked.
    fn is_apart(&self) -> bool {
        false
    }
}

/// A command that waits.
pub struct Parking<'a> {
    pub row: &'static Row,
    pub attempt: TryFn,
    pub args: Args<'a>,
    pub patience: Patience,
}

/// A gate that holds its locks over several commands.
pub trait Locked: Gate {
    /// The commands that follow run in database `db`.
    fn select(&self, db: u32);
}

/// What several commands together need.
pub struct Together<'a> {
    pub db: u32,
    pub reach: Reach,
    pub keys: &'a [&'a [u8]],
    /// The step is not taken when one of these keys has changed.
    pub watching: Option<&'a Watching>,
    /// False: reading a key does not count as using it.
    pub touch: bool,
    /// The step is on the disk for good before its result is known.
    pub durable: bool,
    /// The connection whose step it is; 0: none.
    pub who: u64,
}

/// What is known of the scripts, for INFO.
#[derive(Debug, Clone, Copy, Default)]
pub struct ScriptReport {
    pub cached: usize,
    /// Bytes of the cached texts.
    pub text_bytes: usize,
    /// Bytes that the interpreters use.
    pub interpreter_bytes: usize,
    /// Scripts that were forgotten because others were used more recently.
    pub evicted: u64,
}

/// What the engine counts, for INFO.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Seconds since the database was opened.
    pub uptime_s: u64,
    /// Unlike any other run of any other process.
    pub run_id: String,
    pub connections_received: u64,
    pub connections_rejected: u64,
    /// Commands that were not about keys: those are counted where the keys are.
    pub session_commands: u64,
    pub input_bytes: u64,
    pub output_bytes: u64,
    /// Connections that were closed because they left too much unread, or sent too much unfinished.
    pub output_limit_disconnections: u64,
    pub query_limit_disconnections: u64,
    /// Keys that connections have read and would be told of, how many readers they have in all, prefixes that are watched.
    pub tracking: [usize; 3],
    /// Callers that wait for keys.
    pub blocked_clients: usize,
    /// Removed values that are not freed yet.
    pub pending_frees: usize,
    pub scripts: ScriptReport,
    /// The most memory that was seen in use, in bytes.
    pub peak_bytes: u64,
    /// The memory of the whole process in bytes, where the system tells it.
    pub resident_bytes: Option<u64>,
    /// Processor time of the whole process in seconds, in the kernel and outside, where the system tells it.
    pub cpu_s: Option<(f64, f64)>,
}

/// The engine, as sessions see it.
pub trait Server: Send + Sync {
    /// Locks everything that is asked for and runs `body` as one step. False: a watched key has changed, and
    /// `body` was not run.
    fn together(&self, need: Together<'_>, body: &mut dyn FnMut(&dyn Locked)) -> Result<bool>;
    /// Watches `key` from now on, or fails because a script has it for too long.
    fn watch(&self, watching: &mut Watching, db: u32, key: &[u8]) -> Result<()>;
    /// Ends all watching.
    fn unwatch(&self, watching: &mut Watching);
    /// The clock.
    fn clock(&self) -> &Clock;
    /// Subscribes a reader to `name`. False: it was already.
    fn subscribe(&self, topic: Topic, reader: &Arc<Mailbox>, name: &[u8]) -> bool;
    /// Ends a subscription. False: there was none.
    fn unsubscribe(&self, topic: Topic, reader: &Arc<Mailbox>, name: &[u8]) -> bool;
    /// Ends all subscriptions of a reader.
    fn leave(&self, reader: &Arc<Mailbox>);
    /// The channels that somebody has subscribed to and whose names match.
    fn channels(&self, topic: Topic, pattern: Option<&[u8]>) -> Vec<Name>;
    /// The number of readers of this very channel.
    fn readers(&self, topic: Topic, name: &[u8]) -> usize;
    /// The numbers of channels, patterns and shard channels that somebody has subscribed to.
    fn topic_counts(&self) -> [usize; 3];
    /// Tells a connection of changed keys from now on: of those it reads, or of those that begin with `prefixes` – these are
    /// added to what it has. `gate` is its own.
    fn begin_tracking(
        &self,
        gate: &dyn Gate,
        card: &Arc<Card>,
        tracker: &Arc<Tracker>,
        prefixes: &[&[u8]],
    ) -> Result<()>;
    /// Ends what [`Server::begin_tracking`] began, with all the prefixes.
    fn end_tracking(&self, gate: &dyn Gate, card: &Arc<Card>, prefixes: &BTreeSet<Name>);
    /// Shows a reader all commands from now on. False: it was shown them already.
    fn monitor(&self, reader: &Arc<Mailbox>) -> bool;
    /// Ends what [`Server::monitor`] began.
    fn end_monitor(&self, reader: &Arc<Mailbox>);
    /// Remembers that the connection of this id is about to read `key`.
    fn remember(&self, id: u64, key: &[u8]);
    /// Forgets keys when more than `tracking-table-max-keys` are remembered. No lock is held.
    fn forget_surplus(&self);
    /// The open connection of this id.
    fn card(&self, id: u64) -> Option<Arc<Card>>;
    /// The open connections, in the order of their ids.
    fn cards(&self) -> Vec<Arc<Card>>;
    /// What is set at the moment.
    fn settings(&self) -> Settings;
    /// Lets `change` change the settings; when it fails they stay as they are. It does not reach the limits that
    /// stripes keep themselves: those are changed through a gate.
    fn set(&self, change: &mut dyn FnMut(&mut Settings) -> Result<()>) -> Result<()>;
    /// Its scripts.
    #[cfg(feature = "lua")]
    fn scripts(&self) -> &dyn Scripts;
    /// What was counted; `used_bytes` are in use at this moment.
    fn report(&self, used_bytes: usize) -> Report;
    /// Starts counting again.
    fn reset_report(&self);
    /// Keys that are past their time are given back in the background, or only when they are met.
    fn set_active_expire(&self, on: bool);
    /// Takes a snapshot, or has one taken.
    fn save(&self, how: SaveHow) -> Result<Saved>;
    /// How snapshots and the log are.
    fn persistence(&self) -> Persistence;
    /// Tells whether everything written so far is on the disk for good; with `wait` that is seen to first. `None`: there
    /// is no log.
    fn synced(&self, wait: bool) -> Option<bool>;
}

/// The error of a script that is not known.
#[cfg(feature = "lua")]
#[cold]
pub fn no_script() -> Error {
    Error::command("NOSCRIPT No matching script.")
}

/// Tells whether `password` opens the database. The time it takes does not tell how much of it is right.
pub fn opens(settings: &Settings, user: &[u8], password: &[u8]) -> bool {
    let right = &settings.requirepass;
    let differ = right.iter().zip(password).fold(0, |differ, (a, b)| differ | (a ^ b));
    user == b"default" && (right.is_empty() || (differ == 0 && right.len() == password.len()))
}

/// Reads the number of a database, or fails with Redis's text.
pub fn database(args: &mut Args<'_>) -> Result<u32> {
    let db = args.int_or(Error::not_an_integer)?;
    if i32::try_from(db).is_err() {
        return Err(Error::command(
            "ERR value is out of range, value must between -2147483648 and 2147483647",
        ));
    }
    in_range(db)
}

/// Takes the number of a database, or fails with Redis's text.
pub fn in_range(db: i64) -> Result<u32> {
    let db = u32::try_from(db).ok().filter(|db| (*db as usize) < DATABASES);
    db.ok_or_else(|| Error::command("ERR DB index is out of range"))
}

/// Carries out one command of a session and writes exactly one reply: the command's, `QUEUED`, or an error; or none yet,
/// when the session has parked it. Whether it is sent is left in [`Client::muted`].
pub fn dispatch(session: &mut dyn Session, argv: &[Arg<'_>], to: &mut dyn Sink) {
    let client = session.client();
    client.muted = client.replies != Replies::On;
    if client.replies == Replies::SkipNext {
        client.replies = Replies::On;
    }
    if let Err(error) = try_dispatch(session, argv, to) {
        to.error(&error);
    }
    session.client().end_caching(true);
}

fn try_dispatch(session: &mut dyn Session, argv: &[Arg<'_>], to: &mut dyn Sink) -> Result<()> {
    let resolved = resolve(argv);
    let Ok((row, args)) = resolved else {
        return resolved.map(|_| ()).map_err(|error| refused(session, argv, error));
    };
    session.client().command = Some(row.spec);
    if !session.client().authenticated && !row.spec.has(NO_AUTH) {
        check_password(session)?;
    }
    if !row.spec.has(ALLOW_BUSY) && session.is_busy() {
        session.client().spoil();
        return Err(of_exec(session, argv, busy()));
    }
    let client = session.client();
    if row.spec.has(CONNECTION) && !client.is_connection() {
        return Err(without_connection(row.spec));
    }
    if client.queue.is_some() && row.spec.has(NO_MULTI) {
        client.spoil();
        return Err(not_allowed(row.spec, "a transaction"));
    }
    if client.subscribed && client.protocol == 2 && !row.spec.has(SUBSCRIBED) {
        client.spoil();
        return Err(of_exec(session, argv, only_about_subscriptions(row.spec)));
    }
    if client.monitors && monitor::is_refused(row) {
        client.spoil();
        return Err(Error::command("ERR Replica can't interact with the keyspace"));
    }
    if let Some(queue) = &mut client.queue
        && !row.spec.has(IMMEDIATE)
    {
        let (words, head) = (Args::new(argv).to_words()?, argv.len() - args.len());
        queue.bytes += words[head..].iter().map(|arg| arg.len()).sum::<usize>();
        queue.commands.push(Queued { row, words, head });
        client.publish();
        to.status("QUEUED");
        return Ok(());
    }
    let shown = session.is_monitored() && monitor::shows(row.spec);
    let client = session.client();
    if client.remembers(row.spec)
        && let Exec::Keys { plan, .. } = row.exec
    {
        tracking::remember_planned(session, plan, args);
    }
    match row.exec {
        Exec::Keys { attempt: Some(attempt), .. } => {
            let line = shown.then(|| monitor::line(session.client(), row.spec, argv));
            match monitor::through(session.gate(), line, |gate| attempt(gate, args, false, to))? {
                Tried::Done((), _) => Ok(()),
                Tried::Waits(patience) => session.park(Parking { row, attempt, args, patience }, to),
            }
        }
        Exec::Keys { run, .. } => {
            if row.spec.has(PUBSUB)
                && let Some(card) = session.client().known_card()
            {
                // It locks nothing that could count it.
                card.count_command();
            }
            let line = shown.then(|| monitor::line(session.client(), row.spec, argv));
            monitor::through(session.gate(), line, |gate| run(gate, args, to))
        }
        Exec::Session(run) => {
            let client = session.client();
            client.card().count_command();
            client.publish();
            let result = run(session, args, to);
            session.client().publish();
            if shown {
                let line = monitor::line(session.client(), row.spec, argv);
                monitor::say(session.gate(), line);
            }
            result
        }
        Exec::Container => Err(Error::syntax()),
    }
}

/// The error of a command that would have to wait for a script that has run for too long.
#[cold]
pub fn busy() -> Error {
    Error::new(
        Kind::Busy,
        "BUSY Valkey is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
    )
}

/// The error of a command that several are not run together with.
#[cold]
pub fn not_allowed(spec: &Spec, inside: &str) -> Error {
    let name = spec.name.to_ascii_lowercase();
    Error::quoting(Kind::Command, format!("ERR Command '{name}' not allowed inside {inside}"))
}

/// Done all the same, it would have changed nothing for what follows.
#[cold]
fn without_connection(spec: &Spec) -> Error {
    let name = spec.name.to_ascii_lowercase();
    let text = format!(
        "ERR '{name}' needs a connection and a call has none: use a transaction, a batch, or another handle"
    );
    Error::quoting(Kind::Command, text)
}

#[cold]
fn only_about_subscriptions(spec: &Spec) -> Error {
    let name = spec.name.to_ascii_lowercase();
    let text = format!(
        "ERR Can't execute '{name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in \
         this context"
    );
    Error::quoting(Kind::Command, text)
}

/// A connection that was opened while a password was wanted may go on without when none is wanted any more.
#[cold]
fn check_password(session: &mut dyn Session) -> Result<()> {
    let wanted = !session.server().settings().requirepass.is_empty();
    let client = session.client();
    if wanted {
        client.spoil();
        return Err(Error::command("NOAUTH Authentication required."));
    }
    Ok(())
}

/// The error of a command that is not known, or has too few or too many arguments. An EXEC of that kind still ends
/// the transaction.
#[cold]
fn refused(session: &mut dyn Session, argv: &[Arg<'_>], error: Error) -> Error {
    if !session.client().authenticated
        && let Err(error) = check_password(session)
    {
        return error;
    }
    let client = session.client();
    client.spoil();
    client.end_caching(false);
    of_exec(session, argv, error)
}

/// The error of a command that is refused: when it is EXEC, that ends the transaction.
#[cold]
fn of_exec(session: &mut dyn Session, argv: &[Arg<'_>], error: Error) -> Error {
    if !matches!(argv.first(), Some(Arg::Bytes(name)) if name.eq_ignore_ascii_case(b"EXEC")) {
        return error;
    }
    let server = session.server();
    let client = session.client();
    client.queue = None;
    server.unwatch(&mut client.watching);
    discarded(&error)
}

/// The error of an EXEC that is refused because of `error`.
#[cold]
pub fn discarded(error: &Error) -> Error {
    let mut text = b"EXECABORT Transaction discarded because of: ".to_vec();
    text.extend_from_slice(error.text().strip_prefix(b"ERR ").unwrap_or(error.text()));
    Error::quoting(Kind::Command, text)
}
