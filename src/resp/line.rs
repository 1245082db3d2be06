//! A connection that several threads hold: what the official clients of other languages sit on.
//!
//! ```text
//!   writer ──write──▶ ┌──────┐ ──read──▶ reader      a command that need not wait is executed by `write`,
//!                     │ Conn │                       and its reply is there when that returns
//!   others ──letters▶ └──────┘ ──bell──▶ reader      late data: messages, invalidations, ends of waits
//! ```
//!
//! A reader who finds nothing has armed the bell: he is called once, by the way he likes – a thread that sleeps in
//! [`Line::wait`], a callback, the waker of a task, a [`Poller`] that many lines share, a descriptor of its own. Replies that
//! are there at once call nobody but a reader who is armed.
use super::conn::{Conn, ConnOptions};
use crate::base::lock::{Mutex, MutexGuard};
use crate::{
    base::{
        bell::{Bell, Notify, Quiet, Woken},
        clock::Stopwatch,
        host,
        poller::Poller,
    },
    engine::{Db, home::Home},
};
use std::{
    io,
    os::fd::RawFd,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

/// How long a thread sleeps at once in a database that nobody but its host ticks: the ends of waits are found by looking.
const UNTICKED_NAP: Duration = Duration::from_millis(10);

/// A RESP connection to a database in the same process, for several threads at once: one that writes and one that reads, as
/// a rule. Dropping it closes it.
///
/// # Examples
/// ```
/// use tenondb::{Db, resp::{Line, Read}};
/// let line = Line::open(&Db::memory());
/// line.write(b"PING\r\n");
/// let mut reply = [0; 64];
/// assert_eq!(line.read(&mut reply), Read::Bytes(7));
/// assert_eq!(&reply[..7], b"+PONG\r\n");
/// assert_eq!(line.read(&mut reply), Read::Again);
/// ```
pub struct Line {
    home: Home,
    /// Left as it is in a child of a fork: another thread may have been in it.
    conn: Arc<Mutex<Conn>>,
    bell: Arc<Bell>,
    id: u64,
    /// A background thread ends waits whose time is over.
    is_ticked: bool,
}

/// The connection, locked. What rings meanwhile is called when it is unlocked: a callback may use the line.
struct Held<'l> {
    // In this order they are dropped.
    conn: MutexGuard<'l, Conn>,
    _quiet: Quiet,
}

/// What a look at a [`Line`] has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// So many bytes were read; 0 only into a buffer without room.
    Bytes(usize),
    /// Nothing, now. Whoever wants to be called when there is something will be, once.
    Again,
    /// The connection has ended, and everything was read.
    End,
}

impl Line {
    /// Opens a connection to `db`, in RESP2 until it says `HELLO 3`.
    pub fn open(db: &Db) -> Self {
        Self::open_with(db, ConnOptions::default())
    }

    /// Opens a connection to `db` with `options`. [`ConnOptions::wake`] is called besides whoever waits for the line, and
    /// must not use it.
    pub fn open_with(db: &Db, mut options: ConnOptions) -> Self {
        let bell = Arc::new(Bell::default());
        let (rings, others) = (Arc::clone(&bell), options.wake.take());
        options.wake = Some(Arc::new(move || {
            rings.ring();
            others.iter().for_each(|wake| wake());
        }));
        let conn = Conn::open(db, options);
        Self {
            home: db.core.clone(),
            id: conn.id(),
            conn: Arc::new(Mutex::new(conn)),
            bell,
            is_ticked: db.core.upkeep.has_thread(),
        }
    }

    /// The connection; `None` in a child of a fork, where it has ended.
    fn held(&self) -> Option<Held<'_>> {
        self.home.own().ok()?;
        let quiet = Quiet::begin();
        let conn = self.conn.try_lock().unwrap_or_else(|| {
            // Another thread's command may take long.
            host::about_to_sleep();
            self.conn.lock()
        });
        Some(Held { conn, _quiet: quiet })
    }

    /// Takes request bytes and executes, on this thread, every command that is complete. False: the connection has ended.
    pub fn write(&self, bytes: &[u8]) -> bool {
        self.held().is_some_and(|mut held| self.feed(&mut held, bytes))
    }

    fn feed(&self, held: &mut Held<'_>, bytes: &[u8]) -> bool {
        if held.conn.is_closed() {
            return false;
        }
        held.conn.feed(bytes);
        self.tell(held);
        true
    }

    /// Has a reader who waits know of what is there.
    fn tell(&self, held: &Held<'_>) {
        if held.conn.output_len() > 0 || held.conn.is_closed() {
            if self.bell.is_armed() {
                self.bell.ring();
            } else {
                self.bell.show();
            }
        }
    }

    /// Looks for something to read: late data, if there is nothing else. False: nothing, and the bell is armed.
    fn look(&self, held: &mut Held<'_>) -> bool {
        let conn = &mut held.conn;
        if conn.output_len() > 0 || conn.is_closed() {
            return true;
        }
        self.bell.arm();
        conn.pump();
        let found = conn.output_len() > 0 || conn.is_closed();
        if !found {
            self.bell.hush();
        }
        found
    }

    /// Reads reply bytes. Never blocks.
    pub fn read(&self, into: &mut [u8]) -> Read {
        self.held().map_or(Read::End, |mut held| self.take(&mut held, into))
    }

    fn take(&self, held: &mut Held<'_>, into: &mut [u8]) -> Read {
        if !self.look(held) {
            return Read::Again;
        }
        let output = held.conn.output();
        if output.is_empty() {
            return Read::End;
        }
        let count = output.len().min(into.len());
        into[..count].copy_from_slice(&output[..count]);
        Self::consume(held, count);
        Read::Bytes(count)
    }

    fn consume(held: &mut Held<'_>, count: usize) {
        held.conn.consume(count);
        if held.conn.is_paused() {
            held.conn.resume();
        }
    }

    /// Reads all there is: empty when that is nothing, now; `None` when the connection has ended and everything was read.
    /// Never blocks.
    pub fn read_all(&self) -> Option<Vec<u8>> {
        self.with_output(|output| (output.to_vec(), output.len())).map(Option::unwrap_or_default)
    }

    /// Shows what there is to `body`, without a copy; it says how much of it is done with. As [`Line::read`] otherwise:
    /// `Some(None)` stands for [`Read::Again`], `None` for [`Read::End`]. `body` must not use the line.
    pub fn with_output<R>(&self, body: impl FnOnce(&[u8]) -> (R, usize)) -> Option<Option<R>> {
        let mut held = self.held()?;
        if !self.look(&mut held) {
            return Some(None);
        }
        if held.conn.output_len() == 0 {
            return None;
        }
        let (result, count) = body(held.conn.output());
        Self::consume(&mut held, count);
        Some(Some(result))
    }

    /// Writes and then reads, as one step.
    pub fn exchange(&self, bytes: &[u8], into: &mut [u8]) -> Read {
        self.held().map_or(Read::End, |mut held| {
            self.feed(&mut held, bytes);
            self.take(&mut held, into)
        })
    }

    /// The number of reply bytes that can be read now. It does not arm.
    pub fn pending(&self) -> usize {
        self.held().map_or(0, |mut held| {
            if held.conn.output_len() == 0 {
                held.conn.pump();
            }
            held.conn.output_len()
        })
    }

    /// Tells whether there is something to read, or the connection has ended; otherwise the bell is armed.
    fn has_news(&self) -> bool {
        self.held().is_none_or(|mut held| self.look(&mut held))
    }

    /// Blocks the thread until there is something to read or the connection has ended, for `patience` at most.
    pub fn wait(&self, patience: Option<Duration>) -> Woken {
        let watch = Stopwatch::start();
        loop {
            if self.has_news() {
                return Woken::Ready;
            }
            let left = patience.map(|all| all.saturating_sub(Duration::from_micros(watch.elapsed_us())));
            if left == Some(Duration::ZERO) {
                return Woken::TimedOut;
            }
            let nap =
                if self.is_ticked { left } else { Some(left.unwrap_or(UNTICKED_NAP).min(UNTICKED_NAP)) };
            if self.bell.sleep(nap) == Woken::Interrupted {
                return Woken::Interrupted;
            }
        }
    }

    /// Has a thread that is in [`Line::wait`], or the next one to come there, go on.
    pub fn interrupt(&self) {
        if self.home.own().is_ok() {
            self.bell.interrupt();
        }
    }

    /// Ends the connection from this side: nothing more is executed, a command that waits is given up, and what is left of
    /// the output can still be read.
    pub fn shutdown(&self) {
        if let Some(mut held) = self.held() {
            held.conn.close();
            self.tell(&held);
        }
    }

    /// Tells whether the connection has ended. Something may be left to read.
    pub fn is_ended(&self) -> bool {
        self.held().is_none_or(|held| held.conn.is_closed())
    }

    /// The number that `CLIENT LIST` knows the connection by.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The number of the logical database that the connection is in; 0 in a child of a fork.
    pub fn database(&self) -> u32 {
        self.held().map_or(0, |held| held.conn.database())
    }

    /// Has `notify` called each time that there is something after a look that has found nothing; once for each such look, now
    /// and then once more, on any thread, under no lock: it may use the line. It must not block. `None`: nobody.
    pub fn notify(&self, notify: Option<Notify>) {
        if self.home.own().is_ok() {
            self.bell.set_notify(notify);
        }
    }

    /// Reads, or has the task woken when there is something. `Ready(None)`: the connection has ended. Only the task that has
    /// polled last is woken.
    pub fn poll_read(&self, context: &Context<'_>, into: &mut [u8]) -> Poll<Option<usize>> {
        if self.home.own().is_ok() {
            self.bell.set_waker(context.waker());
        }
        match self.read(into) {
            Read::Bytes(count) => Poll::Ready(Some(count)),
            Read::End => Poll::Ready(None),
            Read::Again => Poll::Pending,
        }
    }

    /// A descriptor that is readable while there is something to read, or the connection has ended, until a look has found
    /// nothing ([`Read::Again`]); made by the first call, it lives as long as the line. It is watched, and neither read, written
    /// nor closed.
    ///
    /// # Errors
    /// The system has no descriptors left; this is a child of a fork.
    pub fn fd(&self) -> io::Result<RawFd> {
        let mut held = self.held().ok_or(io::ErrorKind::NotConnected)?;
        let fd = self.bell.fd()?;
        self.look(&mut held);
        Ok(fd)
    }

    /// From now on `token` is among those of the poller when there is something after a look that has found nothing. The first
    /// look is this one: `false` says that there is something already.
    pub fn attach(&self, poller: &Poller, token: u64) -> bool {
        let Some(mut held) = self.held() else { return false };
        self.bell.attach(Some((poller, token)));
        !self.look(&mut held)
    }

    /// No poller is told any more.
    pub fn detach(&self) {
        if self.home.own().is_ok() {
            self.bell.attach(None);
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.home.own().is_err() {
            // What is in there may be half changed, and its locks held by nobody: it is never taken apart.
            std::mem::forget(Arc::clone(&self.conn));
            std::mem::forget(Arc::clone(&self.bell));
            return;
        }
        // Who has the callback's other end may be about to go as well.
        self.bell.set_notify(None);
        self.bell.attach(None);
    }
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line").field("id", &self.id).finish_non_exhaustive()
    }
}
