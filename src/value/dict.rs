//! Records that are found by a key that is part of them: the large form of hashes and sets.
//!
//! ```text
//!   Table<Ref>                           Arena
//!   hash of key ─▶ segment: tags, refs ─────▶ …│record│record│record│…     (blocks, shared until written to)
//! ```
//!
//! A record is one byte string; its [`Shape`] says which part of it is the key. The table holds four bytes per
//! record and its tag one, so a set of 16-byte members takes about 25 bytes each.
//!
//! | operation | cost |
//! |---|---|
//! | get, put, remove, random | O(1); at most one segment and one block are copied when a clone shares them; a removal now and then moves a block of records closer to others |
//! | iterate, scan | O(visited) |
//! | clone | a counted reference per segment and block |
use crate::{
    base::{hash, rng::Rng},
    ds::{
        arena::{Arena, Ref},
        table::Table,
    },
};
use std::{collections::BTreeSet, iter::FusedIterator, marker::PhantomData};

/// Which part of a record is its key.
pub trait Shape {
    /// Returns the key of a record.
    fn key(record: &[u8]) -> &[u8];

    /// Topmost bits that the hashes of all keys have in common.
    const HASH_BITS_SKIPPED: u8 = 0;

    /// Returns the hash of a key.
    fn hash(key: &[u8]) -> u64 {
        hash::bytes(key)
    }
}

/// Records with different keys.
pub struct Dict<S> {
    table: Table<Ref>,
    arena: Arena,
    shape: PhantomData<fn() -> S>,
}

impl<S> Clone for Dict<S> {
    fn clone(&self) -> Self {
        Self { table: self.table.clone(), arena: self.arena.clone(), shape: PhantomData }
    }
}

impl<S: Shape> Default for Dict<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Shape> Dict<S> {
    /// Makes an empty dictionary. Allocates nothing.
    pub const fn new() -> Self {
        Self { table: Table::with_skip(S::HASH_BITS_SKIPPED), arena: Arena::new(), shape: PhantomData }
    }

    /// Returns the number of records.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Tells whether there are no records.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the bytes allocated by table and arena. O(1).
    pub fn mem_bytes(&self) -> usize {
        self.table.mem_bytes() + self.arena.mem_bytes()
    }

    fn find(&self, hash: u64, key: &[u8]) -> Option<Ref> {
        self.table.find(hash, |&at| S::key(self.arena.get(at)) == key).copied()
    }

    /// Returns the record of `key`.
    pub fn get(&self, key: &[u8]) -> Option<&[u8]> {
        self.find(S::hash(key), key).map(|at| self.arena.get(at))
    }

    /// Adds the record that consists of `parts` and has the key `key`, if there is none of that key yet; tells
    /// whether it did.
    pub fn add(&mut self, key: &[u8], parts: &[&[u8]]) -> bool {
        let hash = S::hash(key);
        let new = self.find(hash, key).is_none();
        if new {
            self.insert(hash, parts);
        }
        new
    }

    /// Adds the record that consists of `parts` and has the key `key`, or puts it in the place of the one with
    /// that key; tells whether the key is new.
    pub fn put(&mut self, key: &[u8], parts: &[&[u8]]) -> bool {
        let hash = S::hash(key);
        let Some(old) = self.find(hash, key) else {
            self.insert(hash, parts);
            return true;
        };
        let new = self.arena.replace(old, parts);
        // In its old place the table stays as it is, and shared with clones.
        if new != old
            && let Some(at) = self.table.find_mut(hash, |&at| at == old)
        {
            *at = new;
        }
        false
    }

    fn insert(&mut self, hash: u64, parts: &[&[u8]]) {
        let new = self.arena.insert(parts);
        let arena = &self.arena;
        self.table.insert(hash, new, |&at| S::hash(S::key(arena.get(at))));
    }

    /// Removes the record of `key`; tells whether there was one.
    pub fn remove(&mut self, key: &[u8]) -> bool {
        let arena = &self.arena;
        let gone = self.table.remove(
            S::hash(key),
            |&at| S::key(arena.get(at)) == key,
            |&at| S::hash(S::key(arena.get(at))),
        );
        let Some(at) = gone else { return false };
        self.arena.remove(at);
        self.tidy(at);
        true
    }

    /// Moves the records of a page that a removal has left sparse.
    fn tidy(&mut self, removed: Ref) {
        for old in self.arena.clear_sparse(removed) {
            let Some(new) = self.arena.copy(old) else { return };
            let hash = S::hash(S::key(self.arena.get(new)));
            if let Some(at) = self.table.find_mut(hash, |&at| at == old) {
                *at = new;
            }
            self.arena.remove(old);
        }
    }

    /// Iterates over the records in the order of the table.
    pub fn iter(&self) -> Records<'_> {
        let refs = self.table.iter();
        Records { records: Box::new(refs.map(|&at| self.arena.get(at))), left: self.len() }
    }

    /// Returns a record, each with the same chance. O(1).
    pub fn random(&self, rng: &mut Rng) -> Option<&[u8]> {
        self.table.random(|| rng.next()).map(|&at| self.arena.get(at))
    }

    /// Returns `count` different records (all when there are fewer), every choice of them with the same chance,
    /// in no order. O(count log count).
    pub fn sample(&self, count: usize, rng: &mut Rng) -> Vec<&[u8]> {
        if count > self.len() / 3 {
            return choose(self.iter(), self.len(), count, rng);
        }
        // Records are told apart by where they lie. At most a third is drawn, so few are drawn twice.
        let mut seen = BTreeSet::new();
        let mut sample = Vec::with_capacity(count);
        while sample.len() < count {
            match self.random(rng) {
                Some(record) if seen.insert(record.as_ptr()) => sample.push(record),
                Some(_) => {}
                None => break,
            }
        }
        sample
    }

    /// Shows about `count` records from `cursor` on to `visit`; returns the cursor to go on with, 0 after the
    /// last. A record that is there from the first call (with 0) to the last is shown exactly once.
    pub fn scan(&self, cursor: u64, count: usize, visit: &mut dyn FnMut(&[u8])) -> u64 {
        let hasher = |&at: &Ref| S::hash(S::key(self.arena.get(at)));
        self.table.scan(cursor, count, hasher, |&at| visit(self.arena.get(at))).unwrap_or(0)
    }

    /// Frees a bounded part of a dictionary that is not to be used any more; tells whether more remains.
    pub fn free_step(&mut self) -> bool {
        self.table.pop_segment() || self.arena.pop_page()
    }
}

/// The records of a [`Dict`].
pub struct Records<'a> {
    records: Box<dyn Iterator<Item = &'a [u8]> + 'a>,
    left: usize,
}

impl<'a> Iterator for Records<'a> {
    type Item = &'a [u8];
    fn next(&mut self) -> Option<&'a [u8]> {
        let record = self.records.next()?;
        self.left -= 1;
        Some(record)
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Records<'_> {}
impl FusedIterator for Records<'_> {}

/// Chooses `count` of `len` `items` (all when there are fewer), every choice with the same chance, and keeps their
/// order. O(items).
///
/// Source: Knuth, *The Art of Computer Programming* 2, algorithm 3.4.2 S.
pub fn choose<T>(items: impl Iterator<Item = T>, len: usize, count: usize, rng: &mut Rng) -> Vec<T> {
    let mut left = len;
    let mut wanted = count.min(len);
    let mut chosen = Vec::with_capacity(wanted);
    for item in items {
        if wanted == 0 {
            break;
        }
        if rng.below(left as u64) < wanted as u64 {
            chosen.push(item);
            wanted -= 1;
        }
        left -= 1;
    }
    chosen
}

/// Writes a length of less than 2^35 as a varint, 7 bits a byte, low ones first; returns the bytes written.
pub fn write_length(out: &mut [u8; 5], len: usize) -> &[u8] {
    let (mut rest, mut at) = (len, 0);
    while rest >= 0x80 && at < 4 {
        out[at] = (rest & 0x7f) as u8 | 0x80;
        rest >>= 7;
        at += 1;
    }
    out[at] = (rest & 0x7f) as u8;
    &out[..=at]
}

/// Reads what [`write_length`] wrote at the start of `bytes`; returns the length and how many bytes it took.
pub fn read_length(bytes: &[u8]) -> (usize, usize) {
    let (mut len, mut width) = (0, 0);
    for &byte in bytes.iter().take(5) {
        len |= ((byte & 0x7f) as usize) << (7 * width);
        width += 1;
        if byte < 0x80 {
            break;
        }
    }
    (len, width)
}
