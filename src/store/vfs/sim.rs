//! A directory in memory that fails on purpose: crashes, torn and reordered writes, full disks, syncs that fail or lie,
//! flipped bits. Everything is decided by a seed.
//!
//! ```text
//!   process ──write──► page cache ──File::sync──► disk        names: ──Dir::sync──► disk
//!      └─────copy────► memory (ring)
//!
//!   process_killed()   page cache ✔  memory ✔  lock free           the same run of the machine
//!   power_loss()       disk ✔, the rest sector by sector or not;   memory: anything; another run
//! ```
//!
//! Whatever changes something counts as one operation: create, write, set_len, allocate, rename, remove, sync of a file,
//! sync of the directory, making memory. [`Sim::crash_at`] stops the machine in the middle of one of them; a test runs
//! its scenario once to count, then once per operation, and looks at what [`Sim::power_loss`] and
//! [`Sim::process_killed`] leave. Both may be called more than once: each call is another fate of the same moment.
mod content;
mod faults;
mod names;
#[cfg(test)]
mod tests;

use super::{Dir, File, How, Lock};
use crate::base::lock::{Mutex, MutexGuard};
use crate::{base::rng::Rng, store::region::Region};
use content::{Content, SECTOR};
pub use faults::Times;
use faults::{Faults, torn};
use names::{Map, Names};
use rustix::io::Errno;
use std::{
    collections::BTreeMap,
    io::{self, ErrorKind},
    sync::Arc,
};

/// The number that [`Lock::HeldBy`] names.
pub const HOLDER: u32 = 4242;

/// See the module. Cloning shares it: another handle of the same directory.
#[derive(Clone)]
pub struct Sim(Arc<Mutex<State>>);

struct State {
    files: BTreeMap<u64, Content>,
    /// How often each file is open.
    open: BTreeMap<u64, usize>,
    next: u64,
    names: Names,
    memory: BTreeMap<String, Region>,
    boot: Option<[u8; 16]>,
    locked: bool,
    down: bool,
    operations: u64,
    rng: Rng,
    faults: Faults,
}

/// Whether an operation comes to its end.
enum Fate {
    Goes,
    Dies,
}

impl Sim {
    /// Makes an empty directory whose faults are decided by `seed`.
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let boot = Some(boot_id(&mut rng));
        Self(Arc::new(Mutex::new(State {
            files: BTreeMap::new(),
            open: BTreeMap::new(),
            next: 0,
            names: Names::default(),
            memory: BTreeMap::new(),
            boot,
            locked: false,
            down: false,
            operations: 0,
            rng,
            faults: Faults::default(),
        })))
    }

    /// The disk after the machine lost its power and came up again. What was opened here is dead from now on.
    pub fn power_loss(&self) -> Self {
        let mut old = self.state();
        old.die();
        let mut rng = Rng::new(old.rng.next());
        let names = old.names.after_power_loss(&mut rng);
        let files = old.files.iter().map(|(id, file)| (*id, file.after_power_loss(&mut rng))).collect();
        let memory = old.memory.iter().map(|(name, m)| (name.clone(), scrambled(m, &mut rng))).collect();
        let boot = old.boot.map(|_| boot_id(&mut rng));
        old.successor(names, files, memory, boot, rng)
    }

    /// The directory after the process was killed. What was opened here is dead from now on.
    pub fn process_killed(&self) -> Self {
        let mut old = self.state();
        old.die();
        let memory = old.memory.iter().map(|(name, region)| (name.clone(), copied(region))).collect();
        let rng = Rng::new(old.rng.next());
        old.successor(old.names.clone(), old.files.clone(), memory, old.boot, rng)
    }

    /// How many operations have changed something, or tried to.
    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    /// The machine stops in the middle of operation `n`, counted from 0 since this directory was made.
    pub fn crash_at(&self, n: u64) {
        self.state().faults.crash_at = Some(n);
    }

    /// Whether it has stopped. What a process was told after that, it was not told.
    pub fn is_down(&self) -> bool {
        self.state().down
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock()
    }

    fn handle(&self, state: &mut State, id: u64, how: How) -> Arc<dyn File> {
        *state.open.entry(id).or_default() += 1;
        Arc::new(Handle { sim: self.clone(), id, writes: how != How::Read })
    }
}

impl State {
    /// Begins an operation that changes something.
    fn begin(&mut self) -> io::Result<Fate> {
        self.alive()?;
        self.operations += 1;
        Ok(if self.faults.crash_at == Some(self.operations - 1) { Fate::Dies } else { Fate::Goes })
    }

    fn alive(&self) -> io::Result<()> {
        if self.down { Err(down()) } else { Ok(()) }
    }

    /// Stops. The memory is what it is at this moment: the process may go on writing into its own mapping.
    fn die(&mut self) {
        if !self.down {
            self.down = true;
            self.memory.values_mut().for_each(|region| *region = copied(region));
        }
    }

    /// Does an operation that happens as a whole or not at all, also when the machine stops in it.
    fn whole(&mut self, act: impl FnOnce(&mut Self)) -> io::Result<()> {
        match self.begin()? {
            Fate::Goes => act(self),
            Fate::Dies => {
                if self.rng.below(2) == 0 {
                    act(self);
                }
                self.die();
                return Err(down());
            }
        }
        Ok(())
    }

    fn successor(
        &self,
        names: Names,
        mut files: BTreeMap<u64, Content>,
        memory: BTreeMap<String, Region>,
        boot: Option<[u8; 16]>,
        rng: Rng,
    ) -> Sim {
        files.retain(|id, _| names.mentions(*id));
        Sim(Arc::new(Mutex::new(State {
            files,
            open: BTreeMap::new(),
            next: self.next,
            names,
            memory,
            boot,
            locked: false,
            down: false,
            operations: 0,
            rng,
            faults: self.faults.successor(),
        })))
    }

    fn id(&self, name: &str) -> io::Result<u64> {
        self.names.now.get(name).copied().ok_or_else(|| ErrorKind::NotFound.into())
    }

    /// The room that everything takes that has a name or is open.
    fn used(&self) -> u64 {
        let counts =
            |id: &u64| self.open.contains_key(id) || self.names.now.values().any(|named| named == id);
        let files = self.files.iter().filter(|(id, _)| counts(id)).map(|(_, file)| file.room);
        files.sum::<u64>() + self.memory.values().map(|region| region.len() as u64).sum::<u64>()
    }

    /// How far file `id` may reach before the disk is full.
    fn reach(&self, id: u64) -> u64 {
        let room = self.files[&id].room;
        self.faults.capacity.map_or(u64::MAX, |capacity| room + capacity.saturating_sub(self.used()))
    }
}

impl Dir for Sim {
    fn open(&self, name: &str, how: How) -> io::Result<Arc<dyn File>> {
        let mut state = self.state();
        state.alive()?;
        if how == How::Create {
            state.whole(|state| match state.names.now.get(name) {
                Some(id) => state.files.entry(*id).or_default().set_len(0),
                None => {
                    let id = state.next;
                    state.next += 1;
                    state.files.insert(id, Content::default());
                    state.names.create(name, id);
                }
            })?;
        }
        let id = state.id(name)?;
        Ok(self.handle(&mut state, id, how))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let state = self.state();
        state.alive()?;
        Ok(state.names.now.keys().chain(state.memory.keys()).cloned().collect())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.state();
        state.alive()?;
        state.id(from)?;
        state.whole(|state| state.names.rename(from, to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.state();
        state.alive()?;
        if state.memory.contains_key(name) {
            return state.whole(|state| drop(state.memory.remove(name)));
        }
        state.id(name)?;
        state.whole(|state| state.names.remove(name))
    }

    fn is_syncing(&self) -> bool {
        self.state().rng.below(2) == 0
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.state();
        match state.begin()? {
            Fate::Dies => {
                state.die();
                Err(down())
            }
            // The names stay pending: the next one may bring them to the disk.
            Fate::Goes if state.faults.sync_fails() => Err(Errno::IO.into()),
            Fate::Goes if state.faults.lying => Ok(()),
            Fate::Goes => {
                state.names.sync();
                Ok(())
            }
        }
    }

    fn lock(&self) -> io::Result<Lock> {
        let mut state = self.state();
        state.alive()?;
        if state.locked {
            return Ok(Lock::HeldBy(HOLDER));
        }
        state.locked = true;
        Ok(Lock::Taken(Box::new(Held(self.clone()))))
    }

    fn memory(&self, name: &str, len: usize) -> io::Result<Option<Region>> {
        let mut state = self.state();
        state.alive()?;
        if state.faults.no_memory {
            return Ok(None);
        }
        if let Some(region) = state.memory.get(name).filter(|region| region.len() == len) {
            return Ok(Some(region.clone()));
        }
        state.memory.remove(name);
        if state.faults.capacity.is_some_and(|capacity| state.used() + len as u64 > capacity) {
            return Err(Errno::NOSPC.into());
        }
        let region = Region::heap(len);
        state.whole(|state| drop(state.memory.insert(name.into(), region.clone())))?;
        Ok(Some(region))
    }

    fn boot_id(&self) -> Option<[u8; 16]> {
        self.state().boot
    }

    fn describe(&self) -> String {
        "the simulated directory".into()
    }
}

/// The lock of the directory.
struct Held(Sim);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.state().locked = false;
    }
}

/// An open file.
struct Handle {
    sim: Sim,
    id: u64,
    writes: bool,
}

impl Drop for Handle {
    fn drop(&mut self) {
        let open = &mut self.sim.state().open;
        if let Some(count) = open.get_mut(&self.id) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.id);
            }
        }
    }
}

impl Handle {
    fn may_write(&self) -> io::Result<()> {
        if self.writes { Ok(()) } else { Err(Errno::BADF.into()) }
    }
}

impl File for Handle {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let state = self.sim.state();
        state.alive()?;
        let file = &state.files[&self.id];
        let end = offset.saturating_add(buf.len() as u64).min(file.cache.len() as u64);
        if file.bad.iter().any(|bad| bad.start < end && offset < bad.end) {
            return Err(Errno::IO.into());
        }
        let here = file.cache.get(offset as usize..end as usize).unwrap_or_default();
        buf[..here.len()].copy_from_slice(here);
        Ok(here.len())
    }

    fn write_at(&self, data: &[u8], offset: u64) -> io::Result<()> {
        self.may_write()?;
        let mut state = self.sim.state();
        let fate = state.begin()?;
        let (len, error) = match fate {
            Fate::Dies => (torn(data.len(), offset, &mut state.rng), Some(down())),
            Fate::Goes => match state.faults.write_fails() {
                Some(errno) => (torn(data.len(), offset, &mut state.rng), Some(errno.into())),
                None => match state.reach(self.id).saturating_sub(offset) {
                    free if free >= data.len() as u64 => (data.len(), None),
                    free => (free as usize, Some(Errno::NOSPC.into())),
                },
            },
        };
        if let Some(file) = state.files.get_mut(&self.id) {
            file.write(offset as usize, &data[..len]);
        }
        if let Fate::Dies = fate {
            state.die();
        }
        error.map_or(Ok(()), Err)
    }

    fn len(&self) -> io::Result<u64> {
        let state = self.sim.state();
        state.alive()?;
        Ok(state.files[&self.id].cache.len() as u64)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.may_write()?;
        let id = self.id;
        self.sim.state().whole(|state| state.files.entry(id).or_default().set_len(len as usize))
    }

    fn allocate(&self, len: u64) -> io::Result<()> {
        self.may_write()?;
        let (mut state, id) = (self.sim.state(), self.id);
        state.alive()?;
        let full = state.reach(id) < len;
        if let Some(errno) = state.faults.write_fails().or(full.then_some(Errno::NOSPC)) {
            state.operations += 1;
            return Err(errno.into());
        }
        state.whole(|state| state.files.entry(id).or_default().allocate(len as usize))
    }

    fn sync(&self) -> io::Result<()> {
        let mut guard = self.sim.state();
        let state = &mut *guard;
        match state.begin()? {
            Fate::Dies => {
                state.die();
                return Err(down());
            }
            Fate::Goes if state.faults.lying => return Ok(()),
            Fate::Goes => {}
        }
        let fails = state.faults.sync_fails();
        let Some(file) = state.files.get_mut(&self.id) else { return Ok(()) };
        if fails {
            file.sync_in_part(&mut state.rng);
            return Err(Errno::IO.into());
        }
        file.sync();
        Ok(())
    }
}

fn down() -> io::Error {
    io::Error::other("the machine is down")
}

fn boot_id(rng: &mut Rng) -> [u8; 16] {
    (u128::from(rng.next()) << 64 | u128::from(rng.next())).to_le_bytes()
}

fn copied(region: &Region) -> Region {
    let mut bytes = vec![0; region.len()];
    region.read(0, &mut bytes);
    let copy = Region::heap(bytes.len());
    copy.write(0, &bytes);
    copy
}

/// Memory that was never promised to outlive the machine: page by page as it was, zeros or anything.
fn scrambled(region: &Region, rng: &mut Rng) -> Region {
    let left = copied(region);
    let mode = rng.below(4);
    for start in (0..region.len()).step_by(4096) {
        let mut page = vec![0; (region.len() - start).min(4096)];
        match if mode == 3 { rng.below(3) } else { mode } {
            0 => continue,
            1 => {}
            _ => page.iter_mut().for_each(|byte| *byte = rng.next() as u8),
        }
        left.write(start, &page);
    }
    left
}
