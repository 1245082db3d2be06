//! Locks of the standard library, without their poison: a panic under one is told by the call that it came to.
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Waits until it is ours.
pub fn locked<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
