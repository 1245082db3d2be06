//! `Replies`: what redis-py's own parser makes of a reply, for those of which there is one thing to make.
//!
//! ```text
//!   output   *2\r\n$3\r\nabc\r\n:1\r\n  $1\r\n…
//!            └────── one reply ──────┘             1. is it whole, and is it plain? then its bytes are taken; the line is held
//!   objects  [b"abc", 1]                           2. made of a copy, with nothing held
//! ```
//!
//! Everything else stays where it is, for redis-py's parser to read: errors, pushes, attributes, verbatim strings, big
//! numbers, what is nested deeply, text that is no UTF-8, and a reply whose end has not come.
use crate::line::Line;
use pyo3::{
    exceptions::PyRuntimeError,
    prelude::*,
    types::{PyBytes, PyDict, PyList, PyString},
};

/// So deep replies are read here: the commands' own are flatter.
const DEPTH_MAX: usize = 16;

/// Digits of the numbers that are read here: they fit into 64 bits.
const DIGITS_MAX: usize = 18;

/// Reads the replies of a connection, as redis-py's parser for RESP2 or the one for RESP3 does.
#[pyclass(module = "tenondb._native", frozen)]
pub struct Replies {
    line: Py<Line>,
    rules: Rules,
}

#[pymethods]
impl Replies {
    /// A reader of `line`; `text`: byte strings are read as UTF-8.
    #[new]
    fn new(line: Py<Line>, resp3: bool, text: bool) -> Self {
        Self { line, rules: Rules { resp3, text } }
    }

    /// Reads the reply that `data` begins with: its object and its length. `None`: it is not whole, or not plain.
    #[staticmethod]
    fn read<'p>(
        py: Python<'p>,
        data: &[u8],
        resp3: bool,
        text: bool,
    ) -> PyResult<Option<(Bound<'p, PyAny>, usize)>> {
        let rules = Rules { resp3, text };
        let Some(len) = rules.extent(data) else { return Ok(None) };
        Ok(Some((Reader { rest: data, rules }.object(py)?, len)))
    }

    /// Takes one reply. `NotImplemented`: there is none, or it is for redis-py's own parser, and is still there.
    #[pyo3(signature = (disable_decoding=false, /))]
    fn take<'p>(&self, py: Python<'p>, disable_decoding: bool) -> PyResult<Bound<'p, PyAny>> {
        let rules = Rules { text: self.rules.text && !disable_decoding, ..self.rules };
        let taken = self.line.get().show(py, |output| match rules.extent(output) {
            Some(len) => (Some(output[..len].to_vec()), len),
            None => (None, 0),
        });
        match taken {
            Some(reply) => Reader { rest: &reply, rules }.object(py),
            None => Ok(py.NotImplemented().into_bound(py)),
        }
    }
}

/// What is plain, and what is made of it.
#[derive(Debug, Clone, Copy)]
struct Rules {
    resp3: bool,
    text: bool,
}

impl Rules {
    /// The length of the reply that `output` begins with, if it is whole and plain.
    fn extent(self, output: &[u8]) -> Option<usize> {
        let mut reader = Reader { rest: output, rules: self };
        reader.skip(DEPTH_MAX)?;
        Some(output.len() - reader.rest.len())
    }
}

/// The beginning of a reply: all of it, or how many are behind it.
#[derive(Debug, Clone, Copy)]
enum Token<'d> {
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Bytes(&'d [u8]),
    Array(usize),
    Map(usize),
}

impl Token<'_> {
    fn is_scalar(self) -> bool {
        !matches!(self, Self::Array(_) | Self::Map(_))
    }
}

struct Reader<'d> {
    rest: &'d [u8],
    rules: Rules,
}

impl<'d> Reader<'d> {
    /// Reads a token; `None`: it is not all there, or not plain.
    #[inline]
    fn token(&mut self) -> Option<Token<'d>> {
        let end = self.rest.iter().position(|byte| *byte == b'\n')?;
        let (line, behind) = (self.rest.get(..end)?.strip_suffix(b"\r")?, self.rest.get(end + 1..)?);
        let (kind, body) = line.split_first()?;
        let resp3 = self.rules.resp3;
        self.rest = behind;
        match (kind, body) {
            (b'$' | b'*', b"-1") if !resp3 => Some(Token::Nil),
            (b'$', _) => {
                let len = length(body)?;
                let data = behind.get(..len)?;
                self.rest = behind.get(len..)?.strip_prefix(b"\r\n")?;
                self.bytes(data)
            }
            (b'+', _) => self.bytes(body),
            (b':', _) => int(body).map(Token::Int),
            (b'*', _) => length(body).map(Token::Array),
            (b'_', b"") if resp3 => Some(Token::Nil),
            (b'#', b"t") if resp3 => Some(Token::Bool(true)),
            (b'#', b"f") if resp3 => Some(Token::Bool(false)),
            (b',', _) if resp3 => float(body).map(Token::Float),
            // redis-py makes lists of sets: what is in them may not be hashable.
            (b'~', _) if resp3 => length(body).map(Token::Array),
            (b'%', _) if resp3 => length(body).map(Token::Map),
            _ => None,
        }
    }

    #[inline]
    fn bytes(&self, data: &'d [u8]) -> Option<Token<'d>> {
        (!self.rules.text || std::str::from_utf8(data).is_ok()).then_some(Token::Bytes(data))
    }

    /// Goes past a reply. A number of parts is believed as far as there are parts.
    fn skip(&mut self, depth: usize) -> Option<()> {
        let token = self.token()?;
        if token.is_scalar() {
            return Some(());
        }
        let depth = depth.checked_sub(1)?;
        match token {
            Token::Map(pairs) => {
                for _ in 0..pairs {
                    // Others are no keys of a dict.
                    self.token()?.is_scalar().then_some(())?;
                    self.skip(depth)?;
                }
            }
            Token::Array(values) => (0..values).try_for_each(|_| self.skip(depth))?,
            _ => {}
        }
        Some(())
    }

    /// Makes the object of a reply that was gone past before.
    fn object<'p>(&mut self, py: Python<'p>) -> PyResult<Bound<'p, PyAny>> {
        let token = self.token().ok_or_else(|| PyRuntimeError::new_err("a reply was read in two ways"))?;
        Ok(match token {
            Token::Nil => py.None().into_bound(py),
            Token::Bool(value) => value.into_pyobject(py)?.to_owned().into_any(),
            Token::Int(value) => value.into_pyobject(py)?.into_any(),
            Token::Float(value) => value.into_pyobject(py)?.into_any(),
            Token::Bytes(data) if self.rules.text => {
                PyString::new(py, std::str::from_utf8(data).unwrap_or_default()).into_any()
            }
            Token::Bytes(data) => PyBytes::new(py, data).into_any(),
            Token::Array(len) => {
                let mut fault = None;
                let objects = (0..len).map(|_| {
                    self.object(py).unwrap_or_else(|error| {
                        fault = Some(error);
                        py.None().into_bound(py)
                    })
                });
                let list = PyList::new(py, objects)?;
                fault.map_or(Ok(list.into_any()), Err)?
            }
            Token::Map(len) => {
                let map = PyDict::new(py);
                for _ in 0..len {
                    let key = self.object(py)?;
                    map.set_item(key, self.object(py)?)?;
                }
                map.into_any()
            }
        })
    }
}

fn digits(body: &[u8]) -> Option<i64> {
    let plain = (1..=DIGITS_MAX).contains(&body.len()) && body.iter().all(u8::is_ascii_digit);
    plain.then(|| body.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
}

fn length(body: &[u8]) -> Option<usize> {
    usize::try_from(digits(body)?).ok()
}

fn int(body: &[u8]) -> Option<i64> {
    match body.strip_prefix(b"-") {
        Some(body) => digits(body).map(|number| -number),
        None => digits(body),
    }
}

fn float(body: &[u8]) -> Option<f64> {
    match body {
        b"inf" => Some(f64::INFINITY),
        b"-inf" => Some(f64::NEG_INFINITY),
        b"nan" => Some(f64::NAN),
        _ => {
            // Of what Rust and Python read in the same way.
            let plain = body.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e'));
            plain.then(|| std::str::from_utf8(body).ok()?.parse().ok())?
        }
    }
}
