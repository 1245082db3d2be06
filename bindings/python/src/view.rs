//! A value without a copy: an object with the buffer of a string of the database.
use pyo3::{exceptions::PyBufferError, ffi, prelude::*};
use std::{ffi::c_int, os::raw::c_char};
use tenondb::Bytes;

/// The bytes of a value as they were when it was read: they are shared with the database until it changes them.
#[pyclass(module = "tenondb._native", frozen)]
pub struct Value {
    bytes: Bytes,
}

impl Value {
    pub fn new(bytes: Bytes) -> Self {
        Self { bytes }
    }
}

#[pymethods]
impl Value {
    fn __len__(&self) -> usize {
        self.bytes.len()
    }

    /// Gives out the buffer, for reading only.
    #[expect(unsafe_code, reason = "the interpreter's buffer protocol is one of pointers")]
    unsafe fn __getbuffer__(slf: &Bound<'_, Self>, view: *mut ffi::Py_buffer, flags: c_int) -> PyResult<()> {
        if view.is_null() {
            return Err(PyBufferError::new_err("no view was given"));
        }
        let bytes: &[u8] = &slf.get().bytes;
        let data = bytes.as_ptr().cast::<c_char>().cast_mut();
        let len = bytes.len() as ffi::Py_ssize_t;
        // SAFETY: `view` is the interpreter's; the bytes live as long as `slf`, to which the view gets a reference; it is
        // marked as read-only, so nobody writes through `data`.
        let filled = unsafe { ffi::PyBuffer_FillInfo(view, slf.as_ptr(), data.cast(), len, 1, flags) };
        if filled == 0 { Ok(()) } else { Err(PyErr::fetch(slf.py())) }
    }
}
