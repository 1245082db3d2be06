//! `Line`: a RESP connection without a socket, for the official client.
use crate::{
    attached::{interruptibly, lazily},
    db::Db,
    error,
    facts::facts,
    home::{Ends, Home},
    poller::Poller,
    wait::{in_slices, patience},
};
use pyo3::{buffer::PyBuffer, exceptions::PyBufferError, prelude::*, types::PyBytes};
use std::{
    os::fd::RawFd,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};
use tenondb::resp::{self, Woken};

/// Requests above so many bytes are executed with other threads running.
const LARGE_BYTES: usize = 64 * 1024;

/// A connection: request bytes in, reply bytes out. What it is given is executed by the thread that gives it.
#[pyclass(module = "tenondb._native", frozen)]
pub struct Line {
    line: Arc<resp::Line>,
    home: Arc<Home>,
    durable: bool,
    /// Somebody may watch its descriptor.
    is_watched: AtomicBool,
}

impl Ends for resp::Line {
    fn end(&self, py: Python<'_>) {
        py.detach(|| self.shutdown());
    }
}

#[pymethods]
impl Line {
    /// Opens a connection to `db`, in RESP2 until it says `HELLO 3`.
    #[new]
    fn new(py: Python<'_>, db: &Db) -> PyResult<Self> {
        db.home.check(py)?;
        let (line, home) = (Arc::new(resp::Line::open(&db.db)), Arc::clone(&db.home));
        home.keep(py, &line);
        Ok(Self { line, home, durable: db.db.is_durable(), is_watched: AtomicBool::new(false) })
    }

    /// Executes the commands in `data`. `False`: the connection has ended.
    fn write(&self, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<bool> {
        match data.cast::<PyBytes>() {
            Ok(data) => self.run(py, data.as_bytes()),
            Err(_) => self.run(py, &PyBuffer::<u8>::get(data)?.to_vec(py)?),
        }
    }

    /// Reads into a writable buffer: how many bytes; 0: nothing now; -1: the connection has ended.
    fn read_into(&self, py: Python<'_>, buffer: &Bound<'_, PyAny>) -> PyResult<isize> {
        let buffer = PyBuffer::<u8>::get(buffer)?;
        let Some(room) = buffer.as_mut_slice(py) else {
            return Err(PyBufferError::new_err("the buffer is read-only or in pieces"));
        };
        let room_len = room.len();
        self.settle(py);
        let read = lazily(py, || {
            let read = |output: &[u8]| {
                let count = output.len().min(room_len);
                (output[..count].to_vec(), count)
            };
            self.line.with_output(read)
        });
        self.look_again(py);
        let Some(read) = read else { return Ok(-1) };
        let read = read.unwrap_or_default();
        room.iter().zip(&read).for_each(|(to, from)| to.set(*from));
        Ok(read.len() as isize)
    }

    /// Reads all there is: empty when that is nothing, now; `None`: the connection has ended.
    fn read_all<'p>(&self, py: Python<'p>) -> Option<Bound<'p, PyBytes>> {
        self.settle(py);
        let output = lazily(py, || self.line.read_all());
        self.look_again(py);
        output.map(|output| PyBytes::new(py, &output))
    }

    /// The number of bytes that can be read now.
    fn pending(&self, py: Python<'_>) -> usize {
        self.settle(py);
        lazily(py, || self.line.pending())
    }

    /// Whether there is nothing to read, and more may come.
    fn idle(&self, py: Python<'_>) -> bool {
        self.pending(py) == 0 && !self.ended(py)
    }

    /// Waits until there is something to read, or the connection has ended, `timeout` seconds at most (`None`: for ever).
    /// `False`: the time is over.
    #[pyo3(signature = (timeout=None))]
    fn wait(&self, py: Python<'_>, timeout: Option<f64>) -> PyResult<bool> {
        let woken = in_slices(py, patience(timeout)?, |slice| match self.line.wait(Some(slice)) {
            Woken::Ready => Some(()),
            _ => None,
        })?;
        Ok(woken.is_some())
    }

    /// A descriptor that is readable while there is something to read.
    fn fileno(&self, py: Python<'_>) -> PyResult<RawFd> {
        self.is_watched.store(true, Relaxed);
        lazily(py, || self.line.fd()).map_err(|fault| {
            error::raised(
                py,
                &tenondb::Error::quoting(tenondb::Kind::Io, format!("ERR no descriptor: {fault}")),
            )
        })
    }

    /// From now on `token` is put into `poller` when there is something after a read that has found nothing. `False`: there
    /// is something already.
    fn attach(&self, py: Python<'_>, poller: &Poller, token: u64) -> bool {
        lazily(py, || self.line.attach(&poller.inner, token))
    }

    /// Ends the connection from this side; what is left of its replies can still be read.
    fn shutdown(&self, py: Python<'_>) {
        self.line.end(py);
    }

    /// Whether the connection has ended.
    #[getter]
    fn ended(&self, py: Python<'_>) -> bool {
        self.home.is_closed() || lazily(py, || self.line.is_ended())
    }

    /// The number that `CLIENT LIST` knows it by.
    #[getter]
    fn id(&self) -> u64 {
        self.line.id()
    }
}

impl Line {
    /// The descriptor says that there is something until a look has found nothing: who has read everything, and waits for the
    /// descriptor, does not look again by himself.
    fn look_again(&self, py: Python<'_>) {
        if self.is_watched.load(Relaxed) {
            lazily(py, || self.line.with_output(|_| ((), 0)));
        }
    }

    /// Has a command that was served meanwhile wait for the disk, with other threads running: whoever reads would, otherwise.
    fn settle(&self, py: Python<'_>) {
        if self.home.may_sync(self.durable) {
            py.detach(|| self.line.pending());
        }
    }

    /// Shows what there is to `body`, which says how much of it is taken, and must make no object; `None`: nothing, now, or no
    /// more, or what `body` says.
    pub fn show<R: Send>(
        &self,
        py: Python<'_>,
        body: impl FnOnce(&[u8]) -> (Option<R>, usize) + Send,
    ) -> Option<R> {
        self.settle(py);
        let shown = lazily(py, || self.line.with_output(body));
        self.look_again(py);
        shown.flatten().flatten()
    }

    /// Executes the commands in `data`. `false`: the connection has ended.
    ///
    /// # Errors
    /// What a signal handler raises that a script was stopped for; its reply is there all the same.
    pub fn run(&self, py: Python<'_>, data: &[u8]) -> PyResult<bool> {
        if self.home.is_closed() {
            return Ok(false);
        }
        let seen = look_at(data, &self.home, self.durable);
        let write = || self.line.write(data);
        let goes_on = if seen.scripts {
            // Once: others of the commands may have been executed.
            interruptibly(py, write, |_| false)?
        } else if seen.may_take_long {
            py.detach(write)
        } else {
            lazily(py, write)
        };
        if seen.configures {
            self.home.look_at_settings();
        }
        Ok(goes_on)
    }
}

/// What a request looks like before it runs.
#[derive(Default)]
struct Seen {
    may_take_long: bool,
    configures: bool,
    scripts: bool,
}

/// Looks at the names of the commands in `data`. What it cannot read may be anything: the rest of a long command.
fn look_at(data: &[u8], home: &Home, durable: bool) -> Seen {
    let mut seen = Seen { may_take_long: data.len() > LARGE_BYTES, ..Seen::default() };
    let mut rest = data;
    while !rest.is_empty() {
        let Some((name, behind)) = command(rest) else {
            // It may as well be the rest of a script.
            (seen.may_take_long, seen.scripts) = (true, true);
            break;
        };
        let facts = facts(name);
        seen.configures |= facts.configures;
        seen.scripts |= facts.scripts;
        seen.may_take_long |= home.may_take_long(facts, durable);
        rest = behind;
    }
    seen
}

/// Reads `*2\r\n$3\r\nGET\r\n$1\r\nk\r\n`: the name, and what is behind the command.
fn command(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (count, mut rest) = number(data, b'*')?;
    let mut name = None;
    for _ in 0..count {
        let (len, behind) = number(rest, b'$')?;
        name = name.or(behind.get(..len));
        rest = behind.get(len.checked_add(2)?..)?;
    }
    Some((name?, rest))
}

/// Reads `*12\r\n`: the number, and what is behind it.
fn number(data: &[u8], kind: u8) -> Option<(usize, &[u8])> {
    let rest = data.strip_prefix(&[kind])?;
    let len = rest.iter().take(20).position(|byte| *byte == b'\r')?;
    let number = std::str::from_utf8(&rest[..len]).ok()?.parse().ok()?;
    Some((number, rest.get(len + 2..)?))
}
