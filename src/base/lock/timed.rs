//! A mutex that one can stop waiting for: the standard library's has no such call. And nobody is kept waiting for long by those who
//! take it again and again.
//!
//! One word, as in Drepper's "Futexes are tricky" (mutex 2), and beside it what sleepers sleep on:
//!
//! ```text
//!   FREE ──lock──▶ LOCKED ──somebody goes to sleep──▶ AWAITED
//!    ▲               │ unlock: one exchange             │ unlock: through the door
//!    ├───────────────┘                                  │
//!    ├─────────── and one sleeper is woken ─────────────┤ somebody slept for less than a millisecond
//!    │                                                  ▼
//!    └──────────                     it stays AWAITED, and is handed to a sleeper
//! ```
//!
//! Who goes to sleep holds `door` from writing AWAITED until he sleeps; who finds AWAITED when he unlocks passes through
//! `door` before he wakes one: no sleeper is missed. As a rule whoever comes first has it then, since a sleeper takes long to
//! wake up; once in a millisecond one of the sleepers has it whoever comes, as in parking_lot. model/tests/model.rs explores it.
#![expect(unsafe_code, reason = "a lock gives out what only it protects")]
use super::{AtomicU8, Condvar, Mutex};
use crate::base::clock::Stopwatch;
use std::{
    cell::UnsafeCell,
    fmt,
    ops::{Deref, DerefMut},
    sync::atomic::Ordering::{Acquire, Relaxed, Release},
    time::Duration,
};

const FREE: u8 = 0;
const LOCKED: u8 = 1;
const AWAITED: u8 = 2;

/// How long sleepers see others take it before one of them gets it.
const PATIENCE_US: u64 = if cfg!(tenon_model) { 0 } else { 1000 };

/// Who sleeps.
#[derive(Default)]
struct Door {
    sleepers: usize,
    /// When the first of them began, or when one of them was handed the lock last.
    since: Option<Stopwatch>,
    /// The lock is nobody's but his of those who slept when this was written who sees it first.
    handed: bool,
}

/// A mutex whose wait may have an end.
#[derive(Default)]
pub struct TimedMutex<T> {
    word: AtomicU8,
    door: Mutex<Door>,
    bell: Condvar,
    value: UnsafeCell<T>,
}

// SAFETY: one thread at a time reaches the value, so that it has to be one that threads may pass on, and no more.
unsafe impl<T: Send> Sync for TimedMutex<T> {}

/// Unlocks when it is dropped.
pub struct TimedMutexGuard<'m, T> {
    mutex: &'m TimedMutex<T>,
    /// Some systems' locks belong to threads: these do not leave theirs either.
    _stays: std::marker::PhantomData<*const ()>,
}

// SAFETY: a shared guard gives shared values out, and nothing else.
unsafe impl<T: Sync> Sync for TimedMutexGuard<'_, T> {}

impl<T> TimedMutex<T> {
    /// Makes one that is not locked.
    pub fn new(value: T) -> Self {
        let (door, bell) = (Mutex::default(), Condvar::default());
        Self { word: AtomicU8::new(FREE), door, bell, value: UnsafeCell::new(value) }
    }

    fn guard(&self) -> TimedMutexGuard<'_, T> {
        TimedMutexGuard { mutex: self, _stays: std::marker::PhantomData }
    }

    /// Takes it if nobody has it.
    #[inline]
    pub fn try_lock(&self) -> Option<TimedMutexGuard<'_, T>> {
        // Acquire: what the one before has written is seen.
        self.word.compare_exchange(FREE, LOCKED, Acquire, Relaxed).is_ok().then(|| self.guard())
    }

    /// Waits until it is ours.
    #[inline]
    pub fn lock(&self) -> TimedMutexGuard<'_, T> {
        self.try_lock().unwrap_or_else(|| {
            self.sleep(None);
            self.guard()
        })
    }

    /// Waits until it is ours, for so long at most.
    pub fn try_lock_for(&self, time: Duration) -> Option<TimedMutexGuard<'_, T>> {
        self.try_lock().or_else(|| self.sleep(Some(time)).then(|| self.guard()))
    }

    /// Sleeps until it is ours, for so long at most; false: it is not.
    #[cold]
    fn sleep(&self, time: Option<Duration>) -> bool {
        let watch = Stopwatch::start();
        let mut door = self.door.lock();
        if door.sleepers == 0 {
            door.since = Some(watch);
        }
        door.sleepers += 1;
        let mut slept = false;
        let ours = loop {
            // It is handed to who slept when it was: whoever comes now, back from having it perhaps, is none of them.
            if slept && std::mem::take(&mut door.handed) {
                break true;
            }
            // Whether others sleep nobody knows: who gets it says that they do, and passes through the door in vain at worst.
            if self.word.swap(AWAITED, Acquire) == FREE {
                break true;
            }
            slept = true;
            let Some(time) = time else {
                self.bell.wait(&mut door);
                continue;
            };
            let left = time.saturating_sub(Duration::from_micros(watch.elapsed_us()));
            if left.is_zero() {
                break false;
            }
            self.bell.wait_for(&mut door, left);
        };
        door.sleepers -= 1;
        ours
    }

    /// Unlocks it, somebody sleeping perhaps.
    #[cold]
    fn pass_on(&self) {
        let mut door = self.door.lock();
        let sleeps = door.sleepers > 0;
        if sleeps && door.since.as_ref().is_some_and(|since| since.elapsed_us() >= PATIENCE_US) {
            // Not again at once: to hand it over costs the time that it takes to wake somebody up.
            (door.handed, door.since) = (true, Some(Stopwatch::start()));
        } else {
            self.word.store(FREE, Release);
        }
        drop(door);
        if sleeps {
            self.bell.notify_one();
        }
    }
}

impl<T> Deref for TimedMutexGuard<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the mutex is locked, and the guard is all that reaches the value.
        unsafe { &*self.mutex.value.get() }
    }
}

impl<T> DerefMut for TimedMutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and the guard is borrowed mutably.
        unsafe { &mut *self.mutex.value.get() }
    }
}

impl<T> Drop for TimedMutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // Release: what was written is seen by the next one.
        if self.mutex.word.compare_exchange(LOCKED, FREE, Release, Relaxed).is_err() {
            self.mutex.pass_on();
        }
    }
}

impl<T> fmt::Debug for TimedMutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimedMutex").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        sync::atomic::{AtomicBool, Ordering::SeqCst},
        thread,
    };

    #[test]
    fn threads_take_turns_and_none_sleeps_for_ever() {
        const ROUNDS: u64 = 20_000;
        let mutex = TimedMutex::new((0_u64, 0_u64));
        thread::scope(|scope| {
            for number in 0..4 {
                let mutex = &mutex;
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        let mut guard = match (number + round) % 3 {
                            0 => mutex.lock(),
                            1 => mutex.try_lock_for(Duration::from_secs(600)).unwrap(),
                            _ => loop {
                                if let Some(guard) = mutex.try_lock_for(Duration::from_micros(50)) {
                                    break guard;
                                }
                            },
                        };
                        guard.0 += 1;
                        if round % 16 == 0 {
                            thread::yield_now();
                        }
                        guard.1 += 1;
                        assert_eq!(guard.0, guard.1);
                    }
                });
            }
        });
        assert_eq!(*mutex.lock(), (4 * ROUNDS, 4 * ROUNDS));
    }

    #[test]
    fn who_takes_it_again_and_again_keeps_nobody_waiting() {
        const TURNS: u32 = 1_000;
        let (mutex, had) = (TimedMutex::new(0_u32), AtomicBool::new(false));
        let seen = thread::scope(|scope| {
            scope.spawn(|| {
                while !had.load(SeqCst) {
                    let mut turns = mutex.lock();
                    *turns += 1;
                    let watch = Stopwatch::start();
                    while watch.elapsed_us() < 3_000 {}
                    if *turns >= TURNS {
                        break;
                    }
                }
            });
            while *mutex.lock() == 0 {}
            // As a step waits for its keys: in slices.
            let turns = loop {
                if let Some(turns) = mutex.try_lock_for(Duration::from_millis(2)) {
                    break *turns;
                }
            };
            let again = *mutex.lock();
            had.store(true, SeqCst);
            [turns, again]
        });
        assert!(seen.iter().all(|turns| *turns < TURNS / 2), "{seen:?}");
    }

    #[test]
    fn a_wait_ends_without_the_lock() {
        let mutex = TimedMutex::new(());
        let held = mutex.lock();
        thread::scope(|scope| {
            scope.spawn(|| {
                assert!(mutex.try_lock().is_none());
                assert!(mutex.try_lock_for(Duration::from_millis(2)).is_none());
                assert!(mutex.try_lock_for(Duration::ZERO).is_none());
            });
        });
        drop(held);
        assert!(mutex.try_lock_for(Duration::ZERO).is_some());
    }
}
