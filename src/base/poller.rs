//! One descriptor for an event loop, and which of its many connections have something to say.
use crate::base::lock::Mutex;
use std::{
    io,
    os::fd::{AsRawFd, OwnedFd, RawFd},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

/// A descriptor that is readable from [`Signal::raise`] until [`Signal::clear`]. A child of a fork has the same one as its
/// parent: there both do nothing.
pub struct Signal {
    process: u32,
    reader: OwnedFd,
    /// The end that is written to, where it is another one.
    writer: Option<OwnedFd>,
}

impl Signal {
    /// Makes one that is not readable.
    #[cfg(target_os = "linux")]
    pub fn new() -> io::Result<Self> {
        use rustix::event::{EventfdFlags, eventfd};
        let reader = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?;
        Ok(Self { process: std::process::id(), reader, writer: None })
    }

    /// Makes one that is not readable.
    #[cfg(not(target_os = "linux"))]
    pub fn new() -> io::Result<Self> {
        use rustix::{
            fs::{OFlags, fcntl_getfl, fcntl_setfl},
            io::{FdFlags, fcntl_setfd},
        };
        let (reader, writer) = rustix::pipe::pipe()?;
        for end in [&reader, &writer] {
            fcntl_setfl(end, fcntl_getfl(end)? | OFlags::NONBLOCK)?;
            fcntl_setfd(end, FdFlags::CLOEXEC)?;
        }
        Ok(Self { process: std::process::id(), reader, writer: Some(writer) })
    }

    /// The descriptor. It is not to be read, written or closed by others.
    pub fn fd(&self) -> RawFd {
        self.reader.as_raw_fd()
    }

    /// Tells whether this is the process that has made it.
    fn is_own(&self) -> bool {
        self.process == std::process::id()
    }

    /// Makes it readable.
    pub fn raise(&self) {
        if !self.is_own() {
            return;
        }
        // It fails only when it has been raised very often: then it is readable.
        let _ = rustix::io::write(self.writer.as_ref().unwrap_or(&self.reader), &[1; 8]);
    }

    /// Makes it unreadable.
    pub fn clear(&self) {
        if !self.is_own() {
            return;
        }
        // It fails when it is unreadable already.
        let _ = rustix::io::read(&self.reader, &mut [0; 8]);
    }
}

/// One descriptor for many connections: an event loop watches it, and takes the tokens of those that have something now.
/// Cloning shares it.
#[derive(Clone)]
pub struct Poller(Arc<Inner>);

struct Inner {
    signal: Signal,
    ready: Mutex<Vec<u64>>,
    closed: AtomicBool,
}

impl Poller {
    /// Makes a poller of no connections.
    ///
    /// # Errors
    /// The system has no descriptors left.
    pub fn new() -> io::Result<Self> {
        Ok(Self(Arc::new(Inner {
            signal: Signal::new()?,
            ready: Mutex::default(),
            closed: AtomicBool::new(false),
        })))
    }

    /// The descriptor: readable while there are tokens to take. It lives as long as the poller, is not to be read, and is watched
    /// for input.
    pub fn fd(&self) -> RawFd {
        self.0.signal.fd()
    }

    /// Takes the tokens, appending them to `tokens`. One may come twice, or too early: who owns it looks. In a child of a fork
    /// there are none: the descriptor is the parent's.
    pub fn take(&self, tokens: &mut Vec<u64>) {
        if self.0.signal.is_own() {
            let mut ready = self.0.ready.lock();
            self.0.signal.clear();
            tokens.append(&mut ready);
        }
    }

    /// Adds a token: for things of the host's that are to be told of by the same descriptor.
    pub fn push(&self, token: u64) {
        if self.0.closed.load(Relaxed) || !self.0.signal.is_own() {
            return;
        }
        let mut ready = self.0.ready.lock();
        if ready.is_empty() {
            self.0.signal.raise();
        }
        ready.push(token);
    }

    /// Ends it: nobody will take tokens any more, and none are kept.
    pub fn close(&self) {
        self.0.closed.store(true, Relaxed);
        if self.0.signal.is_own() {
            *self.0.ready.lock() = Vec::new();
        }
    }
}

impl std::fmt::Debug for Poller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Poller").field("fd", &self.fd()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::{
        event::{PollFd, PollFlags, Timespec, poll},
        fd::BorrowedFd,
    };

    fn readable(signal: &Signal) -> bool {
        let fd: BorrowedFd<'_> = std::os::fd::AsFd::as_fd(&signal.reader);
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        poll(&mut [PollFd::new(&fd, PollFlags::IN)], Some(&now)).unwrap() == 1
    }

    #[test]
    fn it_is_readable_while_there_are_tokens() {
        let poller = Poller::new().unwrap();
        let mut tokens = Vec::new();
        assert!(!readable(&poller.0.signal));
        poller.push(7);
        poller.push(8);
        assert!(readable(&poller.0.signal));
        poller.take(&mut tokens);
        assert_eq!((tokens, readable(&poller.0.signal)), (vec![7, 8], false));
        poller.push(9);
        assert!(readable(&poller.0.signal));
    }
}
