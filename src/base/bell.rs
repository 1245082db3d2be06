//! How somebody who looks for news now and then is told that there are some: a thread that sleeps, a future, an event loop.
//!
//! ```text
//!   who looks:  arm ─▶ look ─▶ nothing ─▶ sleep ◀── ring: whoever brings news
//! ```
//!
//! Armed before the look, so that news which come between the look and the sleep are heard; one ring for each arming, so
//! that those who look anyway are not called. Its lock is a leaf, and no foreign code runs under it.
use super::poller::{Poller, Signal};
use parking_lot::{Condvar, Mutex};
use std::{
    io,
    os::fd::RawFd,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::Waker,
    time::Duration,
};

/// Called when there are news, on any thread, under no lock. It must not block.
pub type Notify = Arc<dyn Fn() + Send + Sync>;

/// See the module.
#[derive(Default)]
pub struct Bell {
    armed: AtomicBool,
    /// There is a descriptor.
    shows: AtomicBool,
    state: Mutex<State>,
    rung: Condvar,
}

#[derive(Default)]
struct State {
    interrupted: bool,
    notify: Option<Notify>,
    waker: Option<Waker>,
    attached: Option<(Poller, u64)>,
    /// Readable while there are news; made when somebody asks for it.
    signal: Option<Signal>,
    raised: bool,
}

/// Why a thread that waited goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// There are news.
    Ready,
    /// The time is over.
    TimedOut,
    /// Somebody has interrupted it.
    Interrupted,
}

impl Bell {
    /// The next news ring. Belongs before the look.
    pub fn arm(&self) {
        self.armed.store(true, SeqCst);
    }

    /// The look has found something: nobody has to be called.
    pub fn disarm(&self) {
        self.armed.store(false, SeqCst);
    }

    /// Tells whether somebody has looked and found nothing.
    pub fn is_armed(&self) -> bool {
        self.armed.load(SeqCst)
    }

    /// Says that there are news.
    pub fn ring(&self) {
        if self.armed.swap(false, SeqCst) {
            self.call();
        } else {
            self.show(true);
        }
    }

    #[cold]
    fn call(&self) {
        let mut state = self.state.lock();
        state.show(true);
        if let Some((poller, token)) = &state.attached {
            poller.push(*token);
        }
        let (notify, waker) = (state.notify.clone(), state.waker.take());
        self.rung.notify_all();
        drop(state);
        if let Some(notify) = notify {
            notify();
        }
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Has the descriptor say whether there are news. Without one it does nothing.
    pub fn show(&self, news: bool) {
        if self.shows.load(SeqCst) {
            self.state.lock().show(news);
        }
    }

    /// Who is called; `None`: nobody.
    pub fn set_notify(&self, notify: Option<Notify>) {
        self.state.lock().notify = notify;
    }

    /// The task that is woken by the next ring.
    pub fn set_waker(&self, waker: &Waker) {
        let mut state = self.state.lock();
        match &mut state.waker {
            Some(kept) => kept.clone_from(waker),
            None => state.waker = Some(waker.clone()),
        }
    }

    /// From now on each ring puts `token` among those of the poller.
    pub fn attach(&self, poller: &Poller, token: u64) {
        self.state.lock().attached = Some((poller.clone(), token));
    }

    /// The descriptor that [`Bell::show`] is about, which shows that there are news until somebody has looked.
    pub fn fd(&self) -> io::Result<RawFd> {
        let mut state = self.state.lock();
        if let Some(signal) = &state.signal {
            return Ok(signal.fd());
        }
        let signal = Signal::new()?;
        let fd = signal.fd();
        state.signal = Some(signal);
        state.show(true);
        self.shows.store(true, SeqCst);
        Ok(fd)
    }

    /// Has the thread that sleeps here, or the next one that is about to, go on.
    pub fn interrupt(&self) {
        self.state.lock().interrupted = true;
        self.rung.notify_all();
    }

    /// Sleeps until it rings, if it is still armed, for `patience` at most.
    pub fn sleep(&self, patience: Option<Duration>) -> Woken {
        let mut state = self.state.lock();
        let mut timed_out = false;
        loop {
            if std::mem::take(&mut state.interrupted) {
                return Woken::Interrupted;
            }
            if !self.armed.load(SeqCst) {
                return Woken::Ready;
            }
            if timed_out {
                return Woken::TimedOut;
            }
            match patience {
                None => self.rung.wait(&mut state),
                Some(patience) => timed_out = self.rung.wait_for(&mut state, patience).timed_out(),
            }
        }
    }
}

impl State {
    fn show(&mut self, news: bool) {
        if self.raised != news
            && let Some(signal) = &self.signal
        {
            if news {
                signal.raise();
            } else {
                signal.clear();
            }
            self.raised = news;
        }
    }
}

impl std::fmt::Debug for Bell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bell").field("armed", &self.armed).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn it_rings_once_for_each_arming() {
        let bell = Bell::default();
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        bell.set_notify(Some(Arc::new(move || {
            counted.fetch_add(1, SeqCst);
        })));
        bell.ring();
        assert_eq!(calls.load(SeqCst), 0, "nobody has looked");
        bell.arm();
        bell.ring();
        bell.ring();
        assert_eq!(calls.load(SeqCst), 1);
        assert_eq!(bell.sleep(None), Woken::Ready);
    }

    #[test]
    fn a_sleeper_is_woken_interrupted_or_lets_it_be() {
        let bell = Arc::new(Bell::default());
        bell.arm();
        assert_eq!(bell.sleep(Some(Duration::from_millis(1))), Woken::TimedOut);
        bell.interrupt();
        assert_eq!(bell.sleep(None), Woken::Interrupted);
        let other = Arc::clone(&bell);
        let thread = std::thread::spawn(move || other.sleep(None));
        bell.ring();
        assert_eq!(thread.join().unwrap(), Woken::Ready);
    }
}
