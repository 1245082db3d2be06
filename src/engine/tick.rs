//! Upkeep: giving back keys that are past their time, freeing what was removed; with a store, syncing its log once a
//! second and writing its snapshots.
//!
//! One background thread does it, started when there is something to do and ended with the database. Without
//! it (`threads: 0`) the host calls `tick`, and every removal of a big value frees a piece of an earlier one, so
//! that an engine nobody ticks stays bounded.
//!
//! Correctness never depends on any of this: a key past its time is not served, whether its memory came back or not.
use super::Core;
use crate::base::lock::{Condvar, Mutex};
use crate::{base::clock::Stopwatch, keyspace::stripe::Dead};
use std::{
    collections::VecDeque,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Keys given back per locking of a stripe: about 20 µs.
const RECLAIM_AT_ONCE: usize = 64;
/// How long the thread sleeps while some key has a deadline: memory is back within about twice that.
const NAP_MS: u64 = 40;
/// One round of the background thread.
const ROUND_US: u64 = 5_000;
/// Values up to this size are freed by whoever removed them: handing them over would cost more.
const FREED_AT_ONCE_BYTES: usize = 64 * 1024;
/// Pieces of earlier values that a removal frees when there is no background thread.
const STEPS_PER_BURIAL: usize = 64;

/// The background thread and what waits for it.
pub struct Upkeep {
    threads: usize,
    core: Weak<Core>,
    dead: Mutex<VecDeque<Dead>>,
    signal: Arc<Signal>,
    /// Tests switch this off to see keys past their time that are still there.
    expires: AtomicBool,
}

#[derive(Default)]
struct Signal {
    state: Mutex<State>,
    changed: Condvar,
    /// The thread sleeps until it is woken, or was never started.
    idle: AtomicBool,
    /// The thread could not be started.
    failed: AtomicBool,
}

#[derive(Default)]
struct State {
    started: bool,
    wanted: bool,
    stopped: bool,
}

impl Upkeep {
    pub(super) fn new(threads: usize, core: Weak<Core>) -> Self {
        let signal = Signal { idle: AtomicBool::new(threads > 0), ..Signal::default() };
        let expires = AtomicBool::new(true);
        Self { threads, core, dead: Mutex::default(), signal: Arc::new(signal), expires }
    }

    /// Tells whether the background thread has to be woken for new work.
    #[inline]
    pub(super) fn is_idle(&self) -> bool {
        self.signal.idle.load(Ordering::Relaxed)
    }

    /// Tells whether there may be a background thread.
    pub(crate) fn has_thread(&self) -> bool {
        self.threads > 0 && !self.signal.failed.load(Ordering::Relaxed)
    }

    /// See [`crate::cmd::session::Server::set_active_expire`].
    pub(super) fn set_active_expire(&self, on: bool) {
        self.expires.store(on, Ordering::Relaxed);
    }

    /// Tells whether keys past their time are given back before somebody meets them.
    #[inline]
    pub(super) fn expires(&self) -> bool {
        self.expires.load(Ordering::Relaxed)
    }

    /// Wakes the background thread; starts it the first time.
    #[cold]
    pub(super) fn wake(&self) {
        if self.threads == 0 {
            return;
        }
        let mut state = self.signal.state.lock();
        state.wanted = true;
        if !state.started {
            let (core, signal) = (self.core.clone(), Arc::clone(&self.signal));
            let body = move || background(&core, &signal);
            // A host that cannot start a thread is left with the upkeep that writes do on their way.
            state.started = std::thread::Builder::new().name("tenon-upkeep".into()).spawn(body).is_ok();
            self.signal.failed.store(!state.started, Ordering::Relaxed);
        }
        self.signal.idle.store(false, Ordering::Relaxed);
        self.signal.changed.notify_one();
    }

    /// Takes over what was removed by a command of a step that goes on: who runs long enough would otherwise gather more than
    /// there is room for. The thread cannot keep up with him, so he frees a share himself.
    #[cold]
    pub(super) fn bury_within(&self, dead: Vec<Dead>) {
        self.bury(dead);
        if self.threads > 0 {
            (0..STEPS_PER_BURIAL).take_while(|_| self.free_step()).count();
        }
    }

    /// A handle of the database; `None`: it ends.
    pub(super) fn owner(&self) -> Option<super::Db> {
        self.core.upgrade().map(super::Db::of)
    }

    /// Takes over what was removed.
    #[cold]
    pub(super) fn bury(&self, dead: Vec<Dead>) {
        let small =
            |dead: &Dead| matches!(dead, Dead::Value(value) if value.mem_bytes() <= FREED_AT_ONCE_BYTES);
        let (at_once, later): (Vec<Dead>, Vec<Dead>) = dead.into_iter().partition(small);
        drop(at_once);
        if later.is_empty() {
            return;
        }
        self.dead.lock().extend(later);
        if self.threads == 0 {
            (0..STEPS_PER_BURIAL).take_while(|_| self.free_step()).count();
        } else {
            self.wake();
        }
    }

    /// Frees one piece. False: nothing is left.
    fn free_step(&self) -> bool {
        let Some(mut dead) = self.dead.lock().pop_front() else { return false };
        if dead.free_step() {
            self.dead.lock().push_front(dead);
        }
        true
    }

    /// The number of removed values that are not freed yet.
    pub(crate) fn pending(&self) -> usize {
        self.dead.lock().len()
    }
}

impl Drop for Upkeep {
    fn drop(&mut self) {
        self.signal.state.lock().stopped = true;
        self.signal.changed.notify_one();
    }
}

impl Core {
    /// See [`super::Db::tick`].
    pub(crate) fn tick(&self, budget_us: u64) -> bool {
        let watch = Stopwatch::start();
        let (mut more, mut used_bytes) = (false, 0);
        if !self.lates.is_empty() {
            self.catch_up();
        }
        'stripes: for index in 0..self.keyspace.stripe_count() {
            loop {
                let Some(mut stripe) = self.keyspace.lock_while(index, &|| !self.is_scripted()) else {
                    // There is more to do than what waits for a script.
                    break 'stripes;
                };
                let now_ms = self.now_ms(&mut stripe);
                let left = stripe.has_deadlines()
                    && self.upkeep.expires()
                    && stripe.reclaim(now_ms, RECLAIM_AT_ONCE);
                if !left {
                    used_bytes += stripe.mem_bytes();
                }
                let dead = stripe.take_dead();
                if stripe.tally.interest.has_noted() {
                    self.conclude_one(stripe, Vec::new(), 0);
                } else {
                    drop(stripe);
                }
                self.upkeep.bury_from_tick(dead);
                if !left {
                    break;
                }
                if watch.elapsed_us() >= budget_us {
                    more = true;
                    break;
                }
            }
        }
        self.counters.note_used(used_bytes);
        self.end_due_waits();
        if let Some(store) = self.store.get() {
            more |= store.tick(self, budget_us.saturating_sub(watch.elapsed_us()));
        }
        while self.upkeep.free_step() {
            if watch.elapsed_us() >= budget_us {
                return true;
            }
        }
        more
    }

    fn has_deadlines(&self) -> bool {
        (0..self.keyspace.stripe_count()).any(|index| {
            let stripe = self.keyspace.lock_while(index, &|| !self.is_scripted());
            stripe.is_none_or(|stripe| stripe.has_deadlines())
        })
    }

    /// How long the thread may sleep; `None`: until it is woken.
    fn nap_ms(&self) -> Option<u64> {
        let wheel = (!self.lates.is_empty() || self.has_deadlines()).then_some(NAP_MS);
        let store = self.store.get().and_then(|store| store.nap_ms(self));
        [wheel, store, self.end_due_waits()].into_iter().flatten().min()
    }
}

impl Upkeep {
    fn bury_from_tick(&self, dead: Vec<Dead>) {
        if !dead.is_empty() {
            self.dead.lock().extend(dead);
        }
    }
}

fn background(core: &Weak<Core>, signal: &Signal) {
    loop {
        let Some(alive) = core.upgrade() else { return };
        let more = alive.tick(ROUND_US);
        // Said before looking: a first deadline that is set behind the look finds a thread that wants to be woken.
        signal.idle.store(true, Ordering::SeqCst);
        let nap_ms = if more { Some(0) } else { alive.nap_ms() };
        // The last handle may go while we work: then the database ends here, on this thread.
        drop(alive);
        let mut state = signal.state.lock();
        if state.stopped {
            return;
        }
        if state.wanted || more {
            state.wanted = false;
            continue;
        }
        match nap_ms {
            Some(ms) => {
                signal.idle.store(false, Ordering::Relaxed);
                signal.changed.wait_for(&mut state, Duration::from_millis(ms));
            }
            None => signal.changed.wait(&mut state),
        }
        if state.stopped {
            return;
        }
        state.wanted = false;
    }
}
