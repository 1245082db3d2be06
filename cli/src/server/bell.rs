//! How others wake a worker for one of its connections: there is something to send, or it was ended.
use mio::Waker;
use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

/// The connections that somebody has rung for. Only the first of a round costs a system call.
pub struct Bell {
    rung: Mutex<Vec<usize>>,
    waker: Arc<Waker>,
}

impl Bell {
    /// Makes the bell of the thread that `waker` wakes.
    pub fn new(waker: Arc<Waker>) -> Self {
        Self { rung: Mutex::default(), waker }
    }

    /// Wakes the thread for the connection in `slot`. From any thread, and never for long.
    pub fn ring(&self, slot: usize) {
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let first = rung.is_empty();
        rung.push(slot);
        drop(rung);
        if first {
            // A thread that has ended has ended its connections too.
            let _: io::Result<()> = self.waker.wake();
        }
    }

    /// Takes the connections that were rung for; `into` is empty.
    pub fn answer(&self, into: &mut Vec<usize>) {
        std::mem::swap(&mut *self.rung.lock().unwrap_or_else(PoisonError::into_inner), into);
    }
}
