//! `Db`: the native half of a database handle.
use crate::{
    attached::{interruptibly, lazily},
    clock::Clock,
    error,
    facts::facts_of,
    home::Home,
    options::Asked,
    seat::{self, Seat},
    value::{self, Decode},
    view,
    wait::{self, Pending},
    word::{Word, words},
};
use pyo3::{
    exceptions::PyTypeError,
    prelude::*,
    types::{PyDict, PyList, PyMemoryView, PyTuple, PyType},
};
use std::{path::PathBuf, sync::Arc};
use tenondb::{Bytes, Reply, Run, Strings, op};

/// Bytes of arguments above which other threads run while they are copied.
const LARGE_BYTES: usize = 256 * 1024;

/// Values up to this size are copied to the stack while their key is locked; longer ones are shared with the engine.
const SHORT_BYTES: usize = 128;

/// What `get` has found.
enum Found {
    Nothing,
    Short(usize),
    Long(Bytes),
}

/// A database handle. Usable from many threads at once; it belongs to the process that has opened it.
#[pyclass(module = "tenondb._native", subclass, frozen, weakref)]
pub struct Db {
    pub db: tenondb::Db,
    pub home: Arc<Home>,
    pub decode: Decode,
}

impl Db {
    /// Runs a command and returns its reply, once the locks have gone.
    pub fn run(&self, py: Python<'_>, words: &[Word<'_>]) -> PyResult<Reply> {
        self.home.check(py)?;
        let facts = facts_of(words);
        let long = self.home.may_take_long(facts, self.db.is_durable());
        if facts.waits {
            return wait::finish(py, &self.home, self.db.pending_call(words), long);
        }
        let reply = if facts.scripts {
            self.run_script(py, words)?
        } else if long || is_large(words) {
            py.detach(|| self.db.call(words))
        } else {
            lazily(py, || self.db.call(words))
        };
        if facts.configures {
            self.home.look_at_settings();
        }
        reply.map_err(|error| error::raised(py, &error))
    }

    /// Runs a command that runs a script.
    #[cold]
    fn run_script(&self, py: Python<'_>, words: &[Word<'_>]) -> PyResult<tenondb::Result<Reply>> {
        interruptibly(py, || self.db.call(words), was_stopped)
    }

    /// Another handle of the same `open()`.
    fn beside(&self, db: tenondb::Db) -> Self {
        Self { db, home: Arc::clone(&self.home), decode: self.decode }
    }
}

/// Whether a script was stopped before it had written: its result is this error.
pub fn was_stopped(result: &tenondb::Result<Reply>) -> bool {
    result.as_ref().is_err_and(|error| error.text().starts_with(b"ERR Script killed by user"))
}

fn is_large(words: &[Word<'_>]) -> bool {
    words.iter().map(|word| word.as_ref().len()).sum::<usize>() > LARGE_BYTES
}

#[pymethods]
impl Db {
    /// Opens the store in directory `path`, or a database in memory when there is none.
    #[new]
    #[pyo3(signature = (path=None, /, **options))]
    fn new(
        py: Python<'_>,
        path: Option<&Bound<'_, PyAny>>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let asked = Asked::read(options)?;
        if let Some(Ok(other)) = path.map(|path| path.cast::<Self>()) {
            let other = other.get();
            return match asked.any() {
                Some(name) => Err(PyTypeError::new_err(format!(
                    "a handle has its options already: {name} is none of another"
                ))),
                None => Ok(other.beside(other.db.clone())),
            };
        }
        let path: Option<PathBuf> = path.map(|path| path.extract()).transpose()?;
        let decode = asked.decode;
        let Some(path) = path else {
            let (db, clock) = (tenondb::Db::with(asked.engine), asked.clock);
            return Ok(Self { home: Home::new(&db, None, clock), db, decode });
        };
        let asked = Arc::new(asked);
        let (seat, first) = Seat::take(py, &path, &asked)?;
        // Whoever of several comes first opens the same.
        let mut engine = first.engine.clone();
        engine.salvage |= asked.engine.salvage;
        let db =
            py.detach(|| tenondb::Db::open_with(path, engine)).map_err(|error| error::raised(py, &error))?;
        if let Some(name) = asked.differs_now(&db) {
            return Err(seat::refused(py, name));
        }
        Ok(Self { home: Home::new(&db, Some(seat), Arc::clone(&first.clock)), db, decode })
    }

    /// Returns the string at `name`, or `None`.
    fn get<'p>(&self, py: Python<'p>, name: &Bound<'p, PyAny>) -> PyResult<Option<Bound<'p, PyAny>>> {
        self.home.check(py)?;
        let key = Word::of(name)?;
        let mut room = [0; SHORT_BYTES];
        let get = op::Get { key: key.as_ref() };
        let found = lazily(py, || {
            self.db.with(&get, |found| match found.0 {
                Some(text) if text.len() <= SHORT_BYTES => Found::Short(text.with(|data| {
                    room[..data.len()].copy_from_slice(data);
                    data.len()
                })),
                Some(text) => Found::Long(text.into()),
                None => Found::Nothing,
            })
        });
        match found {
            Ok(Found::Short(len)) => self.decode.bytes(py, &room[..len]).map(Some),
            Ok(Found::Long(value)) => self.decode.bytes(py, &value).map(Some),
            Ok(Found::Nothing) => Ok(None),
            Err(error) => Err(error::raised(py, &error)),
        }
    }

    /// Returns the string at `name` as a read-only `memoryview`, or `None`. A large one is not copied: it is as it was when it
    /// was read, whatever happens to the key.
    fn get_view<'p>(
        &self,
        py: Python<'p>,
        name: &Bound<'p, PyAny>,
    ) -> PyResult<Option<Bound<'p, PyMemoryView>>> {
        self.home.check(py)?;
        let name = Word::of(name)?;
        match lazily(py, || self.db.get(&name)) {
            Ok(Some(bytes)) => {
                let value = Bound::new(py, view::Value::new(bytes))?;
                PyMemoryView::from(value.as_any()).map(Some)
            }
            Ok(None) => Ok(None),
            Err(error) => Err(error::raised(py, &error)),
        }
    }

    /// Sets `name` to `value`, whatever was there.
    fn _put(&self, py: Python<'_>, name: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.home.check(py)?;
        let (name, value) = (Word::of(name)?, Word::of(value)?);
        let waits = self.home.syncs() || self.db.is_durable() || value.as_ref().len() > LARGE_BYTES;
        let set = || self.db.set(&name, &value);
        let done = if waits { py.detach(set) } else { lazily(py, set) };
        done.map(|()| true).map_err(|error| error::raised(py, &error))
    }

    /// Runs any command, given as its name and arguments, and returns its reply. One that waits for a key waits.
    #[pyo3(signature = (*args))]
    fn call<'p>(&self, py: Python<'p>, args: &Bound<'p, PyTuple>) -> PyResult<Bound<'p, PyAny>> {
        let objects: Vec<_> = args.iter().collect();
        value::object(py, &self.run(py, &words(&objects)?)?, self.decode)
    }

    /// Runs a command and returns what `shape`, if there is one, makes of its reply.
    #[pyo3(signature = (args, shape=None))]
    fn _run<'p>(
        &self,
        py: Python<'p>,
        args: &Bound<'p, PyTuple>,
        shape: Option<&Bound<'p, PyAny>>,
    ) -> PyResult<Bound<'p, PyAny>> {
        let reply = self.call(py, args)?;
        match shape {
            Some(shape) => shape.call1((reply,)),
            None => Ok(reply),
        }
    }

    /// Begins a command: its reply, or a `Pending` when it waits. `NotImplemented`: it may wait for the disk, which it may not
    /// here, and was not begun.
    #[pyo3(signature = (args, may_sync=false))]
    fn _start<'p>(
        &self,
        py: Python<'p>,
        args: &Bound<'p, PyTuple>,
        may_sync: bool,
    ) -> PyResult<Bound<'p, PyAny>> {
        let objects: Vec<_> = args.iter().collect();
        let words = words(&objects)?;
        let facts = facts_of(&words);
        if !may_sync && (facts.syncs || (facts.writes && self.home.may_sync(self.db.is_durable()))) {
            return Ok(py.NotImplemented().into_bound(py));
        }
        if !facts.waits {
            return value::object(py, &self.run(py, &words)?, self.decode);
        }
        self.home.check(py)?;
        let long = self.home.may_take_long(facts, self.db.is_durable());
        let mut call = self.db.pending_call(&words);
        let first = if long { py.detach(|| call.poll_once()) } else { lazily(py, || call.poll_once()) };
        match first {
            Some(reply) => value::object(py, &reply.map_err(|error| error::raised(py, &error))?, self.decode),
            None => {
                let pending = Pending::new(call, Arc::clone(&self.home), self.decode);
                Ok(Bound::new(py, pending)?.into_any())
            }
        }
    }

    /// Runs commands as one step and returns the reply of each; one that has failed is an exception in the list.
    fn _batch<'p>(&self, py: Python<'p>, commands: &Bound<'p, PyList>) -> PyResult<Bound<'p, PyList>> {
        self.home.check(py)?;
        let (mut batch, mut scripts) = (self.db.batch(), false);
        for command in commands {
            let objects: Vec<_> = command.cast::<PyTuple>()?.iter().collect();
            let words = words(&objects)?;
            scripts |= facts_of(&words).scripts;
            batch.call(words);
        }
        let run = || batch.run();
        let ran = match scripts {
            // The others have run when a script was stopped: nothing is made again.
            true => interruptibly(py, run, |_| false)?,
            false => py.detach(run),
        };
        let replies = ran.map_err(|error| error::raised(py, &error))?;
        let list = PyList::empty(py);
        for reply in &replies {
            list.append(value::object(py, reply, self.decode)?)?;
        }
        Ok(list)
    }

    /// A handle of the same `open()` whose writes are on the disk for good when they return.
    fn _durable(&self, py: Python<'_>) -> PyResult<Self> {
        self.home.check(py)?;
        Ok(self.beside(self.db.durable()))
    }

    /// A handle of another logical database of the same `open()`.
    fn _select(&self, py: Python<'_>, index: u32) -> PyResult<Self> {
        self.home.check(py)?;
        let db = self.db.select(index).map_err(|error| error::raised(py, &error))?;
        Ok(self.beside(db))
    }

    /// A handle of the same `open()` whose replies are decoded otherwise.
    #[pyo3(signature = (decode, decode_errors="strict"))]
    fn _decoding(&self, decode: Option<&Bound<'_, PyAny>>, decode_errors: &str) -> PyResult<Self> {
        let decode = Decode::of(decode, decode_errors)?;
        Ok(Self { decode, ..self.beside(self.db.clone()) })
    }

    /// Waits until everything that was written before is on the disk for good. In memory it does nothing.
    fn sync(&self, py: Python<'_>) -> PyResult<()> {
        self.home.check(py)?;
        py.detach(|| self.db.sync()).map_err(|error| error::raised(py, &error))
    }

    /// Ends the handle and all that were made from it: what they are asked afterwards is a `ClosedError`, and so is what those
    /// are told who wait. The directory is written out and let go when no other `open()` of this process has it.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.home.close(py)
    }

    /// Does about `budget_us` microseconds of upkeep; `True`: there is more to do. Only a database opened with `threads=0`
    /// needs it.
    #[pyo3(signature = (budget_us=1000))]
    fn tick(&self, py: Python<'_>, budget_us: u64) -> PyResult<bool> {
        self.home.check(py)?;
        Ok(py.detach(|| self.db.tick(budget_us)))
    }

    /// The database's clock.
    #[getter]
    fn clock(&self) -> Clock {
        Clock { inner: self.db.clock().clone(), mark: Arc::clone(self.home.clock()) }
    }

    /// Whether `close()` was called.
    #[getter]
    fn closed(&self) -> bool {
        self.home.is_closed()
    }

    /// The number of the logical database.
    #[getter]
    fn index(&self) -> u32 {
        self.db.index()
    }

    /// The directory, or `None` in memory.
    #[getter]
    fn path(&self) -> Option<PathBuf> {
        self.home.path().cloned()
    }

    /// Whether every write waits for the disk.
    #[getter]
    fn _syncs(&self) -> bool {
        self.home.may_sync(self.db.is_durable())
    }

    /// What opening the store has found, in words; `None` in memory.
    #[getter]
    fn open_report(&self) -> Option<String> {
        self.db.open_report().map(|report| report.to_string())
    }

    fn __repr__(&self) -> String {
        let place = self.home.path().map_or_else(|| "memory".into(), |path| path.display().to_string());
        let closed = if self.home.is_closed() { ", closed" } else { "" };
        format!("<tenondb.Db {place} db{}{closed}>", self.db.index())
    }

    /// Makes a handle of class `cls` of a native one.
    #[classmethod]
    fn _of<'p>(cls: &Bound<'p, PyType>, handle: &Bound<'p, Self>) -> PyResult<Bound<'p, PyAny>> {
        cls.call1((handle,))
    }
}
