//! Replies: the core's tree as Python objects. It is made when no lock is held: making objects may run the garbage
//! collector, which may run anything.
use crate::error;
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::{PyBytes, PyDict, PyList, PySet, PyString, PyTuple},
};
use tenondb::Reply;

/// What byte strings of replies become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decode {
    Bytes,
    /// `str`, read as UTF-8; what is no UTF-8 is dealt with as this handler of Python's says.
    Text(Faults),
}

/// What happens to bytes that are no UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Faults {
    Strict,
    Replace,
    Escape,
}

impl Decode {
    /// Reads the options `decode` and `decode_errors`.
    ///
    /// # Errors
    /// `ValueError` for what is neither `bytes`, `None` nor UTF-8.
    pub fn of(decode: Option<&Bound<'_, PyAny>>, faults: &str) -> PyResult<Self> {
        let faults = match faults {
            "strict" => Faults::Strict,
            "replace" => Faults::Replace,
            "surrogateescape" => Faults::Escape,
            _ => return Err(PyValueError::new_err("decode_errors is strict, replace or surrogateescape")),
        };
        let Some(decode) = decode else { return Ok(Self::Bytes) };
        if decode.is(decode.py().get_type::<PyBytes>()) {
            return Ok(Self::Bytes);
        }
        let name = decode.cast::<PyString>().map_err(|_| PyTypeError::new_err(DECODE))?;
        match name.to_str()?.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Ok(Self::Text(faults)),
            _ => Err(PyValueError::new_err(DECODE)),
        }
    }

    /// Makes the object of a byte string.
    #[inline]
    pub fn bytes<'p>(self, py: Python<'p>, data: &[u8]) -> PyResult<Bound<'p, PyAny>> {
        match self {
            Self::Bytes => Ok(PyBytes::new(py, data).into_any()),
            Self::Text(faults) => text(py, data, faults),
        }
    }
}

const DECODE: &str = "decode is bytes (the default) or \"utf-8\"";

fn text<'p>(py: Python<'p>, data: &[u8], faults: Faults) -> PyResult<Bound<'p, PyAny>> {
    if let Ok(text) = std::str::from_utf8(data) {
        return Ok(PyString::new(py, text).into_any());
    }
    let handler = match faults {
        Faults::Strict => c"strict",
        Faults::Replace => c"replace",
        Faults::Escape => c"surrogateescape",
    };
    PyString::from_encoded_object(PyBytes::new(py, data).as_any(), Some(c"utf-8"), Some(handler))
        .map(Bound::into_any)
}

/// Makes the object of a reply. An error inside it becomes an exception object that is not raised.
pub fn object<'p>(py: Python<'p>, reply: &Reply, decode: Decode) -> PyResult<Bound<'p, PyAny>> {
    Ok(match reply {
        Reply::Bytes(data) | Reply::Status(data) | Reply::Text(data) => decode.bytes(py, data)?,
        Reply::Nil => py.None().into_bound(py),
        Reply::Int(value) => value.into_pyobject(py)?.into_any(),
        Reply::Float(value) => value.into_pyobject(py)?.into_any(),
        Reply::Bool(value) => value.into_pyobject(py)?.to_owned().into_any(),
        Reply::Array(values) => list(py, values, decode)?.into_any(),
        Reply::Map(pairs) => {
            let map = PyDict::new(py);
            for (key, value) in pairs {
                map.set_item(hashable(py, key, decode)?, object(py, value, decode)?)?;
            }
            map.into_any()
        }
        Reply::Set(values) => {
            let set = PySet::empty(py)?;
            for value in values {
                set.add(hashable(py, value, decode)?)?;
            }
            set.into_any()
        }
        Reply::Error(error) => error::exception(py, error)?,
        other => return Err(PyTypeError::new_err(format!("a reply of an unknown kind: {other:?}"))),
    })
}

fn list<'p>(py: Python<'p>, values: &[Reply], decode: Decode) -> PyResult<Bound<'p, PyList>> {
    let mut fault = None;
    let objects = values.iter().map(|value| {
        object(py, value, decode).unwrap_or_else(|error| {
            fault = Some(error);
            py.None().into_bound(py)
        })
    });
    let list = PyList::new(py, objects)?;
    fault.map_or(Ok(list), Err)
}

/// Makes an object that can be a key or an element of a set: lists become tuples.
fn hashable<'p>(py: Python<'p>, reply: &Reply, decode: Decode) -> PyResult<Bound<'p, PyAny>> {
    match reply {
        Reply::Array(values) => {
            let objects: Vec<_> =
                values.iter().map(|value| hashable(py, value, decode)).collect::<PyResult<_>>()?;
            Ok(PyTuple::new(py, objects)?.into_any())
        }
        other => object(py, other, decode),
    }
}
