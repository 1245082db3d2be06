//! What EVAL and its kin have in common: `… numkeys [key [key ...]] [arg [arg ...]]`.
use crate::{
    base::{
        atom::Args,
        emit::Sink,
        error::{Error, Result},
    },
    cmd::{
        Group, MOVABLE_KEYS, NOSCRIPT, SKIP_MONITOR, STALE, Session, SessionCommand, Spec, WHOLE,
        session::{Call, Source, no_script},
    },
};
use std::marker::PhantomData;

/// What tells one of them from another.
pub trait Evaluates {
    const SPEC: Spec;
    /// The first argument is the script's SHA-1, not its text.
    const BY_SHA: bool;
    /// The script may change no key.
    const READ_ONLY: bool;
}

/// One of them.
#[derive(Debug, Clone)]
pub struct Eval<'a, E> {
    pub call: Call<'a>,
    kind: PhantomData<E>,
}

/// The facts that they share. They show themselves to who monitors, before what they call.
pub const fn spec(
    (id, name, usage): (u16, &'static str, &'static str),
    flags: u32,
    since: &'static str,
    summary: &'static str,
) -> Spec {
    Spec {
        id,
        name,
        usage,
        arity: -3,
        flags: flags | NOSCRIPT | STALE | SKIP_MONITOR | MOVABLE_KEYS | WHOLE,
        keys: (0, 0, 0),
        group: Group::Scripting,
        since,
        complexity: "Depends on the script that is executed.",
        summary,
    }
}

/// Takes the keys, and what follows them.
pub fn keys_and_args<'a>(args: &mut Args<'a>) -> Result<[Vec<&'a [u8]>; 2]> {
    let count = args.int()?;
    if count > args.len() as i64 {
        return Err(Error::command("ERR Number of keys can't be greater than number of args"));
    }
    let count = usize::try_from(count).map_err(|_| Error::command("ERR Number of keys can't be negative"))?;
    let keys = args.take(count)?.all_bytes()?;
    Ok([keys, args.all_bytes()?])
}

impl<'a, E: Evaluates> SessionCommand<'a> for Eval<'a, E> {
    const SPEC: Spec = E::SPEC;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let script = args.bytes()?;
        let source = match E::BY_SHA {
            // What cannot be a digest is not known, whatever follows it.
            true => Source::Sha(script.try_into().map_err(|_| no_script())?),
            false => Source::Text(script),
        };
        let [keys, args] = keys_and_args(args)?;
        let call = Call { spec: const { &E::SPEC }, source, keys, args, is_read_only: E::READ_ONLY };
        Ok(Self { call, kind: PhantomData })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        session.server().scripts().eval(session, &self.call, to)
    }
}
