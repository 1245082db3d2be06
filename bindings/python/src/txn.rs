//! `Transaction`: the native half of an open transaction.
use crate::{
    attached::{interruptibly, lazily},
    db::{Db, was_stopped},
    error,
    facts::facts_of,
    home::Home,
    value::{self, Decode},
    word::words,
};
use pyo3::{prelude::*, types::PyTuple};
use std::sync::{
    Arc, Mutex, TryLockError,
    atomic::{AtomicUsize, Ordering::Relaxed},
};
use tenondb::{Error, Kind, OpenTxn};

/// A transaction that is open until it is committed, aborted or dropped. One thread at a time.
#[pyclass(module = "tenondb._native", frozen)]
pub struct Transaction {
    open: Mutex<Option<OpenTxn>>,
    home: Arc<Home>,
    decode: Decode,
    durable: bool,
    /// How many commands it has run; a slow one counts for many.
    steps: AtomicUsize,
}

/// After so many commands other threads run while it commits.
const MANY: usize = 64;

impl Transaction {
    /// Does something with what is open, unless another thread does.
    fn with<R>(
        &self,
        py: Python<'_>,
        body: impl FnOnce(&mut Option<OpenTxn>) -> Result<R, Error> + Send,
    ) -> PyResult<R>
    where
        R: Send,
    {
        self.home.check(py)?;
        lazily(py, || self.with_it(body)).map_err(|error| error::raised(py, &error))
    }

    fn with_it<R>(&self, body: impl FnOnce(&mut Option<OpenTxn>) -> Result<R, Error>) -> Result<R, Error> {
        let mut open = match self.open.try_lock() {
            Ok(open) => open,
            Err(TryLockError::Poisoned(open)) => open.into_inner(),
            Err(TryLockError::WouldBlock) => {
                return Err(Error::new(Kind::Misuse, "ERR a transaction is used by two threads at once"));
            }
        };
        body(&mut open)
    }
}

fn over() -> Error {
    Error::new(Kind::Misuse, "ERR the transaction is over")
}

#[pymethods]
impl Transaction {
    #[new]
    fn new(py: Python<'_>, db: &Db) -> PyResult<Self> {
        db.home.check(py)?;
        let home = Arc::clone(&db.home);
        let (decode, durable) = (db.decode, db.db.is_durable());
        Ok(Self { open: Mutex::new(Some(db.db.begin())), home, decode, durable, steps: AtomicUsize::new(0) })
    }

    /// Runs a command inside the transaction.
    #[pyo3(signature = (args, shape=None))]
    fn _run<'p>(
        &self,
        py: Python<'p>,
        args: &Bound<'p, PyTuple>,
        shape: Option<&Bound<'p, PyAny>>,
    ) -> PyResult<Bound<'p, PyAny>> {
        let objects: Vec<_> = args.iter().collect();
        let words = words(&objects)?;
        self.home.check(py)?;
        let run = || self.with_it(|open| open.as_ref().ok_or_else(over)?.call(&words));
        let facts = facts_of(&words);
        self.steps.fetch_add(if facts.slow { MANY } else { 1 }, Relaxed);
        let reply = if facts.scripts {
            interruptibly(py, run, was_stopped)?
        } else if facts.slow {
            py.detach(run)
        } else {
            lazily(py, run)
        };
        let reply = reply.map_err(|error| error::raised(py, &error))?;
        let reply = value::object(py, &reply, self.decode)?;
        match shape {
            Some(shape) => shape.call1((reply,)),
            None => Ok(reply),
        }
    }

    /// Makes what it has written visible.
    fn commit(&self, py: Python<'_>) -> PyResult<()> {
        let open = self.with(py, |open| open.take().ok_or_else(over))?;
        let done = if self.steps.load(Relaxed) >= MANY || self.home.may_sync(self.durable) {
            py.detach(|| open.commit())
        } else {
            lazily(py, || open.commit())
        };
        done.map_err(|error| error::raised(py, &error))
    }

    /// Ends it without a trace; nothing happens when it is over.
    fn abort(&self, py: Python<'_>) -> PyResult<()> {
        if self.home.is_closed() {
            return Ok(());
        }
        self.with(py, |open| {
            drop(open.take());
            Ok(())
        })
    }

    /// Whether it was neither committed nor aborted.
    #[getter]
    fn is_open(&self, py: Python<'_>) -> PyResult<bool> {
        self.with(py, |open| Ok(open.is_some()))
    }
}
