//! The large form of a set: a table of small integers beside a dictionary of everything else.
//!
//! An integer of 32 bits lies in the slot of the table itself: 8.5 bytes a member instead of 16 for its text and
//! the reference to it, and a look-up that follows no reference. The two tables halve the range of hashes between
//! them, so one cursor scans both:
//!
//! ```text
//!   cursor   0 ……………………………… 2^63 ……………………………… 2^64
//!            │ ints: Table<i32> │ texts: Dict<Whole> │
//! ```
use super::Member;
use crate::{
    base::{hash, num, rng::Rng},
    ds::table::Table,
    value::dict::{self, Dict, Records, Shape},
};
use std::collections::BTreeSet;

/// The first hash of the texts.
const TEXTS: u64 = 1 << 63;

/// A record of the dictionary is the member.
#[derive(Clone, Copy)]
pub(super) struct Whole;

impl Shape for Whole {
    const HASH_BITS_SKIPPED: u8 = 1;
    fn key(record: &[u8]) -> &[u8] {
        record
    }
    fn hash(key: &[u8]) -> u64 {
        hash::bytes(key) | TEXTS
    }
}

#[derive(Clone)]
pub(super) struct Large {
    ints: Table<i32>,
    texts: Dict<Whole>,
}

fn small(member: &[u8]) -> Option<i32> {
    num::parse_int(member).and_then(|int| i32::try_from(int).ok())
}

fn hash_of(int: &i32) -> u64 {
    hash::bytes(&int.to_le_bytes()) & !TEXTS
}

impl Large {
    pub const fn new() -> Self {
        Self { ints: Table::with_skip(1), texts: Dict::new() }
    }

    pub fn len(&self) -> usize {
        self.ints.len() + self.texts.len()
    }

    pub fn mem_bytes(&self) -> usize {
        self.ints.mem_bytes() + self.texts.mem_bytes()
    }

    fn contains_small(&self, int: i32) -> bool {
        self.ints.find(hash_of(&int), |&at| at == int).is_some()
    }

    pub fn contains(&self, member: &[u8]) -> bool {
        match small(member) {
            Some(int) => self.contains_small(int),
            None => self.texts.get(member).is_some(),
        }
    }

    /// Tells whether an integer is a member; `None` when its text has to be asked for.
    pub fn contains_int(&self, int: i64) -> Option<bool> {
        i32::try_from(int).ok().map(|int| self.contains_small(int))
    }

    pub fn insert(&mut self, member: &[u8]) -> bool {
        match small(member) {
            Some(int) => self.ints.find_or_insert_with(hash_of(&int), |&at| at == int, || int, hash_of).1,
            None => self.texts.add(member, &[member]),
        }
    }

    pub fn remove(&mut self, member: &[u8]) -> bool {
        match small(member) {
            Some(int) => self.ints.remove(hash_of(&int), |&at| at == int, hash_of).is_some(),
            None => self.texts.remove(member),
        }
    }

    pub fn ints(&self) -> Box<dyn Iterator<Item = i32> + '_> {
        Box::new(self.ints.iter().copied())
    }

    pub fn texts(&self) -> Records<'_> {
        self.texts.iter()
    }

    pub fn random(&self, rng: &mut Rng) -> Option<Member<'_>> {
        if rng.below(self.len().max(1) as u64) < self.ints.len() as u64 {
            self.ints.random(|| rng.next()).map(|&int| Member::int(int.into()))
        } else {
            self.texts.random(rng).map(Member::bytes)
        }
    }

    /// As [`Dict::sample`]; there are as many integers among them as chance would have it.
    pub fn sample(&self, count: usize, rng: &mut Rng) -> Vec<Member<'_>> {
        let count = count.min(self.len());
        let ints = share(count, self.ints.len(), self.len(), rng);
        let mut sample = Vec::with_capacity(count);
        if ints > self.ints.len() / 3 {
            let all = self.ints.iter().map(|&int| Member::int(int.into()));
            sample.extend(dict::choose(all, self.ints.len(), ints, rng));
        } else {
            let mut seen = BTreeSet::new();
            while seen.len() < ints {
                match self.ints.random(|| rng.next()) {
                    Some(&int) if seen.insert(int) => sample.push(Member::int(int.into())),
                    Some(_) => {}
                    None => break,
                }
            }
        }
        sample.extend(self.texts.sample(count - ints, rng).into_iter().map(Member::bytes));
        sample
    }

    pub fn scan(&self, cursor: u64, count: usize, visit: &mut dyn FnMut(&[u8])) -> u64 {
        let mut left = count.max(1);
        if cursor < TEXTS {
            let shown = &mut |int: &i32| {
                left = left.saturating_sub(1);
                visit(&num::Text::int((*int).into()));
            };
            if let Some(next) = self.ints.scan(cursor, count, hash_of, shown) {
                return next;
            }
            if self.texts.is_empty() {
                return 0;
            }
            if left == 0 {
                return TEXTS;
            }
        }
        self.texts.scan(cursor.max(TEXTS), left, visit)
    }

    pub fn free_step(&mut self) -> bool {
        self.ints.pop_segment() || self.texts.free_step()
    }
}

/// How many of `count` that are drawn from `all` belong to `part` of them.
fn share(count: usize, part: usize, all: usize, rng: &mut Rng) -> usize {
    if part == 0 || part == all {
        return count.min(part);
    }
    (0..count)
        .fold(0, |found, drawn| found + usize::from(rng.below((all - drawn) as u64) < (part - found) as u64))
}
