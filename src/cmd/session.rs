//! Commands about the connection: what they may see of it, and of the engine behind it.
//!
//! A session command never touches keys by itself: it goes through [`Session::gate`], like everybody. Inside
//! EXEC that gate holds all its locks already, which is why the engine gives a session no other way to the keyspace.
use super::{Exec, Gate, IMMEDIATE, NO_AUTH, NO_MULTI, Reach, Row, Spec, resolve};
use crate::{
    base::{
        atom::{Arg, Args},
        bytes::Bytes,
        clock::Clock,
        emit::Sink,
        error::{Error, Kind, Result},
        limits::DATABASES,
    },
    keyspace::watch::Flag,
};
use std::sync::Arc;

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
}

/// A queued command of MULTI.
#[derive(Debug)]
pub struct Queued {
    pub row: &'static Row,
    /// The arguments after the name (and subcommand).
    pub args: Vec<Bytes>,
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.spec.name)
    }
}

/// What MULTI has collected.
#[derive(Debug, Default)]
pub struct Queue {
    pub commands: Vec<Queued>,
    /// A command could not be queued: EXEC will refuse.
    pub spoiled: bool,
}

/// A watched key.
#[derive(Debug, Clone)]
pub struct WatchedKey {
    pub db: u32,
    pub key: Bytes,
    /// It was there when it was watched: then its expiry counts as a change.
    pub existed: bool,
}

/// The keys a connection watches.
#[derive(Debug, Default)]
pub struct Watching {
    pub flag: Flag,
    pub keys: Vec<WatchedKey>,
}

/// Which replies a connection wants (`CLIENT REPLY`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Replies {
    #[default]
    On,
    Off,
    /// The reply to the command after this one is skipped.
    SkipNext,
}

/// The state of a connection.
#[derive(Debug)]
pub struct Client {
    pub id: u64,
    pub db: u32,
    /// 2 or 3.
    pub protocol: u8,
    pub authenticated: bool,
    pub replies: Replies,
    pub no_touch: bool,
    pub no_evict: bool,
    pub queue: Option<Queue>,
    pub watching: Watching,
    /// The connection is closed after the reply.
    pub closing: bool,
    /// A reply, if any, is not sent (`CLIENT REPLY`).
    pub muted: bool,
}

impl Client {
    /// The state of a fresh connection.
    pub fn new(id: u64, db: u32, authenticated: bool) -> Self {
        Self {
            id,
            db,
            protocol: 2,
            authenticated,
            replies: Replies::On,
            no_touch: false,
            no_evict: false,
            queue: None,
            watching: Watching::default(),
            closing: false,
            muted: false,
        }
    }
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
}

/// The engine, as sessions see it.
pub trait Server: Send + Sync {
    /// Locks everything that is asked for and runs `body` as one step. False: a watched key has changed, and
    /// `body` was not run.
    fn together(&self, need: Together<'_>, body: &mut dyn FnMut(&dyn Locked)) -> Result<bool>;
    /// Watches `key` from now on.
    fn watch(&self, watching: &mut Watching, db: u32, key: &[u8]);
    /// Ends all watching.
    fn unwatch(&self, watching: &mut Watching);
    /// The clock.
    fn clock(&self) -> &Clock;
}

/// Reads the number of a database, or fails with Redis's text.
pub fn database(args: &mut Args<'_>) -> Result<u32> {
    let out_of_range = || Error::command("ERR DB index is out of range");
    let db = args.int_or(Error::not_an_integer)?;
    if i32::try_from(db).is_err() {
        return Err(Error::command(
            "ERR value is out of range, value must between -2147483648 and 2147483647",
        ));
    }
    u32::try_from(db).ok().filter(|db| (*db as usize) < DATABASES).ok_or_else(out_of_range)
}

/// Carries out one command of a session and writes exactly one reply: the command's, `QUEUED`, or an error.
pub fn dispatch(session: &mut dyn Session, argv: &[Arg<'_>], to: &mut dyn Sink) {
    if let Err(error) = try_dispatch(session, argv, to) {
        to.error(&error);
    }
}

fn try_dispatch(session: &mut dyn Session, argv: &[Arg<'_>], to: &mut dyn Sink) -> Result<()> {
    let resolved = resolve(argv);
    let Ok((row, args)) = resolved else {
        return resolved.map(|_| ()).map_err(|error| refused(session, argv, error));
    };
    let client = session.client();
    if !client.authenticated && !row.spec.has(NO_AUTH) {
        spoil(client);
        return Err(Error::command("NOAUTH Authentication required."));
    }
    if client.queue.is_some() && row.spec.has(NO_MULTI) {
        spoil(client);
        let name = row.spec.name.to_ascii_lowercase();
        let text = format!("ERR Command '{name}' not allowed inside a transaction");
        return Err(Error::quoting(Kind::Command, text));
    }
    if let Some(queue) = &mut client.queue
        && !row.spec.has(IMMEDIATE)
    {
        queue.commands.push(Queued { row, args: owned(args) });
        to.status("QUEUED");
        return Ok(());
    }
    match row.exec {
        Exec::Keys { run, .. } => run(session.gate(), args, to),
        Exec::Session(run) => run(session, args, to),
        Exec::Container => Err(Error::syntax()),
    }
}

/// The error of a command that is not known, or has too few or too many arguments. An EXEC of that kind still ends
/// the transaction.
#[cold]
fn refused(session: &mut dyn Session, argv: &[Arg<'_>], error: Error) -> Error {
    let server = session.server();
    let client = session.client();
    spoil(client);
    if !matches!(argv.first(), Some(Arg::Bytes(name)) if name.eq_ignore_ascii_case(b"EXEC")) {
        return error;
    }
    client.queue = None;
    server.unwatch(&mut client.watching);
    let mut text = b"EXECABORT Transaction discarded because of: ".to_vec();
    text.extend_from_slice(error.text().strip_prefix(b"ERR ").unwrap_or(error.text()));
    Error::quoting(Kind::Command, text)
}

/// A command that cannot be queued makes EXEC refuse the others.
fn spoil(client: &mut Client) {
    if let Some(queue) = &mut client.queue {
        queue.spoiled = true;
    }
}

fn owned(mut args: Args<'_>) -> Vec<Bytes> {
    let mut all = Vec::with_capacity(args.len());
    while let Ok(arg) = args.bytes() {
        all.push(Bytes::copy(arg));
    }
    all
}
