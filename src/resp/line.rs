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
use crate::{
    base::{
        bell::{Bell, Notify, Woken},
        clock::Stopwatch,
        poller::Poller,
    },
    engine::Db,
};
use parking_lot::Mutex;
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
    conn: Mutex<Conn>,
    bell: Arc<Bell>,
    /// A background thread ends waits whose time is over.
    is_ticked: bool,
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

    /// Opens a connection to `db` with `options`. [`ConnOptions::wake`] is called besides whoever waits for the line.
    pub fn open_with(db: &Db, mut options: ConnOptions) -> Self {
        let bell = Arc::new(Bell::default());
        let (rings, others) = (Arc::clone(&bell), options.wake.take());
        options.wake = Some(Arc::new(move || {
            rings.ring();
            others.iter().for_each(|wake| wake());
        }));
        let is_ticked = db.core.upkeep.has_thread();
        Self { conn: Mutex::new(Conn::open(db, options)), bell, is_ticked }
    }

    /// Takes request bytes and executes, on this thread, every command that is complete. False: the connection has ended.
    pub fn write(&self, bytes: &[u8]) -> bool {
        let mut conn = self.conn.lock();
        if conn.is_closed() {
            return false;
        }
        conn.feed(bytes);
        self.tell(&conn);
        true
    }

    /// Has a reader who waits know of what is there.
    fn tell(&self, conn: &Conn) {
        let news = conn.output_len() > 0 || conn.is_closed();
        if news && self.bell.is_armed() {
            self.bell.ring();
        } else {
            self.bell.show(news);
        }
    }

    /// Looks for something to read: late data, if there is nothing else. `None`: nothing, and the bell is armed.
    fn look(&self, conn: &mut Conn) -> Option<()> {
        if conn.output_len() == 0 && !conn.is_closed() {
            self.bell.arm();
            conn.pump();
            if conn.output_len() == 0 && !conn.is_closed() {
                return None;
            }
            self.bell.disarm();
        }
        Some(())
    }

    /// Reads reply bytes. Never blocks.
    pub fn read(&self, into: &mut [u8]) -> Read {
        let mut conn = self.conn.lock();
        if self.look(&mut conn).is_none() {
            self.bell.show(false);
            return Read::Again;
        }
        let output = conn.output();
        if output.is_empty() {
            return Read::End;
        }
        let count = output.len().min(into.len());
        into[..count].copy_from_slice(&output[..count]);
        self.consume_locked(&mut conn, count);
        Read::Bytes(count)
    }

    fn consume_locked(&self, conn: &mut Conn, count: usize) {
        conn.consume(count);
        if conn.is_paused() {
            conn.resume();
        }
        self.bell.show(conn.output_len() > 0 || conn.is_closed());
    }

    /// Reads all there is: empty when that is nothing, now; `None` when the connection has ended and everything was read.
    /// Never blocks.
    pub fn read_all(&self) -> Option<Vec<u8>> {
        self.with_output(|output| (output.to_vec(), output.len())).map(Option::unwrap_or_default)
    }

    /// Shows what there is to `body`, without a copy; it says how much of it is done with. As [`Line::read`] otherwise:
    /// `Some(None)` stands for [`Read::Again`], `None` for [`Read::End`]. `body` must not use the line.
    pub fn with_output<R>(&self, body: impl FnOnce(&[u8]) -> (R, usize)) -> Option<Option<R>> {
        let mut conn = self.conn.lock();
        if self.look(&mut conn).is_none() {
            self.bell.show(false);
            return Some(None);
        }
        if conn.output_len() == 0 {
            return None;
        }
        let (result, count) = body(conn.output());
        self.consume_locked(&mut conn, count);
        Some(Some(result))
    }

    /// Writes and then reads, as one step.
    pub fn exchange(&self, bytes: &[u8], into: &mut [u8]) -> Read {
        self.write(bytes);
        self.read(into)
    }

    /// The number of reply bytes that can be read now. It does not arm.
    pub fn pending(&self) -> usize {
        let mut conn = self.conn.lock();
        if conn.output_len() == 0 {
            conn.pump();
        }
        conn.output_len()
    }

    /// Blocks the thread until there is something to read or the connection has ended, for `patience` at most.
    pub fn wait(&self, patience: Option<Duration>) -> Woken {
        let watch = Stopwatch::start();
        loop {
            if self.look(&mut self.conn.lock()).is_some() {
                return Woken::Ready;
            }
            let left = patience.map(|all| all.saturating_sub(Duration::from_micros(watch.elapsed_us())));
            let nap =
                if self.is_ticked { left } else { Some(left.unwrap_or(UNTICKED_NAP).min(UNTICKED_NAP)) };
            match self.bell.sleep(nap) {
                Woken::Interrupted => return Woken::Interrupted,
                Woken::TimedOut if left.is_some_and(|left| left <= nap.unwrap_or(left)) => {
                    return if self.look(&mut self.conn.lock()).is_some() {
                        Woken::Ready
                    } else {
                        Woken::TimedOut
                    };
                }
                _ => {}
            }
        }
    }

    /// Has a thread that is in [`Line::wait`], or the next one to come there, go on.
    pub fn interrupt(&self) {
        self.bell.interrupt();
    }

    /// Ends the connection from this side: nothing more is executed, a command that waits is given up, and what is left of
    /// the output can still be read.
    pub fn shutdown(&self) {
        let mut conn = self.conn.lock();
        conn.close();
        self.tell(&conn);
    }

    /// Tells whether the connection has ended. Something may be left to read.
    pub fn is_ended(&self) -> bool {
        self.conn.lock().is_closed()
    }

    /// The number that `CLIENT LIST` knows the connection by.
    pub fn id(&self) -> u64 {
        self.conn.lock().id()
    }

    /// The number of the logical database that the connection is in.
    pub fn database(&self) -> u32 {
        self.conn.lock().database()
    }

    /// Has `notify` called each time that there is something after a look that has found nothing; once for each such look, on
    /// any thread, under no lock. It must not block. `None`: nobody.
    pub fn notify(&self, notify: Option<Notify>) {
        self.bell.set_notify(notify);
    }

    /// Reads, or has the task woken when there is something. `Ready(None)`: the connection has ended. Only the task that has
    /// polled last is woken.
    pub fn poll_read(&self, context: &Context<'_>, into: &mut [u8]) -> Poll<Option<usize>> {
        self.bell.set_waker(context.waker());
        match self.read(into) {
            Read::Bytes(count) => Poll::Ready(Some(count)),
            Read::End => Poll::Ready(None),
            Read::Again => Poll::Pending,
        }
    }

    /// A descriptor that is readable while there is something to read, or the connection has ended; made by the first call, it
    /// lives as long as the line. It is watched, and neither read, written nor closed.
    ///
    /// # Errors
    /// The system has no descriptors left.
    pub fn fd(&self) -> io::Result<RawFd> {
        let mut conn = self.conn.lock();
        let fd = self.bell.fd()?;
        let news = self.look(&mut conn).is_some();
        self.bell.show(news);
        Ok(fd)
    }

    /// From now on `token` is among those of the poller when there is something after a look that has found nothing. The first
    /// look is this one: `false` says that there is something already.
    pub fn attach(&self, poller: &Poller, token: u64) -> bool {
        let mut conn = self.conn.lock();
        self.bell.attach(poller, token);
        self.look(&mut conn).is_none()
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // Who has the callback's other end may be about to go as well.
        self.bell.set_notify(None);
    }
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line").field("conn", &*self.conn.lock()).finish_non_exhaustive()
    }
}
