//! Entries that come in bulk: those of a snapshot, before anybody else is there.
//!
//! ```text
//!   entries, in any order ─▶ Sorter: a batch per stripe and database ──full──▶ the batches of each stripe
//!                                                                               │ all have come: so many keys
//!                                                                               ▼
//!                                            stripe 0, 1, 2, …: a table of the final size, filled
//! ```
//!
//! An entry that goes straight into its table waits for memory: tables of millions of keys are in no cache, and their
//! segments split again and again while they grow, which looks at every key once more. Here one stripe is filled
//! after the other. Its table has its final size at once, stays in the caches, and the entries themselves are not
//! looked at again.
//!
//! A batch asks the allocator for as many bytes as a segment of a table does: the batches of one stripe become the
//! segments of the next one.
use super::{
    Entry, Keyspace,
    stripe::{Slice, Stripe, rehash, weight},
};
use crate::base::{hash, limits::DATABASES};

/// The entries of a batch; with their hashes they take the room of a segment of 512 slots.
const BATCH_LEN: usize = 289;

/// Entries of one stripe and database, with their hashes.
pub struct Batch {
    db: u32,
    entries: Vec<(u64, Entry)>,
    /// What the entries weigh.
    bytes: usize,
    /// Some have a deadline.
    mortal: bool,
}

/// Sorts entries into batches; each thread has one of its own.
pub struct Sorter<'k> {
    keyspace: &'k Keyspace,
    /// By database and stripe; those of a database from its first key on.
    open: Vec<Batch>,
    /// Where those of a database begin.
    starts: [Option<usize>; DATABASES],
}

impl Batch {
    fn new(db: u32) -> Self {
        Self { db, entries: Vec::new(), bytes: 0, mortal: false }
    }

    /// Makes room when there is none: starts anew and returns what was there, when it is as long as batches are. The
    /// first one grows: there may be few keys and many stripes.
    #[cold]
    #[inline(never)]
    fn next(&mut self) -> Option<Self> {
        let len = self.entries.len();
        if len < BATCH_LEN {
            self.entries.reserve_exact((len * 2).min(BATCH_LEN) - len);
            return None;
        }
        let mut fresh = Self::new(self.db);
        fresh.entries.reserve_exact(BATCH_LEN);
        Some(std::mem::replace(self, fresh))
    }
}

impl<'k> Sorter<'k> {
    /// Sorts entries for the stripes of `keyspace`.
    pub fn new(keyspace: &'k Keyspace) -> Self {
        Self { keyspace, open: Vec::new(), starts: [None; DATABASES] }
    }

    /// Takes an entry of database `db`. Returns a batch that it has filled, with the number of its stripe.
    #[inline]
    pub fn push(&mut self, db: u32, entry: Entry) -> Option<(usize, Batch)> {
        let hash = hash::bytes(entry.key());
        let stripe = self.keyspace.stripe_of(hash);
        let start = self.starts[db as usize].unwrap_or_else(|| self.start(db));
        let batch = &mut self.open[start + stripe];
        batch.bytes += weight(&entry);
        batch.mortal |= entry.expire_at_ms().is_some();
        batch.entries.push((hash, entry));
        if batch.entries.len() < batch.entries.capacity() {
            return None;
        }
        batch.next().map(|full| (stripe, full))
    }

    #[cold]
    fn start(&mut self, db: u32) -> usize {
        let start = self.open.len();
        self.open.extend((0..self.keyspace.stripe_count()).map(|_| Batch::new(db)));
        self.starts[db as usize] = Some(start);
        start
    }

    /// Returns what is left.
    pub fn finish(self) -> impl Iterator<Item = (usize, Batch)> {
        let stripes = self.keyspace.stripe_count();
        let all = self.open.into_iter().enumerate().map(move |(at, batch)| (at % stripes, batch));
        all.filter(|(_, batch)| !batch.entries.is_empty())
    }
}

impl Stripe {
    /// Adds the entries of `batches`, which nobody watches. Returns how many were refused, because their key was
    /// there already.
    pub fn load(&mut self, batches: Vec<Batch>, now_ms: u64) -> u64 {
        let mut counts = [0; DATABASES];
        batches.iter().for_each(|batch| counts[batch.db as usize] += batch.entries.len());
        for (db, count) in (0..).zip(counts) {
            self.slice_mut(db).table.reserve(count);
        }
        batches.into_iter().map(|batch| self.load_batch(batch, now_ms)).sum()
    }

    fn load_batch(&mut self, batch: Batch, now_ms: u64) -> u64 {
        const AHEAD: usize = 8;
        let Batch { db, mut entries, bytes, mortal } = batch;
        let slice = self.slice_mut(db);
        slice.entry_bytes += bytes;
        let mut doubles = 0;
        // From the end, where they are taken off; what comes next is asked for meanwhile.
        while let Some((hash, mut entry)) = entries.pop() {
            if let Some((ahead, entry)) = entries.len().checked_sub(AHEAD).map(|at| &entries[at]) {
                slice.table.prefetch(*ahead);
                if mortal {
                    entry.prefetch();
                }
            }
            // The entry's own key is in no cache; it is read only when another one looks like it.
            if slice.table.find(hash, |other| other.key() == entry.key()).is_some() {
                slice.entry_bytes -= weight(&entry);
                doubles += 1;
                continue;
            }
            if mortal && entry.expire_at_ms().is_some() {
                slice.expires += 1;
                entry.set_filed(0);
                Slice::file(&mut slice.wheel, hash, &mut entry, now_ms);
            }
            slice.table.insert(hash, entry, rehash);
        }
        self.wheels |= u32::from(self.slice(db).wheel.is_some()) << db;
        doubles
    }
}

/// Bringing what a command will look at, before it runs: in three steps, each of them some time before the next.
impl Stripe {
    /// Where the table says which segment it is.
    #[inline]
    pub fn bring_seat(&self, db: u32, hash: u64) {
        self.slice(db).table.prefetch_seat(hash);
    }

    /// Where the segment says which entries it may be.
    #[inline]
    pub fn bring_tags(&self, db: u32, hash: u64) {
        self.slice(db).table.prefetch_to_write(hash);
    }

    /// These entries.
    #[inline]
    pub fn bring_entry(&self, db: u32, hash: u64) {
        self.slice(db).table.each_candidate(hash, Entry::prefetch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{limits::Encodings, rng::Seeds};

    fn key(n: u32) -> Vec<u8> {
        format!("key:{n}").into_bytes()
    }

    #[test]
    fn entries_of_several_sorters_and_databases_come_to_their_stripes() {
        const KEYS: u32 = 9000;
        for stripes in [1, 8] {
            let keyspace = Keyspace::new(stripes, Encodings::default(), &Seeds::new(Some(1)));
            let mut batches: Vec<Vec<Batch>> = (0..stripes).map(|_| Vec::new()).collect();
            for half in 0..2 {
                let mut sorter = Sorter::new(&keyspace);
                let mut push = |db, entry| sorter.push(db, entry).map(|(at, full)| batches[at].push(full));
                for n in (half..KEYS).step_by(2) {
                    let mut entry = Entry::bytes(&key(n), b"value");
                    entry.set_expire_at_ms((n % 3 == 0).then_some(5000 + u64::from(n)));
                    push(n % 5 * 3, entry);
                }
                push(3, Entry::int(&key(1), 7));
                sorter.finish().for_each(|(at, rest)| batches[at].push(rest));
            }
            let load = |(index, batches)| keyspace.lock(index).load(batches, 1000);
            let doubles: u64 = batches.into_iter().enumerate().map(load).sum();
            assert_eq!(doubles, 2, "both brought key 1 once more");
            let (mut keys, mut expires, mut due) = (0, 0, 0);
            for index in 0..stripes {
                let mut stripe = keyspace.lock(index);
                for db in 0..DATABASES as u32 {
                    let slice = stripe.slice(db);
                    (keys, expires) = (keys + slice.len(), expires + slice.expires());
                    assert_eq!(slice.entry_bytes, slice.table.iter().map(weight).sum::<usize>());
                }
                while stripe.reclaim(5000 + u64::from(KEYS), 100) {}
                due += stripe.tally.expired;
            }
            assert_eq!((keys, expires, due), (KEYS as usize, KEYS as usize / 3, u64::from(KEYS) / 3));
            for n in (1..KEYS).filter(|n| n % 3 != 0) {
                let (key, db) = (key(n), n % 5 * 3);
                let hash = hash::bytes(&key);
                let stripe = keyspace.lock(keyspace.stripe_of(hash));
                assert!(stripe.has_living(db, hash, &key, 1000), "{n}");
            }
        }
    }
}
