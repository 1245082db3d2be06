//! Errors: one exception class for each kind of the core's.
use pyo3::{
    prelude::*,
    sync::PyOnceLock,
    types::{PyString, PyType},
};
use tenondb::{Error, Kind};

/// The classes of `tenondb.errors`, by the numbers of the kinds.
static CLASSES: PyOnceLock<Vec<Py<PyType>>> = PyOnceLock::new();

/// In the order of [`Kind`]'s numbers, from 1 on.
const NAMES: [&str; 10] = [
    "CommandError",
    "WrongTypeError",
    "ConflictError",
    "LimitError",
    "BusyError",
    "IoError",
    "CorruptError",
    "ClosedError",
    "MisuseError",
    "InternalError",
];

fn classes<'p>(py: Python<'p>) -> PyResult<&'p Vec<Py<PyType>>> {
    CLASSES.get_or_try_init(py, || {
        let module = py.import("tenondb.errors")?;
        let class = |name: &&str| Ok(module.getattr(*name)?.cast_into::<PyType>()?.unbind());
        NAMES.iter().map(class).collect()
    })
}

/// Makes the exception object of `error`, without raising it.
pub fn exception<'p>(py: Python<'p>, error: &Error) -> PyResult<Bound<'p, PyAny>> {
    let classes = classes(py)?;
    // A kind that this package does not know yet is one to report.
    let class = classes.get((error.kind() as usize).wrapping_sub(1)).or(classes.last());
    let text = PyString::new(py, &String::from_utf8_lossy(error.text()));
    match class {
        Some(class) => class.bind(py).call1((text,)),
        None => Err(pyo3::exceptions::PyRuntimeError::new_err(text.unbind())),
    }
}

/// Makes what is raised for `error`.
#[cold]
pub fn raised(py: Python<'_>, error: &Error) -> PyErr {
    exception(py, error).map_or_else(|other| other, PyErr::from_value)
}

/// Makes what is raised when a handle is used behind its end.
#[cold]
pub fn closed(py: Python<'_>, what: &'static str) -> PyErr {
    raised(py, &Error::new(Kind::Closed, what))
}
