//! The session of whoever speaks in commands: a RESP connection keeps one, a call by words makes one for its time.
use super::{
    Db,
    wait::{Attempt, Outcome, Waiter, Waiting},
};
use crate::base::lock::Mutex;
use crate::{
    base::{
        atom::{Args, atoms},
        bytes::Bytes,
        emit::Sink,
        error::{Error, Result},
        tape::Tape,
    },
    cmd::{
        Exec, Gate,
        session::{Client, Parking, Server, Session, card::Wake},
        wait::Tried,
    },
};
use std::sync::Arc;

/// A handle of the database that is spoken to, and the state of who speaks.
pub struct Peer {
    pub db: Db,
    pub client: Client,
    /// The command that waits.
    pub parked: Option<Parked>,
    /// Called when it is over; `None`: the thread itself waits.
    pub wake: Option<Wake>,
}

/// A command that waits, and where its reply will be.
pub struct Parked {
    waiter: Arc<Waiter>,
    reply: Arc<Mutex<Tape>>,
    /// Nobody wants the reply (`CLIENT REPLY`).
    muted: bool,
}

impl Peer {
    /// A session in the state `client`. `wake`: called, on any thread, when a command that waits is over.
    pub fn new(db: Db, client: Client, wake: Option<Wake>) -> Self {
        Self { db, client, parked: None, wake }
    }

    /// The session of one call: there is no connection that could remember anything.
    pub fn of_call(db: &Db, wake: Option<Wake>) -> Self {
        let mut client = Client::of_call(db.index());
        client.durable = db.is_durable();
        Self::new(db.clone(), client, wake)
    }

    /// Tells whether the command that waited is over: [`Peer::finish`] then has its reply.
    pub fn is_over(&self) -> bool {
        self.parked.as_ref().is_some_and(|parked| {
            self.db.core.end_if_due(&parked.waiter);
            parked.waiter.is_over()
        })
    }

    /// Writes the reply of the command that waited, and goes on to the next. Whether it is sent is left in
    /// [`Client::muted`].
    pub fn finish(&mut self, to: &mut dyn Sink) {
        let Some(parked) = self.parked.take() else { return };
        if let Some(card) = self.client.known_card() {
            card.show_blocked(None);
        }
        self.client.muted = parked.muted;
        if let Err(error) = self.tell(&parked, to) {
            to.error(&error);
        }
    }

    fn tell(&self, parked: &Parked, to: &mut dyn Sink) -> Result<()> {
        let core = &self.db.core;
        match parked.waiter.take() {
            Some(Outcome::Served(position)) => {
                core.confirm(position, &self.db)?;
                let protocol = to.protocol();
                std::mem::replace(&mut *parked.reply.lock(), Tape::new(protocol)).play(to);
            }
            Some(Outcome::Ended(end)) => {
                core.withdraw(&parked.waiter);
                match end.error() {
                    Some(error) => return Err(error),
                    // Whatever the command answers otherwise when there is nothing.
                    None => to.nil_array(),
                }
            }
            None => {}
        }
        Ok(())
    }
}

impl Peer {
    /// Ends the wait, if there is one: what it was served with and nobody was told is given back.
    pub fn give_up(&mut self) {
        if self.db.core.is_forked() {
            return;
        }
        if let Some(parked) = self.parked.take() {
            if let Some(card) = self.client.known_card() {
                card.show_blocked(None);
            }
            self.db.core.leave(&self.db, &parked.waiter);
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.give_up();
    }
}

impl Session for Peer {
    fn client(&mut self) -> &mut Client {
        &mut self.client
    }
    fn gate(&self) -> &dyn Gate {
        &self.db
    }
    fn is_monitored(&self) -> bool {
        self.db.core.monitors.is_any()
    }
    #[cfg(feature = "lua")]
    #[inline]
    fn is_busy(&self) -> bool {
        self.db.core.scripts.is_busy()
    }
    fn server(&self) -> Arc<dyn Server> {
        Arc::clone(self.db.core.shared()) as Arc<dyn Server>
    }
    fn select(&mut self, db: u32) {
        if let Ok(db) = self.db.select(db) {
            self.client.db = db.index();
            self.db = db;
        }
    }

    fn park(&mut self, parking: Parking<'_>, to: &mut dyn Sink) -> Result<()> {
        let Parking { row, attempt, args, patience } = parking;
        let mut words = args.to_words()?;
        let Exec::Keys { plan, .. } = row.exec else { return Err(Error::syntax()) };
        let mut keys = Vec::new();
        plan(Args::new(&atoms(&words)))?.keys(&mut |key| keys.push(Bytes::copy(key)));
        let protocol = to.protocol();
        let reply = Arc::new(Mutex::new(Tape::new(protocol)));
        let kept = Arc::clone(&reply);
        // What it is served with is read then: its keys have been told of, and forgotten.
        let reads: Vec<Bytes> = if self.client.remembers(row.spec) { keys.clone() } else { Vec::new() };
        let (id, core) = (self.db.who, Arc::downgrade(self.db.core.shared()));
        let again: Attempt = Box::new(move |gate| {
            let mut tape = Tape::new(protocol);
            let tried = attempt(gate, Args::new(&atoms(&words)), true, &mut tape);
            let undo = match tried {
                Ok(Tried::Done((), undo)) => undo,
                Ok(Tried::Waits(patience)) => {
                    if let Some(settled) = patience.settled {
                        words = settled;
                    }
                    return None;
                }
                Err(error) => {
                    tape.error(&error);
                    Vec::new()
                }
            };
            if let Some(core) = core.upgrade().filter(|_| !reads.is_empty()) {
                reads.iter().for_each(|key| core.remember(id, key));
            }
            *kept.lock() = tape;
            Some(undo)
        });
        let what = Waiting {
            db: self.db.index(),
            keys: &keys,
            touch: self.db.touch,
            is_write: row.spec.is_write(),
            wake: self.wake.clone(),
        };
        let waiter = self.db.core.park(what, patience, again)?;
        let parked = Parked { waiter: Arc::clone(&waiter), reply, muted: self.client.muted };
        if self.wake.is_none() {
            self.db.core.sleep(&waiter);
            return self.tell(&parked, to);
        }
        if waiter.is_over() {
            return self.tell(&parked, to);
        }
        self.db.core.set_timer(&waiter);
        if let Some(card) = self.client.known_card() {
            card.show_blocked(Some(waiter));
        }
        self.parked = Some(parked);
        Ok(())
    }
}
