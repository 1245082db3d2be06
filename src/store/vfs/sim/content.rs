//! What a simulated file holds: as the process sees it, and as the disk has it.
use crate::base::rng::Rng;
use std::{collections::BTreeSet, ops::Range};

/// What a disk writes as a whole, mostly.
pub const SECTOR: usize = 512;

/// A file.
#[derive(Clone, Default)]
pub struct Content {
    /// The page cache: what reads see.
    pub cache: Vec<u8>,
    /// The disk.
    pub durable: Vec<u8>,
    /// What leads from the second to the first, in order.
    pending: Vec<Change>,
    /// The room it takes on the disk.
    pub room: u64,
    /// Reads that touch these fail.
    pub bad: Vec<Range<u64>>,
}

#[derive(Clone)]
enum Change {
    Write { offset: usize, data: Vec<u8> },
    Length(usize),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Write { data, .. } if data.is_empty() => {}
            Self::Write { offset, data } => {
                let end = offset + data.len();
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[*offset..end].copy_from_slice(data);
            }
            Self::Length(len) => bytes.resize(*len, 0),
        }
    }

    /// The bytes it changes in a file that is never longer than `end`.
    fn touches(&self, end: usize) -> Range<usize> {
        match self {
            Self::Write { offset, data } => *offset..offset + data.len(),
            Self::Length(len) => *len..end.max(*len),
        }
    }
}

impl Content {
    /// On the disk since ever.
    pub fn durable(bytes: Vec<u8>) -> Self {
        Self { room: bytes.len() as u64, cache: bytes.clone(), durable: bytes, ..Self::default() }
    }

    pub fn write(&mut self, offset: usize, data: &[u8]) {
        if !data.is_empty() {
            self.room = self.room.max((offset + data.len()) as u64);
        }
        self.change(Change::Write { offset, data: data.to_vec() });
    }

    pub fn set_len(&mut self, len: usize) {
        self.room = self.room.min(len as u64);
        self.change(Change::Length(len));
    }

    pub fn allocate(&mut self, len: usize) {
        self.room = self.room.max(len as u64);
        if self.cache.len() < len {
            self.change(Change::Length(len));
        }
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.cache);
        self.pending.push(change);
    }

    /// Everything is on the disk.
    pub fn sync(&mut self) {
        for change in self.pending.drain(..) {
            change.apply(&mut self.durable);
        }
    }

    /// A sync that failed: some of it is on the disk, and nothing will bring the rest there.
    pub fn sync_in_part(&mut self, rng: &mut Rng) {
        self.durable = self.survivors(rng);
        self.pending.clear();
    }

    /// The file after a power loss.
    pub fn after_power_loss(&self, rng: &mut Rng) -> Self {
        let mut left = Self::durable(self.survivors(rng));
        left.bad.clone_from(&self.bad);
        left
    }

    /// What the disk has if it got some of the pending changes: each sector as it was after any of them, some torn,
    /// and the length as it was after any of them.
    fn survivors(&self, rng: &mut Rng) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        match rng.below(4) {
            0 => return bytes,
            1 => {
                self.pending.iter().for_each(|change| change.apply(&mut bytes));
                return bytes;
            }
            _ => {}
        }
        let mut lens = vec![bytes.len()];
        for change in &self.pending {
            let last = lens[lens.len() - 1];
            lens.push(match change {
                Change::Write { data, .. } if data.is_empty() => last,
                Change::Write { offset, data } => last.max(offset + data.len()),
                Change::Length(len) => *len,
            });
        }
        let end = lens.iter().copied().max().unwrap_or(0).next_multiple_of(SECTOR);
        let mut sectors = BTreeSet::new();
        for range in self.pending.iter().map(|change| change.touches(end)).filter(|r| !r.is_empty()) {
            sectors.extend(range.start / SECTOR..range.end.div_ceil(SECTOR));
        }
        bytes.resize(end, 0);
        for sector in sectors {
            let mut chosen = self.version(sector, end, rng);
            if rng.below(16) == 0 {
                let cut = rng.below(SECTOR as u64) as usize;
                chosen[cut..].copy_from_slice(&self.version(sector, end, rng)[cut..]);
            }
            bytes[sector * SECTOR..][..SECTOR].copy_from_slice(&chosen);
        }
        bytes.truncate(lens[rng.below(lens.len() as u64) as usize]);
        bytes
    }

    /// A sector as it was after any number of the changes.
    fn version(&self, sector: usize, end: usize, rng: &mut Rng) -> Vec<u8> {
        let here = sector * SECTOR..(sector + 1) * SECTOR;
        let touching: Vec<(&Change, Range<usize>)> = self
            .pending
            .iter()
            .map(|change| (change, change.touches(end)))
            .map(|(change, range)| (change, range.start.max(here.start)..range.end.min(here.end)))
            .filter(|(_, range)| range.start < range.end)
            .collect();
        let known = self.durable.len().clamp(here.start, here.end);
        let mut bytes = self.durable.get(here.start..known).unwrap_or_default().to_vec();
        bytes.resize(SECTOR, 0);
        let survive = rng.below(touching.len() as u64 + 1) as usize;
        for (change, range) in &touching[..survive] {
            let target = &mut bytes[range.start - here.start..range.end - here.start];
            match change {
                Change::Write { offset, data } => {
                    target.copy_from_slice(&data[range.start - offset..range.end - offset]);
                }
                Change::Length(_) => target.fill(0),
            }
        }
        bytes
    }
}
