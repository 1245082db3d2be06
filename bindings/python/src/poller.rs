//! `Poller`: one descriptor for an event loop, which tells which of its connections, calls and subscriptions have something.
use pyo3::{exceptions::PyOSError, prelude::*};
use std::{os::fd::RawFd, sync::Arc, task::Wake};
use tenondb::resp;

/// One descriptor for many things that wait. The engine's threads put tokens into it; they never run Python.
#[pyclass(module = "tenondb._native", frozen)]
pub struct Poller {
    pub inner: resp::Poller,
}

#[pymethods]
impl Poller {
    #[new]
    fn new() -> PyResult<Self> {
        let inner = resp::Poller::new().map_err(|error| PyOSError::new_err(error.to_string()))?;
        Ok(Self { inner })
    }

    /// The descriptor: readable while there are tokens to take.
    fn fileno(&self) -> RawFd {
        self.inner.fd()
    }

    /// Takes the tokens. One may come twice, or too early.
    fn take(&self) -> Vec<u64> {
        let mut tokens = Vec::new();
        self.inner.take(&mut tokens);
        tokens
    }
}

/// Who wakes a task by a token of a poller.
pub struct Token {
    pub poller: resp::Poller,
    pub token: u64,
}

impl Token {
    pub fn push(&self) {
        self.poller.push(self.token);
    }
}

impl Wake for Token {
    fn wake(self: Arc<Self>) {
        self.push();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.push();
    }
}
