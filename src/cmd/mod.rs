//! A command: its facts, its arguments, its meaning, its log form. One file each.
//!
//! This layer never names the engine. A command about keys asks a [`Gate`] for a view of them; who stands
//! behind the gate (a database, a transaction, recovery) is not its business. A command about the
//! connection asks its [`Session`].
pub mod args;
pub mod flags;
pub mod held;
pub mod help;
pub mod page;
pub mod part;
pub mod session;
pub mod spec;
pub mod table;
pub mod usage;
pub mod wait;

pub mod admin;
pub mod conn;
pub mod hash;
pub mod key;
pub mod list;
pub mod pubsub;
#[cfg(feature = "lua")]
pub mod script;
pub mod set;
pub mod stream;
pub mod string;
pub mod txn;
pub mod zset;

use crate::{
    base::{
        atom::{Arg, Args, Record},
        bytes::Bytes,
        emit::{Emit, Sink},
        error::{Error, Kind, Result},
    },
    keyspace::view::View,
};
pub use flags::*;
pub use session::{Session, SessionCommand};
pub use spec::*;
use std::cell::Cell;
use wait::Patience;

/// How much of the keyspace a command reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The keys it names.
    Keys,
    /// Everything, locked at once.
    All,
    /// Everything, one stripe after the other: nothing stays locked in between.
    Walk,
}

/// A command about keys. `'a` borrows the arguments; `'k` the keyspace, as long as its locks are held.
pub trait Command<'a>: Sized {
    const SPEC: Spec;
    /// The result as the caller of the typed API keeps it.
    type Owned: 'static;
    /// The result while the keys are locked. It may borrow from them; what may be long is an owned clone
    /// instead, which costs nothing, and is emitted after the unlock ([`Sink::later`]).
    type Out<'k>: Emit + Into<Self::Owned>;

    /// Reads the arguments. Every syntax error is found here, before any lock is taken.
    fn parse(args: &mut Args<'a>) -> Result<Self>;

    /// Names every key the command may touch.
    fn keys(&self, each: &mut dyn FnMut(&'a [u8]));

    /// How much of the keyspace the command reaches.
    fn reach(&self) -> Reach {
        Reach::Keys
    }

    /// Another database whose keys of the same names it touches too: COPY and MOVE.
    fn other_db(&self) -> Option<u32> {
        None
    }

    /// The meaning of the command: a function of the view, and of nothing else. After its first change it
    /// cannot fail.
    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Self::Out<'k>>;

    /// Writes the deterministic command that recovery must run. `now_ms` is the view's. Write commands
    /// override it; what changed nothing writes nothing.
    fn log(&self, _out: &Self::Out<'_>, _rec: &mut Record, _now_ms: u64) {
        debug_assert!(!Self::SPEC.is_write(), "{} has no log form", Self::SPEC.name);
    }

    /// What the command waits for, having come out with `out`; `None`: it does not wait. See [`wait`].
    fn waits(&self, _out: &Self::Out<'_>) -> Option<Patience> {
        None
    }

    /// The command, name first, that takes `out` back; empty when nothing has to be. See [`wait`].
    fn undo(&self, _out: &Self::Out<'_>) -> Vec<Bytes> {
        Vec::new()
    }
}

/// What a gate needs to know of a command before it runs it.
#[derive(Clone, Copy)]
pub struct Need<'a> {
    pub spec: &'static Spec,
    pub reach: Reach,
    pub keys: &'a [&'a [u8]],
    pub other_db: Option<u32>,
}

/// The body of a command, as a gate runs it: once.
pub type Body<'b> = dyn FnMut(&mut View<'_>, &mut Record) -> Result<()> + 'b;

/// The one way from a command to the world.
pub trait Gate {
    /// Locks the keys, runs `body` on them, keeps what it recorded, unlocks.
    fn pass(&self, need: Need<'_>, body: &mut Body<'_>) -> Result<()>;
}

/// Keys named by a command: no allocation for up to four.
struct Keys<'a> {
    few: [&'a [u8]; 4],
    len: usize,
    many: Vec<&'a [u8]>,
}

impl<'a> Keys<'a> {
    #[inline]
    fn of<'c, C: Command<'c>>(op: &C) -> Self
    where
        'c: 'a,
    {
        let mut keys = Self { few: [b""; 4], len: 0, many: Vec::new() };
        op.keys(&mut |key| keys.push(key));
        keys
    }

    #[inline]
    fn push(&mut self, key: &'a [u8]) {
        match self.few.get_mut(self.len) {
            Some(slot) if self.many.is_empty() => *slot = key,
            _ => {
                if self.many.is_empty() {
                    self.many.extend_from_slice(&self.few);
                }
                self.many.push(key);
            }
        }
        self.len += 1;
    }

    #[inline]
    fn as_slice(&self) -> &[&'a [u8]] {
        if self.many.is_empty() { &self.few[..self.len] } else { &self.many }
    }
}

/// Running typed commands, wherever there is a gate. The typed API is written once, over this.
pub trait Run: Gate {
    /// Runs `op` and hands its result to `then` while the keys are still locked. `then` must be our own
    /// code: nothing of the host runs under a lock.
    #[doc(hidden)]
    #[inline]
    fn with<'a, C: Command<'a>, R>(&self, op: &C, then: impl FnOnce(C::Out<'_>) -> R) -> Result<R> {
        let keys = Keys::of(op);
        let (mut then, mut result) = (Some(then), None);
        let need = Need {
            spec: const { &C::SPEC },
            reach: op.reach(),
            keys: keys.as_slice(),
            other_db: op.other_db(),
        };
        let walks = need.reach == Reach::Walk;
        self.pass(need, &mut |view, rec| {
            let now_ms = view.now_ms;
            let given_up = view.given_up;
            let out = op.run(view)?;
            if walks && given_up.is_some_and(Cell::get) {
                // Nothing was answered yet.
                return Err(session::busy());
            }
            if C::SPEC.is_write() && rec.is_on() {
                op.log(&out, rec, now_ms);
            }
            result = then.take().map(|then| then(out));
            Ok(())
        })?;
        result.ok_or_else(|| Error::new(Kind::Internal, "ERR internal error: a gate ran no body"))
    }

    /// Runs `op` and returns its result.
    #[inline]
    fn run<'a, C: Command<'a>>(&self, op: C) -> Result<C::Owned> {
        self.with(&op, |out| out.into())
    }
}
impl<G: Gate + ?Sized> Run for G {}

/// A parsed command with its type erased: what batches and transactions keep.
pub trait Op<'a> {
    /// See [`Command::reach`].
    fn reach(&self) -> Reach;
    /// See [`Command::keys`].
    fn keys(&self, each: &mut dyn FnMut(&'a [u8]));
    /// Runs the command behind `gate` and describes its result to `to`.
    fn exec(&self, gate: &dyn Gate, to: &mut dyn Sink) -> Result<()>;
}

impl<'a, C: Command<'a>> Op<'a> for C {
    fn reach(&self) -> Reach {
        Command::reach(self)
    }
    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        Command::keys(self, each);
    }
    fn exec(&self, gate: &dyn Gate, to: &mut dyn Sink) -> Result<()> {
        gate.with(self, |out| out.emit(to))
    }
}

/// How a command is carried out.
pub enum Exec {
    /// About keys.
    Keys {
        /// Parses and runs in one step: no allocation.
        run: fn(&dyn Gate, Args<'_>, &mut dyn Sink) -> Result<()>,
        /// Parses only.
        plan: for<'a> fn(Args<'a>) -> Result<Box<dyn Op<'a> + 'a>>,
        /// Parses and runs like `run`, but says so when the command waits; `None` for one that never does.
        attempt: Option<wait::TryFn>,
    },
    /// About the connection.
    Session(fn(&mut dyn Session, Args<'_>, &mut dyn Sink) -> Result<()>),
    /// A name that only has subcommands.
    Container,
}

/// A command with its types erased.
pub struct Row {
    pub spec: &'static Spec,
    pub exec: Exec,
}

/// Makes the row of one command about keys: `row!(Get<'_>)`. The family's table refers to it.
macro_rules! row {
    ($op:ty) => {
        crate::cmd::row!($op, attempt: None);
    };
    ($op:ty, attempt: $attempt:expr) => {
        pub static ROW: crate::cmd::Row = crate::cmd::Row {
            spec: &<$op as crate::cmd::Command<'_>>::SPEC,
            exec: crate::cmd::Exec::Keys {
                run: |gate, args, to| {
                    let op = crate::cmd::whole::<$op>(args)?;
                    crate::cmd::Run::with(gate, &op, |out| crate::base::emit::Emit::emit(out, to))
                },
                plan: |args| Ok(Box::new(crate::cmd::whole::<$op>(args)?)),
                attempt: $attempt,
            },
        };
    };
}
pub(crate) use row;

/// Reads a command that takes all of its arguments.
#[inline]
pub fn whole<'a, C: Command<'a>>(mut args: Args<'a>) -> Result<C> {
    let op = C::parse(&mut args)?;
    args.finish()?;
    Ok(op)
}

/// Makes the row of one command about the connection.
macro_rules! session_row {
    ($op:ty) => {
        pub static ROW: crate::cmd::Row = crate::cmd::Row {
            spec: &<$op as crate::cmd::SessionCommand<'_>>::SPEC,
            exec: crate::cmd::Exec::Session(|session, mut args, to| {
                let op = <$op as crate::cmd::SessionCommand<'_>>::parse(&mut args)?;
                args.finish()?;
                crate::cmd::SessionCommand::run(&op, session, to)
            }),
        };
    };
}
pub(crate) use session_row;

/// Makes the row of a name that only has subcommands.
macro_rules! container_row {
    ($spec:expr) => {
        pub static ROW: crate::cmd::Row =
            crate::cmd::Row { spec: &const { $spec }, exec: crate::cmd::Exec::Container };
    };
}
pub(crate) use container_row;

/// Finds the row of a command given as atoms, its subcommand included, checks the number of arguments, and
/// returns the row with the arguments that are left to parse.
pub fn resolve<'a>(argv: &'a [Arg<'a>]) -> Result<(&'static Row, Args<'a>)> {
    let Some((Arg::Bytes(name), rest)) = argv.split_first() else { return Err(Error::syntax()) };
    let row = table::lookup(name).ok_or_else(|| unknown(name, rest))?;
    let alone = row.spec.has(SUBCOMMANDS) && rest.is_empty();
    if alone || !(matches!(row.exec, Exec::Container) || row.spec.has(SUBCOMMANDS)) {
        check_arity(row.spec, argv.len())?;
        return Ok((row, Args::new(rest)));
    }
    let Some((Arg::Bytes(sub), rest)) = rest.split_first() else { return Err(Error::arity(row.spec.name)) };
    let row = table::lookup_sub(row.spec.name, sub).ok_or_else(|| unknown_sub(row.spec.name, sub))?;
    check_arity(row.spec, argv.len())?;
    Ok((row, Args::new(rest)))
}

fn check_arity(spec: &'static Spec, given: usize) -> Result<()> {
    let (given, arity) = (given as i64, i64::from(spec.arity));
    let fits = if arity >= 0 { given == arity } else { given >= -arity };
    if fits { Ok(()) } else { Err(Error::arity(spec.name)) }
}

#[cold]
// As in Redis, a NUL ends what is quoted.
fn unknown(name: &[u8], rest: &[Arg<'_>]) -> Error {
    const QUOTED_MAX: usize = 128;
    let mut text = b"ERR unknown command '".to_vec();
    text.extend(name.iter().take_while(|b| **b != 0).take(QUOTED_MAX));
    text.extend(b"', with args beginning with: ");
    let start = text.len();
    for arg in rest {
        let Arg::Bytes(arg) = arg else { continue };
        let room = QUOTED_MAX.saturating_sub(text.len() - start);
        if room == 0 {
            break;
        }
        text.push(b'\'');
        text.extend(arg.iter().take_while(|b| **b != 0).take(room));
        text.extend(b"' ");
    }
    Error::quoting(Kind::Command, text)
}

#[cold]
fn unknown_sub(name: &str, sub: &[u8]) -> Error {
    const QUOTED_MAX: usize = 128;
    let mut text = b"ERR unknown subcommand '".to_vec();
    text.extend(sub.iter().take_while(|b| **b != 0).take(QUOTED_MAX));
    text.extend(format!("'. Try {name} HELP.").bytes());
    Error::quoting(Kind::Command, text)
}
