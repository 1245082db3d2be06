//! Machines: states of Lua with everything that scripts find there, and the scripts that they have compiled.
//!
//! Two scripts need two machines only when they run at the same time, or compile while another runs; so there are few. One that is given back is
//! taken first the next time: it has compiled what is asked for most.
use super::{cache::Script, sandbox};
use crate::base::lock::Mutex;
use crate::base::{
    error::{Error, Kind, Result},
    limits::SCRIPT_BYTES_MAX,
};
use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
};
use tenondb_lua::{Chunk, Limits, State};

/// Machines that wait for work; more are dropped.
const IDLE_MAX: usize = 4;

/// Compiled scripts above which a machine forgets all it has: what the cache has forgotten meanwhile is among them.
const COMPILED_MAX: usize = 2048;

/// A state, and what it has compiled.
pub struct Machine {
    pub state: State,
    compiled: HashMap<super::cache::Sha, Chunk, foldhash::fast::FixedState>,
    generation: u64,
}

impl Machine {
    fn new(generation: u64) -> Result<Self> {
        let no_memory = || Error::new(Kind::Limit, "OOM there is no memory for a script to run in");
        let mut state = State::new(Limits { used_bytes_max: SCRIPT_BYTES_MAX }).ok_or_else(no_memory)?;
        sandbox::furnish(&mut state).map_err(|_| no_memory())?;
        Ok(Self { state, compiled: HashMap::default(), generation })
    }

    /// The compiled script.
    pub fn compiled(&mut self, script: &Script) -> Result<Chunk> {
        if let Some(chunk) = self.compiled.get(&script.sha) {
            return Ok(*chunk);
        }
        if self.compiled.len() >= COMPILED_MAX {
            for (_, chunk) in self.compiled.drain() {
                self.state.unload(chunk);
            }
        }
        let chunk = self.state.load(script.code(), c"@user_script").map_err(|text| {
            Error::quoting(
                Kind::Command,
                [&b"ERR Error compiling script (new function): "[..], &text].concat(),
            )
        })?;
        self.compiled.insert(script.sha, chunk);
        Ok(chunk)
    }
}

/// The machines that wait for work.
#[derive(Default)]
pub struct Pool {
    idle: Mutex<Vec<Machine>>,
    /// Machines of an older one are not taken back.
    generation: AtomicU64,
    used_bytes: AtomicUsize,
}

impl Pool {
    /// A machine: one that waits, or a new one.
    pub fn take(&self) -> Result<Machine> {
        let waiting = self.idle.lock().pop();
        waiting.map_or_else(|| Machine::new(self.generation.load(Relaxed)), Ok)
    }

    /// Takes a machine back.
    pub fn give(&self, machine: Machine) {
        let mut idle = self.idle.lock();
        // Looked at under the lock, so that none is taken back behind `renew`.
        if idle.len() < IDLE_MAX && machine.generation == self.generation.load(Relaxed) {
            idle.push(machine);
            self.used_bytes.store(idle.iter().map(|machine| machine.state.used_bytes()).sum(), Relaxed);
        } else {
            drop(idle);
            drop(machine);
        }
    }

    /// Starts with new machines from now on.
    pub fn renew(&self) {
        let mut idle = self.idle.lock();
        self.generation.fetch_add(1, Relaxed);
        let old = std::mem::take(&mut *idle);
        self.used_bytes.store(0, Relaxed);
        drop(idle);
        drop(old);
    }

    /// Bytes that the waiting machines use.
    pub fn used_bytes(&self) -> usize {
        self.used_bytes.load(Relaxed)
    }
}
