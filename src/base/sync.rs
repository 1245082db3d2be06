//! The locks of the scheduler and of the log's turns: those of `lock.rs`, or those of a model checker that explores who may
//! come between whom.
//!
//! `RUSTFLAGS="--cfg tenon_model" cargo test -p tenondb-model` builds the whole library on the second kind; see `model/`. Only
//! locks under which threads wait for each other come from here: the stripes, those who wait for keys, those who wait for a
//! sync. A lock under which nothing else is locked needs no exploring.
#[cfg(not(tenon_model))]
pub use super::lock::{Condvar, Mutex, MutexGuard, TimedMutex, TimedMutexGuard};
#[cfg(tenon_model)]
pub use model::{Condvar, Mutex, MutexGuard, TimedMutex, TimedMutexGuard};
#[cfg(tenon_model)]
use shuttle::sync::atomic::AtomicU8;

/// The timed mutex itself is explored alone: with all the rest on top of it there would be too much to explore.
#[cfg(tenon_model)]
#[path = "lock/timed.rs"]
pub mod timed;

#[cfg(tenon_model)]
mod model {
    //! The interface of `lock.rs` over the checker's locks.
    use std::{
        ops::{Deref, DerefMut},
        sync::PoisonError,
        time::Duration,
    };

    /// A mutex whose every step the checker may interrupt.
    #[derive(Debug, Default)]
    pub struct Mutex<T>(shuttle::sync::Mutex<T>);

    /// Unlocks when it is dropped.
    pub struct MutexGuard<'m, T>(Option<shuttle::sync::MutexGuard<'m, T>>);

    /// The model knows no time: see [`Mutex::try_lock_for`].
    pub type TimedMutex<T> = Mutex<T>;
    /// Unlocks when it is dropped.
    pub type TimedMutexGuard<'m, T> = MutexGuard<'m, T>;

    /// A condition variable.
    #[derive(Debug, Default)]
    pub struct Condvar(shuttle::sync::Condvar);

    const HELD: &str = "only a sleep takes the guard away, and puts it back";

    impl<T> Mutex<T> {
        pub fn new(value: T) -> Self {
            Self(shuttle::sync::Mutex::new(value))
        }

        pub fn lock(&self) -> MutexGuard<'_, T> {
            MutexGuard(Some(self.0.lock().unwrap_or_else(PoisonError::into_inner)))
        }

        /// The model knows no time: who holds it lets it go.
        pub fn try_lock_for(&self, _: Duration) -> Option<MutexGuard<'_, T>> {
            Some(self.lock())
        }

        pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
            self.0.try_lock().ok().map(|guard| MutexGuard(Some(guard)))
        }
    }

    impl<T> Deref for MutexGuard<'_, T> {
        type Target = T;
        fn deref(&self) -> &T {
            self.0.as_ref().expect(HELD)
        }
    }

    impl<T> DerefMut for MutexGuard<'_, T> {
        fn deref_mut(&mut self) -> &mut T {
            self.0.as_mut().expect(HELD)
        }
    }

    impl Condvar {
        pub fn new() -> Self {
            Self::default()
        }

        pub fn notify_one(&self) {
            self.0.notify_one();
        }

        pub fn notify_all(&self) {
            self.0.notify_all();
        }

        pub fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
            let held = guard.0.take().expect(HELD);
            guard.0 = Some(self.0.wait(held).unwrap_or_else(PoisonError::into_inner));
        }

        /// The model knows no time: who waits like this is woken by somebody.
        pub fn wait_for<T>(&self, guard: &mut MutexGuard<'_, T>, time: Duration) {
            let held = guard.0.take().expect(HELD);
            let woken = self.0.wait_timeout(held, time).unwrap_or_else(PoisonError::into_inner);
            guard.0 = Some(woken.0);
        }
    }
}
