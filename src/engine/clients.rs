//! The open connections of a database: who is there, and what those did that have gone.
//!
//! The registry's lock is a leaf: whoever holds it waits for nothing, so that commands about connections may run inside
//! EXEC, which holds the stripes.
use super::Core;
use crate::base::lock::Mutex;
use crate::cmd::session::card::{Card, Origin};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// What connections did in all: those that have gone, or those that are open.
#[derive(Debug, Clone, Copy, Default)]
pub struct Traffic {
    pub commands: u64,
    pub input_bytes: u64,
    pub output_bytes: u64,
}

impl Traffic {
    fn add(self, card: &Card) -> Self {
        Self {
            commands: self.commands + card.commands.load(Relaxed),
            input_bytes: self.input_bytes + card.input_bytes.load(Relaxed),
            output_bytes: self.output_bytes + card.output_bytes.load(Relaxed),
        }
    }
}

#[derive(Default)]
struct Present {
    cards: BTreeMap<u64, Arc<Card>>,
    gone: Traffic,
}

/// The registry of connections.
#[derive(Default)]
pub struct Clients {
    present: Mutex<Present>,
    latest_id: AtomicU64,
}

impl Clients {
    /// Registers a connection. Ids start at 1 and are never used again.
    pub fn open(&self, origin: Origin, now_ms: u64) -> Arc<Card> {
        let id = self.latest_id.fetch_add(1, Relaxed) + 1;
        let card = Arc::new(Card::new(id, origin, now_ms));
        self.present.lock().cards.insert(id, Arc::clone(&card));
        card
    }

    /// Ends what [`Clients::open`] began.
    pub fn close(&self, card: &Card) {
        let mut present = self.present.lock();
        if present.cards.remove(&card.id).is_some() {
            present.gone = present.gone.add(card);
        }
    }

    /// The open connection of this id.
    pub fn card(&self, id: u64) -> Option<Arc<Card>> {
        self.present.lock().cards.get(&id).cloned()
    }

    /// The open connections in the order of their ids.
    pub fn cards(&self) -> Vec<Arc<Card>> {
        self.present.lock().cards.values().cloned().collect()
    }

    /// The number of open connections.
    pub fn len(&self) -> usize {
        self.present.lock().cards.len()
    }

    /// What all connections did so far.
    pub fn traffic(&self) -> Traffic {
        let present = self.present.lock();
        present.cards.values().fold(present.gone, |sum, card| sum.add(card))
    }
}

impl Core {
    /// Registers a connection.
    pub(crate) fn open_client(&self, origin: Origin) -> Arc<Card> {
        self.counters.connections_received.fetch_add(1, Relaxed);
        self.clients.open(origin, self.clock.now_ms())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_and_what_the_gone_did_is_remembered() {
        let clients = Clients::default();
        let (a, b) = (clients.open(Origin::default(), 1), clients.open(Origin::default(), 2));
        assert_eq!((a.id, b.id, clients.len()), (1, 2, 2));
        a.commands.store(3, Relaxed);
        b.input_bytes.store(4, Relaxed);
        clients.close(&a);
        clients.close(&a);
        assert_eq!((clients.traffic().commands, clients.traffic().input_bytes), (3, 4));
        assert_eq!(clients.open(Origin::default(), 3).id, 3);
        assert_eq!(clients.cards().iter().map(|card| card.id).collect::<Vec<_>>(), [2, 3]);
    }
}
