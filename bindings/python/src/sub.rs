//! `Subscription` and `PrefixWatch`: what others say and change, for threads that wait and for event loops.
use crate::{
    attached::lazily,
    db::Db,
    error,
    home::{Ends, Home},
    poller::{Poller, Token},
    value::Decode,
    wait::{in_slices, patience},
    word::Word,
};
use pyo3::{exceptions::PyValueError, prelude::*, types::PyTuple};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    task::{Context, Poll, Waker},
};
use tenondb::{Error, Invalidation, Message, Overflow, Result, SubscribeOptions, Topic, WatchOptions};

/// Something that is read until it, or its database, is closed. Who waits holds it for a slice at a time; closing it waits for
/// that.
struct Source<T> {
    source: RwLock<Option<T>>,
    /// Who has looked last, and found nothing.
    token: Mutex<Option<Arc<Token>>>,
    home: Arc<Home>,
}

impl<T: Send + Sync + 'static> Ends for Source<T> {
    fn end(&self, py: Python<'_>) {
        // A child of a fork has no threads that could let it go.
        if !self.home.is_inherited() {
            py.detach(|| drop(self.write().take()));
            if let Some(token) = self.token().take() {
                token.push();
            }
        }
    }
}

impl<T: Send + Sync + 'static> Source<T> {
    fn new(py: Python<'_>, source: T, home: &Arc<Home>) -> Arc<Self> {
        let source = RwLock::new(Some(source));
        let source = Arc::new(Self { source, token: Mutex::default(), home: Arc::clone(home) });
        home.keep(py, &source);
        source
    }

    fn read(&self) -> RwLockReadGuard<'_, Option<T>> {
        self.source.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Option<T>> {
        self.source.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn token(&self) -> MutexGuard<'_, Option<Arc<Token>>> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with it. It is let go before anything of Python's is made.
    fn with<R>(&self, py: Python<'_>, body: impl FnOnce(&T) -> R) -> PyResult<R> {
        let result = self.read().as_ref().map(body);
        result.ok_or_else(|| closed(py))
    }

    /// Waits for the next thing.
    fn next<R: Send>(
        &self,
        py: Python<'_>,
        timeout: Option<f64>,
        look: impl Fn(&T, std::time::Duration) -> Option<R> + Send + Sync,
    ) -> PyResult<Option<R>> {
        let found = in_slices(py, patience(timeout)?, |slice| match &*self.read() {
            Some(source) if !self.home.is_closed() => look(source, slice).map(Some),
            _ => Some(None),
        })?;
        // Over: nothing came. Closed: nothing will.
        found.map_or(Ok(None), |found| found.map_or_else(|| Err(closed(py)), |found| Ok(Some(found))))
    }

    /// Looks for the next thing; when there is none, `token` will be in `poller` once there is.
    fn poll<R>(
        &self,
        py: Python<'_>,
        poller: &Poller,
        token: u64,
        poll: impl FnOnce(&mut T, &mut Context<'_>) -> Poll<Option<R>>,
    ) -> PyResult<Poll<Option<R>>> {
        let token = Arc::new(Token { poller: poller.inner.clone(), token });
        let waker = Waker::from(Arc::clone(&token));
        let found = match &mut *self.write() {
            Some(source) if !self.home.is_closed() => {
                let found = poll(source, &mut Context::from_waker(&waker));
                if found.is_pending() {
                    *self.token() = Some(token);
                }
                Some(found)
            }
            _ => None,
        };
        found.ok_or_else(|| closed(py))
    }
}

#[cold]
fn closed(py: Python<'_>) -> PyErr {
    error::closed(py, "ERR the subscription is closed")
}

/// A message as `(type, pattern, channel, data)`.
type Parts<'p> = (&'static str, Option<Bound<'p, PyAny>>, Bound<'p, PyAny>, Bound<'p, PyAny>);

/// The native half of a subscription.
#[pyclass(module = "tenondb._native", subclass, frozen)]
pub struct Subscription {
    source: Arc<Source<tenondb::Subscription>>,
    decode: Decode,
}

impl Subscription {
    fn parts<'p>(&self, py: Python<'p>, message: &Message) -> PyResult<Parts<'p>> {
        let kind = match message.topic() {
            Topic::Channel => "message",
            Topic::Pattern => "pmessage",
            Topic::Shard => "smessage",
        };
        let pattern = message.pattern().map(|pattern| self.decode.bytes(py, pattern)).transpose()?;
        let channel = self.decode.bytes(py, message.channel())?;
        Ok((kind, pattern, channel, self.decode.bytes(py, message.body())?))
    }
}

fn topic(kind: &str) -> PyResult<Topic> {
    match kind {
        "channel" => Ok(Topic::Channel),
        "pattern" => Ok(Topic::Pattern),
        "shard" => Ok(Topic::Shard),
        _ => Err(PyValueError::new_err("a topic is channel, pattern or shard")),
    }
}

#[pymethods]
impl Subscription {
    #[new]
    #[pyo3(signature = (db, *, capacity=65_536, bytes_max=33_554_432, overflow="cut"))]
    fn new(py: Python<'_>, db: &Db, capacity: usize, bytes_max: usize, overflow: &str) -> PyResult<Self> {
        db.home.check(py)?;
        let overflow = match overflow {
            "cut" => Overflow::Cut,
            "drop-oldest" => Overflow::DropOldest,
            "drop-newest" => Overflow::DropNewest,
            _ => return Err(PyValueError::new_err("overflow is cut, drop-oldest or drop-newest")),
        };
        let options = SubscribeOptions { capacity, bytes_max, overflow };
        Ok(Self { source: Source::new(py, db.db.subscription(options), &db.home), decode: db.decode })
    }

    /// Subscribes to some more channels, patterns or shard channels.
    #[pyo3(signature = (kind, *names))]
    fn _add(&self, py: Python<'_>, kind: &str, names: &Bound<'_, PyTuple>) -> PyResult<()> {
        let topic = topic(kind)?;
        for name in names {
            let name = Word::of(&name)?;
            self.source.with(py, |source| source.add(topic, &name))?;
        }
        Ok(())
    }

    /// Unsubscribes from some.
    #[pyo3(signature = (kind, *names))]
    fn _remove(&self, py: Python<'_>, kind: &str, names: &Bound<'_, PyTuple>) -> PyResult<()> {
        let topic = topic(kind)?;
        for name in names {
            let name = Word::of(&name)?;
            self.source.with(py, |source| source.remove(topic, &name))?;
        }
        Ok(())
    }

    /// Waits for the next message, `timeout` seconds at most (`None`: for ever).
    #[pyo3(signature = (timeout=None))]
    fn _next<'p>(&self, py: Python<'p>, timeout: Option<f64>) -> PyResult<Option<Parts<'p>>> {
        let look = |source: &tenondb::Subscription, slice| source.recv_timeout(slice).transpose();
        let found: Option<Result<Message>> = self.source.next(py, timeout, look)?;
        let message = found.transpose().map_err(|error| error::raised(py, &error))?;
        message.map(|message| self.parts(py, &message)).transpose()
    }

    /// The next message, if there is one; otherwise `token` will be in `poller` once there is.
    fn _poll<'p>(&self, py: Python<'p>, poller: &Poller, token: u64) -> PyResult<Option<Parts<'p>>> {
        match self.source.poll(py, poller, token, |source, cx| source.poll_next(cx))? {
            Poll::Pending => Ok(None),
            Poll::Ready(Some(message)) => self.parts(py, &message).map(Some),
            Poll::Ready(None) => {
                let text = "ERR the subscription was cut: too many messages were left unread";
                Err(error::raised(py, &Error::new(tenondb::Kind::Limit, text)))
            }
        }
    }

    /// Ends it. Who waits for it is told by a `ClosedError`.
    fn close(&self, py: Python<'_>) {
        self.source.end(py);
    }

    /// How many messages had no room.
    #[getter]
    fn dropped(&self, py: Python<'_>) -> PyResult<u64> {
        self.source.with(py, tenondb::Subscription::dropped)
    }

    /// How many messages wait.
    fn __len__(&self) -> usize {
        self.source.read().as_ref().map_or(0, tenondb::Subscription::len)
    }
}

/// The native half of a watch on a prefix.
#[pyclass(module = "tenondb._native", subclass, frozen)]
pub struct PrefixWatch {
    source: Arc<Source<tenondb::PrefixWatch>>,
    decode: Decode,
}

impl PrefixWatch {
    /// `(key,)`, or `(None,)` when any key may have changed.
    fn part<'p>(&self, py: Python<'p>, what: Invalidation) -> PyResult<(Option<Bound<'p, PyAny>>,)> {
        match what {
            Invalidation::Key(key) => Ok((Some(self.decode.bytes(py, &key)?),)),
            Invalidation::All => Ok((None,)),
        }
    }
}

#[pymethods]
impl PrefixWatch {
    #[new]
    #[pyo3(signature = (db, prefix, *, capacity=65_536, bytes_max=33_554_432))]
    fn new(
        py: Python<'_>,
        db: &Db,
        prefix: &Bound<'_, PyAny>,
        capacity: usize,
        bytes_max: usize,
    ) -> PyResult<Self> {
        db.home.check(py)?;
        let prefix = Word::of(prefix)?;
        let options = WatchOptions { capacity, bytes_max };
        let watch = lazily(py, || db.db.watch_prefix_with(&prefix, options))
            .map_err(|error| error::raised(py, &error))?;
        Ok(Self { source: Source::new(py, watch, &db.home), decode: db.decode })
    }

    /// Waits for the next change, `timeout` seconds at most (`None`: for ever).
    #[pyo3(signature = (timeout=None))]
    fn _next<'p>(
        &self,
        py: Python<'p>,
        timeout: Option<f64>,
    ) -> PyResult<Option<(Option<Bound<'p, PyAny>>,)>> {
        let found = self.source.next(py, timeout, |source, slice| source.recv_timeout(slice))?;
        found.map(|what| self.part(py, what)).transpose()
    }

    /// The next change, if there is one; otherwise `token` will be in `poller` once there is.
    fn _poll<'p>(
        &self,
        py: Python<'p>,
        poller: &Poller,
        token: u64,
    ) -> PyResult<Option<(Option<Bound<'p, PyAny>>,)>> {
        match self.source.poll(py, poller, token, |source, cx| source.poll_next(cx))? {
            Poll::Pending => Ok(None),
            Poll::Ready(what) => self.part(py, what.unwrap_or(Invalidation::All)).map(Some),
        }
    }

    /// Ends it.
    fn close(&self, py: Python<'_>) {
        self.source.end(py);
    }

    /// How many changes wait.
    fn __len__(&self) -> usize {
        self.source.read().as_ref().map_or(0, tenondb::PrefixWatch::len)
    }
}
