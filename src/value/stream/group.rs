//! A consumer group: how far it has read, what it has delivered, to whom.
//!
//! ```text
//!   Group    last id, entries read
//!            pending   ─▶ (id, delivered at, deliveries, consumer 1) (…, consumer 0) …      in the order of IDs
//!            consumers ─▶ 0: "a", seen, active ─▶ id, id …       1: "b" … ─▶ id, id …       numbers stay
//!            order     ─▶ 0, 1 …                                                            by name
//! ```
//!
//! A clone shares all of it. Writing to one consumer copies that consumer, and of the others a reference each.
//!
//! # Invariants
//! - Each pending record's ID is among the IDs of the consumer it names, and of no other; there are no further IDs.
//! - `consumer_bytes` is the sum over all consumers.
use super::{
    StreamId,
    pending::{ById, Pending},
};
use crate::ds::shared::Shared;

/// A consumer of a group.
#[derive(Clone)]
pub struct Consumer {
    name: Box<[u8]>,
    /// When it last asked, in Unix milliseconds.
    pub seen_at_ms: i64,
    /// When it last was given something; −1: never.
    pub active_at_ms: i64,
    ids: ById<StreamId>,
}

impl Consumer {
    /// Returns the name.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// Returns the IDs of what was delivered to it and not acknowledged.
    pub fn ids(&self) -> &ById<StreamId> {
        &self.ids
    }

    fn mem_bytes(&self) -> usize {
        Shared::<Self>::block_bytes() + self.name.len() + self.ids.mem_bytes()
    }
}

/// A consumer group.
#[derive(Clone)]
pub struct Group {
    name: Box<[u8]>,
    /// The last ID that was delivered.
    pub last_id: StreamId,
    /// How many entries were read up to there, counted from the first one ever; nothing when that is not known.
    pub entries_read: Option<i64>,
    pending: ById<Pending>,
    consumers: Vec<Option<Shared<Consumer>>>,
    order: Vec<u32>,
    free: Vec<u32>,
    consumer_bytes: usize,
}

impl Group {
    /// Makes a group without consumers.
    pub fn new(name: &[u8], last_id: StreamId, entries_read: Option<i64>) -> Self {
        Self {
            name: name.into(),
            last_id,
            entries_read,
            pending: ById::new(),
            consumers: Vec::new(),
            order: Vec::new(),
            free: Vec::new(),
            consumer_bytes: 0,
        }
    }

    /// Returns the name.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// Returns all that is pending.
    pub fn pending(&self) -> &ById<Pending> {
        &self.pending
    }

    /// Returns the bytes it takes, its own block included. O(1).
    pub fn mem_bytes(&self) -> usize {
        let numbers = (self.order.capacity() + self.free.capacity()) * size_of::<u32>();
        let slots = self.consumers.capacity() * size_of::<Option<Shared<Consumer>>>();
        let own = Shared::<Self>::block_bytes() + self.name.len();
        own + numbers + slots + self.pending.mem_bytes() + self.consumer_bytes
    }

    /// Returns the consumer of a number.
    pub fn consumer(&self, number: u32) -> Option<&Consumer> {
        self.consumers.get(number as usize)?.as_deref()
    }

    /// Returns the name of the consumer that has a record.
    pub fn owner(&self, record: &Pending) -> &[u8] {
        self.consumer(record.consumer).map_or(b"", Consumer::name)
    }

    /// Returns the consumers with their numbers, by name.
    pub fn consumers(&self) -> impl ExactSizeIterator<Item = (u32, &Consumer)> + Clone {
        self.order.iter().map(|number| {
            // Invariant: `order` names the slots that are taken.
            let Some(consumer) = self.consumer(*number) else { unreachable!("a name without a consumer") };
            (*number, consumer)
        })
    }

    fn place(&self, name: &[u8]) -> Result<usize, usize> {
        self.order
            .binary_search_by(|number| self.consumer(*number).map_or(&b""[..], Consumer::name).cmp(name))
    }

    /// Returns the number of the consumer of a name.
    pub fn find_consumer(&self, name: &[u8]) -> Option<u32> {
        self.place(name).ok().map(|at| self.order[at])
    }

    /// Returns the number of the consumer of a name, made when there is none, and tells whether it was.
    pub fn consumer_or_new(&mut self, name: &[u8], now_ms: i64) -> (u32, bool) {
        let at = match self.place(name) {
            Ok(at) => return (self.order[at], false),
            Err(at) => at,
        };
        let consumer = Consumer { name: name.into(), seen_at_ms: now_ms, active_at_ms: -1, ids: ById::new() };
        self.consumer_bytes += consumer.mem_bytes();
        let consumer = Some(Shared::new(consumer));
        let number = match self.free.pop() {
            Some(number) => {
                self.consumers[number as usize] = consumer;
                number
            }
            None => {
                self.consumers.push(consumer);
                self.consumers.len() as u32 - 1
            }
        };
        self.order.insert(at, number);
        (number, true)
    }

    /// Changes a consumer. Nobody of that number: nothing is done.
    fn edit<R>(&mut self, number: u32, change: impl FnOnce(&mut Consumer) -> R) -> Option<R> {
        let consumer = self.consumers.get_mut(number as usize)?.as_mut()?;
        self.consumer_bytes -= consumer.mem_bytes();
        let consumer = consumer.make_mut();
        let result = change(consumer);
        self.consumer_bytes += consumer.mem_bytes();
        Some(result)
    }

    /// Notes that a consumer asked.
    pub fn seen(&mut self, number: u32, at_ms: i64) {
        self.edit(number, |consumer| consumer.seen_at_ms = at_ms);
    }

    /// Notes when a consumer was given something.
    pub fn active(&mut self, number: u32, at_ms: i64) {
        self.edit(number, |consumer| consumer.active_at_ms = at_ms);
    }

    /// Removes a consumer with all that is pending for it, and returns how much that was.
    pub fn remove_consumer(&mut self, name: &[u8]) -> Option<usize> {
        let at = self.place(name).ok()?;
        let number = self.order.remove(at);
        self.free.push(number);
        let consumer = self.consumers.get_mut(number as usize)?.take()?;
        self.consumer_bytes -= consumer.mem_bytes();
        for id in consumer.ids.iter() {
            self.pending.remove(id);
        }
        Some(consumer.ids.len())
    }

    /// Adds a record, or puts it in the place of the one of that ID, whoever had that.
    pub fn put(&mut self, record: Pending) {
        let before = self.pending.get(record.id).map(|record| record.consumer);
        self.pending.put(record);
        if before == Some(record.consumer) {
            return;
        }
        if let Some(before) = before {
            self.edit(before, |consumer| consumer.ids.remove(record.id));
        }
        self.edit(record.consumer, |consumer| consumer.ids.put(record.id));
    }

    /// Delivers entries to a consumer, in the order of their IDs: as [`Group::put`] of each.
    pub fn deliver(&mut self, ids: &[StreamId], number: u32, at_ms: i64) {
        let fresh = self.pending.from(ids.first().copied().unwrap_or(StreamId::MAX)).len() == 0;
        let record = |id| Pending { id, delivered_at_ms: at_ms, deliveries: 1, consumer: number };
        if !fresh {
            ids.iter().for_each(|id| self.put(record(*id)));
        } else {
            ids.iter().for_each(|id| self.pending.put(record(*id)));
            self.edit(number, |consumer| ids.iter().for_each(|id| consumer.ids.put(*id)));
        }
        if !ids.is_empty() {
            self.active(number, at_ms);
        }
    }

    /// Removes the record of an entry: it was acknowledged, or has gone.
    pub fn acknowledge(&mut self, id: StreamId) -> Option<Pending> {
        let record = self.pending.remove(id)?;
        self.edit(record.consumer, |consumer| consumer.ids.remove(id));
        Some(record)
    }

    /// Frees a bounded part. False: nothing of it is left.
    pub(super) fn free_step(&mut self) -> bool {
        if self.pending.pop_block() {
            return true;
        }
        let Some(last) = self.consumers.last_mut() else { return false };
        // What somebody else holds is theirs to free.
        let ids = last.as_mut().and_then(Shared::get_mut).map(|consumer| &mut consumer.ids);
        if !ids.is_some_and(ById::pop_block) {
            self.consumers.pop();
        }
        true
    }

    /// Checks the invariants.
    #[cfg(test)]
    pub fn check(&self) {
        let consumers = || self.consumers().map(|(number, consumer)| (number, consumer.clone()));
        assert_eq!(self.consumer_bytes, consumers().map(|(_, c)| c.mem_bytes()).sum::<usize>());
        assert_eq!(self.pending.len(), consumers().map(|(_, c)| c.ids.len()).sum::<usize>());
        for (number, consumer) in consumers() {
            assert!(consumer.ids.iter().all(|id| self.pending.get(id).is_some_and(|r| r.consumer == number)));
        }
        assert!(consumers().zip(consumers().skip(1)).all(|(a, b)| a.1.name < b.1.name));
    }
}
