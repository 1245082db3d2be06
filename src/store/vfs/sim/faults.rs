//! The switches of the simulated directory, and what tests look at.
use super::{Content, Map, Names, SECTOR, Sim};
use crate::base::rng::Rng;
use rustix::io::Errno;
use std::ops::Range;

/// How long a fault lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    Once,
    UntilHealed,
}

/// What is to go wrong.
#[derive(Clone, Default)]
pub struct Faults {
    pub crash_at: Option<u64>,
    pub lying: bool,
    pub no_memory: bool,
    pub capacity: Option<u64>,
    write: Option<(u64, Errno, Times)>,
    sync: Option<(u64, Times)>,
}

impl Faults {
    /// What outlives the machine: its size and its kind.
    pub fn successor(&self) -> Self {
        Self { no_memory: self.no_memory, capacity: self.capacity, ..Self::default() }
    }

    /// Counts a write; how it fails, if it does.
    pub fn write_fails(&mut self) -> Option<Errno> {
        let (left, errno, times) = self.write.as_mut()?;
        if *left > 0 {
            *left -= 1;
            return None;
        }
        let errno = *errno;
        if *times == Times::Once {
            self.write = None;
        }
        Some(errno)
    }

    /// Counts a sync; whether it fails.
    pub fn sync_fails(&mut self) -> bool {
        let Some((left, times)) = self.sync.as_mut() else { return false };
        if *left > 0 {
            *left -= 1;
            return false;
        }
        if *times == Times::Once {
            self.sync = None;
        }
        true
    }
}

/// How much of `len` bytes at `offset` gets through: up to the border of a sector, or any byte.
pub fn torn(len: usize, offset: u64, rng: &mut Rng) -> usize {
    let cut = rng.below(len as u64 + 1);
    if rng.below(2) == 0 {
        return cut as usize;
    }
    ((offset + cut) / SECTOR as u64 * SECTOR as u64).saturating_sub(offset) as usize
}

impl Sim {
    /// Write or allocation `k` from now on (0: the next one) fails; part of its data may have been written.
    pub fn fail_write(&self, k: u64, errno: Errno, times: Times) {
        self.state().faults.write = Some((k, errno, times));
    }

    /// Sync `k` from now on (0: the next one; of a file or of the directory) fails by an I/O error. After that a file
    /// counts as clean: what did not get to the disk is never written again, though reads see it.
    pub fn fail_sync(&self, k: u64, times: Times) {
        self.state().faults.sync = Some((k, times));
    }

    /// Syncs succeed and do nothing.
    pub fn lie(&self) {
        self.state().faults.lying = true;
    }

    /// Ends what fails and lies.
    pub fn heal(&self) {
        let mut state = self.state();
        state.faults.write = None;
        state.faults.sync = None;
        state.faults.lying = false;
        state.files.values_mut().for_each(|file| file.bad.clear());
    }

    /// Sets the size of the disk in bytes, the memory's file included.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.state().faults.capacity = bytes;
    }

    /// From now on there is no memory that outlives the process.
    pub fn without_memory(&self) {
        let mut state = self.state();
        state.faults.no_memory = true;
        state.memory.clear();
    }

    /// From now on runs of the machine cannot be told apart.
    pub fn without_boot_id(&self) {
        self.state().boot = None;
    }

    /// Reads of file `name` that touch `range` fail by an I/O error, until healed.
    pub fn fail_reads(&self, name: &str, range: Range<u64>) {
        self.edit(name, |file| file.bad.push(range.clone()));
    }

    /// Flips a bit of a file, on the disk and in the cache.
    pub fn flip(&self, name: &str, offset: usize, bit: u32) {
        self.edit(name, |file| {
            for bytes in [&mut file.cache, &mut file.durable] {
                if let Some(byte) = bytes.get_mut(offset) {
                    *byte ^= 1 << bit;
                }
            }
        });
    }

    /// Cuts a file, on the disk and in the cache.
    pub fn truncate(&self, name: &str, len: usize) {
        self.edit(name, |file| {
            let mut bytes = file.cache.clone();
            bytes.truncate(len);
            *file = Content::durable(bytes);
        });
    }

    /// Puts a file onto the disk, over what there is of that name.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        let mut state = self.state();
        let id = state.next;
        state.next += 1;
        state.files.insert(id, Content::durable(bytes.to_vec()));
        state.names.now.insert(name.into(), id);
        state.names.durable.insert(name.into(), id);
    }

    fn edit(&self, name: &str, act: impl FnOnce(&mut Content)) {
        let mut state = self.state();
        let id = state.id(name).unwrap_or_else(|_| panic!("no file {name}"));
        act(state.files.get_mut(&id).expect("a name has a file"));
    }

    /// The names of all files, without the memory's, sorted.
    pub fn names(&self) -> Vec<String> {
        self.state().names.now.keys().cloned().collect()
    }

    /// What a file holds, as reads see it.
    pub fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        let state = self.state();
        Some(state.files[state.names.now.get(name)?].cache.clone())
    }

    /// Everything as reads see it, on a disk of its own: a copy of the directory, as by `cp -r`.
    pub fn copy(&self, seed: u64) -> Self {
        let copy = Self::new(seed);
        let from = self.state();
        let mut to = copy.state();
        for id in from.names.now.values() {
            to.files.insert(*id, Content::durable(from.files[id].cache.clone()));
        }
        to.next = from.next;
        to.names = Names::durable(Map::clone(&from.names.now));
        drop(to);
        copy
    }
}
