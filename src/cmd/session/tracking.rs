//! Client-side caching, as a connection sees it: which of the keys it reads are remembered, and where it is told that
//! they have changed.
//!
//! ```text
//!   CLIENT TRACKING ON ──▶ Tracking (the connection's own: mode, prefixes, CACHING)
//!                             │ remembers: GET k ──▶ the table of read keys (engine/tracking.rs)
//!                             └─▶ Tracker (on the card: what who changes keys has to know)
//! ```
//!
//! A key is remembered before it is read: a change that comes in between is told, too.
use super::{Client, Session, mailbox::Name};
use crate::{
    base::atom::Args,
    cmd::{Op, PUBSUB, READ, Spec},
};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

/// Which keys a connection is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Those it reads.
    Reads,
    /// Those it reads after `CLIENT CACHING YES`.
    OptIn,
    /// Those it reads, except after `CLIENT CACHING NO`.
    OptOut,
    /// All that begin with its prefixes.
    Broadcast,
}

/// How a connection is told.
#[derive(Debug)]
pub struct Tracker {
    /// Its keys are those of prefixes.
    pub is_broadcast: bool,
    /// It is not told of its own changes (`NOLOOP`).
    pub skips_own: bool,
    /// The connection that is told in its place; 0: none.
    pub redirect: u64,
    /// That connection was not there any more.
    lost: AtomicBool,
}

impl Tracker {
    /// Says how.
    pub fn new(mode: Mode, skips_own: bool, redirect: u64) -> Self {
        Self { is_broadcast: mode == Mode::Broadcast, skips_own, redirect, lost: AtomicBool::new(false) }
    }

    /// Notes that the connection it redirects to has gone.
    pub fn lose(&self) {
        self.lost.store(true, Relaxed);
    }

    /// Tells whether the connection it redirects to was found to have gone.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Relaxed)
    }
}

/// What a connection that tracks keys keeps for itself.
#[derive(Debug)]
pub struct Tracking {
    pub mode: Mode,
    pub tracker: Arc<Tracker>,
    /// Its prefixes, in [`Mode::Broadcast`].
    pub prefixes: BTreeSet<Name>,
    /// `CLIENT CACHING` was said: it holds for the next command, or the next transaction.
    pub caching: bool,
}

impl Client {
    /// Tells whether the keys of a command are remembered.
    pub fn remembers(&self, spec: &Spec) -> bool {
        let Some(tracking) = &self.tracking else { return false };
        let wanted = match tracking.mode {
            Mode::Reads => true,
            Mode::OptIn => tracking.caching,
            Mode::OptOut => !tracking.caching,
            Mode::Broadcast => false,
        };
        wanted && spec.has(READ) && !spec.has(PUBSUB)
    }

    /// Ends what `CLIENT CACHING` said, when the command was another one. In MULTI it holds until EXEC.
    #[inline]
    pub(super) fn end_caching(&mut self, is_known: bool) {
        if let Some(tracking) = &mut self.tracking
            && tracking.caching
            && self.queue.is_none()
        {
            let about_clients = |spec: &Spec| spec.name.starts_with("CLIENT|");
            tracking.caching = is_known && self.command.is_some_and(about_clients);
        }
    }
}

/// Remembers that the session's connection reads the keys of `op`.
pub fn remember(session: &mut dyn Session, op: &dyn Op<'_>) {
    let id = session.client().card().id;
    let server = session.server();
    op.keys(&mut |key| server.remember(id, key));
}

/// The same for a command that is not parsed yet: one that is wrong reads nothing.
#[cold]
pub fn remember_planned(
    session: &mut dyn Session,
    plan: for<'a> fn(Args<'a>) -> crate::base::error::Result<Box<dyn Op<'a> + 'a>>,
    args: Args<'_>,
) {
    if let Ok(op) = plan(args) {
        remember(session, &*op);
        session.server().forget_surplus();
    }
}

/// Ends the tracking of the session's connection.
pub fn end(session: &mut dyn Session) {
    let Some(tracking) = session.client().tracking.take() else { return };
    let card = Arc::clone(session.client().card());
    session.server().end_tracking(session.gate(), &card, &tracking.prefixes);
}
