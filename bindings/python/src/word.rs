//! Arguments: Python objects as the bytes of a command's words.
use pyo3::{
    buffer::PyBuffer,
    exceptions::PyTypeError,
    prelude::*,
    types::{PyBool, PyByteArray, PyBytes, PyFloat, PyInt, PyString},
};

/// One word of a command. Bytes and text are borrowed from the Python object; the rest is made.
pub enum Word<'a> {
    Borrowed(&'a [u8]),
    Number(Digits),
    Owned(Vec<u8>),
}

/// The decimal digits of a 64-bit integer: twenty at most.
pub struct Digits {
    text: [u8; 20],
    start: u8,
}

impl Digits {
    pub fn of(value: i64) -> Self {
        let (mut text, mut start, mut rest) = ([0; 20], 20, value.unsigned_abs());
        loop {
            start -= 1;
            text[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if value < 0 {
            start -= 1;
            text[start] = b'-';
        }
        Self { text, start: start as u8 }
    }
}

impl<'a> Word<'a> {
    /// Reads a word from `bytes`, `str` (as UTF-8), `int`, `float` or anything with a buffer.
    ///
    /// # Errors
    /// `TypeError` for everything else: `None` and `bool` have no one meaning as bytes.
    #[inline]
    pub fn of(object: &'a Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = object.cast::<PyBytes>() {
            return Ok(Self::Borrowed(bytes.as_bytes()));
        }
        if let Ok(text) = object.cast::<PyString>() {
            return match text.to_str() {
                Ok(text) => Ok(Self::Borrowed(text.as_bytes())),
                Err(_) => Self::escaped(text),
            };
        }
        Self::of_others(object)
    }

    /// Text with lone surrogates: the bytes that `surrogateescape` has read them from.
    #[cold]
    fn escaped(text: &Bound<'_, PyString>) -> PyResult<Self> {
        let bytes = text.call_method1("encode", ("utf-8", "surrogateescape"))?;
        Ok(Self::Owned(bytes.cast::<PyBytes>()?.as_bytes().to_vec()))
    }

    fn of_others(object: &'a Bound<'_, PyAny>) -> PyResult<Self> {
        if object.is_instance_of::<PyBool>() {
            return Err(refused(object));
        }
        if let Ok(number) = object.cast::<PyInt>() {
            return Ok(match number.extract::<i64>() {
                Ok(value) => Self::Number(Digits::of(value)),
                Err(_) => Self::Owned(number.str()?.to_str()?.into()),
            });
        }
        if let Ok(number) = object.cast::<PyFloat>() {
            // The shortest digits that read back, as Python writes them; a subclass may write something else.
            let plain = PyFloat::new(object.py(), number.value());
            return Ok(Self::Owned(plain.repr()?.to_str()?.into()));
        }
        if let Ok(array) = object.cast::<PyByteArray>() {
            return Ok(Self::Owned(array.to_vec()));
        }
        match PyBuffer::<u8>::get(object) {
            Ok(buffer) => Ok(Self::Owned(buffer.to_vec(object.py())?)),
            Err(_) => Err(refused(object)),
        }
    }
}

impl AsRef<[u8]> for Word<'_> {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Number(Digits { text, start }) => &text[usize::from(*start)..],
            Self::Owned(bytes) => bytes,
        }
    }
}

#[cold]
fn refused(object: &Bound<'_, PyAny>) -> PyErr {
    let name = object.get_type().name().map_or_else(|_| "object".into(), |name| name.to_string());
    PyTypeError::new_err(format!("an argument is {name}; bytes, str, int, float or a buffer is needed"))
}

/// Reads the words of a command.
///
/// # Errors
/// `TypeError`: see [`Word::of`]; there is no word at all.
pub fn words<'a>(objects: &'a [Bound<'_, PyAny>]) -> PyResult<Vec<Word<'a>>> {
    if objects.is_empty() {
        return Err(PyTypeError::new_err("a command has a name"));
    }
    objects.iter().map(Word::of).collect()
}
