//! `Clock`: where a database's time comes from.
use pyo3::prelude::*;
use std::sync::Arc;

/// A source of time: the system's (`Clock.system()`), or one that is set by hand (`Clock.manual(ms)`), for tests.
#[pyclass(module = "tenondb", frozen)]
pub struct Clock {
    pub inner: tenondb::Clock,
    /// Which clock it is: who opens a directory again may name the same one.
    pub mark: Arc<()>,
}

#[pymethods]
impl Clock {
    /// The system's wall clock. `advance` and `set` give it a skew.
    #[staticmethod]
    fn system() -> Self {
        Self { inner: tenondb::Clock::system(), mark: Arc::default() }
    }

    /// A clock that stands still at `ms` (Unix time in milliseconds) until it is set or advanced.
    #[staticmethod]
    fn manual(ms: u64) -> Self {
        Self { inner: tenondb::Clock::manual(ms), mark: Arc::default() }
    }

    /// Returns Unix time in milliseconds.
    fn now(&self) -> u64 {
        self.inner.now_ms()
    }

    /// Moves the clock ahead by `ms` milliseconds.
    fn advance(&self, ms: u64) {
        self.inner.advance_ms(ms);
    }

    /// Sets the clock to `ms` (Unix time in milliseconds).
    fn set(&self, ms: u64) {
        self.inner.set_ms(ms);
    }

    /// Whether the clock only moves by hand.
    #[getter]
    fn is_manual(&self) -> bool {
        self.inner.is_manual()
    }

    fn __repr__(&self) -> String {
        let kind = if self.inner.is_manual() { "manual" } else { "system" };
        format!("<tenondb.Clock {kind} {}>", self.inner.now_ms())
    }
}
