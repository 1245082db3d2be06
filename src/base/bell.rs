//! How somebody who looks for news now and then is told that there are some: a thread that sleeps, a future, an event loop.
//!
//! ```text
//!   who looks:  arm ─▶ look ─▶ nothing ─▶ sleep ◀── ring: whoever brings news
//! ```
//!
//! Armed before the look, so that news which come between the look and the sleep are heard; one ring for each arming, so
//! that those who look anyway are hardly ever called. Several may look at the same time: who has found something leaves the bell
//! armed for the others, and a ring too many is harmless.
//!
//! Its lock is a leaf, and no foreign code – callbacks, wakers, their destructors – runs under it. Who holds another lock
//! while news may come says so ([`Quiet`]): callbacks then wait until that has gone.
use super::{
    clock::Stopwatch,
    poller::{Poller, Signal},
};
use crate::base::lock::{Condvar, Mutex};
use std::{
    cell::RefCell,
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

    /// Tells whether somebody has looked and found nothing.
    pub fn is_armed(&self) -> bool {
        self.armed.load(SeqCst)
    }

    /// Says that there are news.
    pub fn ring(&self) {
        if self.armed.swap(false, SeqCst) {
            self.call();
        } else {
            self.show();
        }
    }

    #[cold]
    fn call(&self) {
        let mut state = self.state.lock();
        state.show(true);
        if let Some((poller, token)) = &state.attached {
            poller.push(*token);
        }
        let call = Call { notify: state.notify.clone(), waker: state.waker.take() };
        self.rung.notify_all();
        drop(state);
        call.out();
    }

    /// Has the descriptor say that there are news. Without one it does nothing.
    pub fn show(&self) {
        if self.shows.load(SeqCst) {
            self.state.lock().show(true);
        }
    }

    /// Has the descriptor say that there are none, unless some have come since the look that has found nothing.
    pub fn hush(&self) {
        if self.shows.load(SeqCst) {
            let mut state = self.state.lock();
            if self.armed.load(SeqCst) {
                state.show(false);
            }
        }
    }

    /// Who is called; `None`: nobody.
    pub fn set_notify(&self, notify: Option<Notify>) {
        let before = std::mem::replace(&mut self.state.lock().notify, notify);
        drop(before);
    }

    /// The task that is woken by the next ring.
    pub fn set_waker(&self, waker: &Waker) {
        let waker = waker.clone();
        let before = self.state.lock().waker.replace(waker);
        drop(before);
    }

    /// From now on each ring puts `token` among those of the poller; `None`: none.
    pub fn attach(&self, to: Option<(&Poller, u64)>) {
        let attached = to.map(|(poller, token)| (poller.clone(), token));
        let before = std::mem::replace(&mut self.state.lock().attached, attached);
        drop(before);
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
        let watch = Stopwatch::start();
        let mut state = self.state.lock();
        loop {
            if std::mem::take(&mut state.interrupted) {
                return Woken::Interrupted;
            }
            if !self.armed.load(SeqCst) {
                return Woken::Ready;
            }
            let left = patience.map(|all| all.saturating_sub(Duration::from_micros(watch.elapsed_us())));
            match left {
                None => self.rung.wait(&mut state),
                Some(Duration::ZERO) => return Woken::TimedOut,
                Some(left) => {
                    self.rung.wait_for(&mut state, left);
                }
            }
        }
    }
}

/// Foreign code that is to be run because there are news.
struct Call {
    notify: Option<Notify>,
    waker: Option<Waker>,
}

impl Call {
    /// Runs it: now, or when the last [`Quiet`] of this thread has gone.
    fn out(self) {
        if self.notify.is_none() && self.waker.is_none() {
            return;
        }
        let is_quiet = later(|later| later.depth > 0).unwrap_or(false);
        if is_quiet {
            later(|later| later.calls.push(self));
        } else {
            self.run();
        }
    }

    fn run(self) {
        if let Some(notify) = self.notify {
            notify();
        }
        if let Some(waker) = self.waker {
            waker.wake();
        }
    }
}

#[derive(Default)]
struct Later {
    depth: usize,
    calls: Vec<Call>,
}

thread_local! {
    static LATER: RefCell<Later> = RefCell::default();
}

/// `None`: the thread is ending.
#[inline]
fn later<R>(what: impl FnOnce(&mut Later) -> R) -> Option<R> {
    LATER.try_with(|later| what(&mut later.borrow_mut())).ok()
}

/// While it lives, what this thread rings is called later: when it goes. Made before a lock is taken that callbacks may want.
pub struct Quiet(());

impl Quiet {
    /// Begins.
    #[inline]
    pub fn begin() -> Self {
        later(|later| later.depth += 1);
        Self(())
    }
}

impl Drop for Quiet {
    #[inline]
    fn drop(&mut self) {
        let calls = later(|later| {
            later.depth -= 1;
            if later.depth == 0 { std::mem::take(&mut later.calls) } else { Vec::new() }
        });
        calls.into_iter().flatten().for_each(Call::run);
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
