//! `Packer` and `Sender`: commands as redis-py's serializer writes them, for arguments of which there is one thing to write.
//!
//! Plain are `bytes`, `str` (when the connection's text is UTF-8), `int` and `float` – these classes, no subclass, which may write
//! itself otherwise. A command with anything else in it is written by redis-py: what it refuses, it refuses itself.
use crate::{
    line::Line,
    word::{Digits, Word},
};
use pyo3::{
    PyTraverseError, PyVisit,
    prelude::*,
    types::{PyBytes, PyFloat, PyInt, PyList, PyString, PyTuple},
};

/// What separates the words of a name such as `CONFIG GET`: what `bytes.split()` splits at.
const SPACES: [u8; 6] = *b" \t\n\r\x0b\x0c";

/// Writes commands: a `command_packer` of redis-py's.
#[pyclass(module = "tenondb._native", frozen)]
pub struct Packer {
    /// redis-py's own: the pieces of a command.
    other: Py<PyAny>,
    rules: Rules,
}

#[pymethods]
impl Packer {
    /// `other` writes what is not plain; `text`: that of the connection is UTF-8; values above `cutoff` bytes stay pieces of their
    /// own, uncopied.
    #[new]
    fn new(other: Py<PyAny>, text: bool, cutoff: usize) -> Self {
        Self { other, rules: Rules { text, cutoff } }
    }

    /// Writes a command: a list of its pieces.
    #[pyo3(signature = (*args))]
    fn pack<'p>(&self, args: &Bound<'p, PyTuple>) -> PyResult<Bound<'p, PyAny>> {
        let mut pieces = Pieces::new(args.py());
        if self.rules.command(args, &mut pieces)? {
            return pieces.finish().map(Bound::into_any);
        }
        self.other.bind(args.py()).call1(args)
    }

    /// Writes commands, one behind the other: a list of their pieces.
    fn pack_commands<'p>(&self, commands: &Bound<'p, PyAny>) -> PyResult<Bound<'p, PyList>> {
        let py = commands.py();
        let mut pieces = Pieces::new(py);
        for command in commands.try_iter()? {
            let command = command?;
            let args = match command.cast_into_exact::<PyTuple>() {
                Ok(args) => args,
                Err(other) => py.get_type::<PyTuple>().call1((other.into_inner(),))?.cast_into()?,
            };
            if self.rules.command(&args, &mut pieces)? {
                continue;
            }
            for piece in self.other.bind(py).call1(&args)?.try_iter()? {
                let piece = piece?;
                match piece.cast_exact::<PyBytes>() {
                    Ok(bytes) if bytes.as_bytes().len() <= self.rules.cutoff => {
                        pieces.open.extend_from_slice(bytes.as_bytes());
                    }
                    _ => pieces.put(piece)?,
                }
            }
        }
        pieces.finish()
    }

    /// `other` may lead back to whoever has the packer.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.other)
    }
}

/// Writes commands straight into a connection.
#[pyclass(module = "tenondb._native", frozen)]
pub struct Sender {
    line: Py<Line>,
    rules: Rules,
}

#[pymethods]
impl Sender {
    #[new]
    fn new(line: Py<Line>, text: bool, cutoff: usize) -> Self {
        Self { line, rules: Rules { text, cutoff } }
    }

    /// Executes a command. `False`: it was not begun, because it is not plain, has a large value, or the connection has ended.
    #[pyo3(signature = (*args))]
    fn send(&self, args: &Bound<'_, PyTuple>) -> PyResult<bool> {
        let objects: Vec<_> = args.iter().collect();
        let Some(words) = self.rules.words(&objects) else { return Ok(false) };
        if words.iter().any(|word| word.as_ref().len() > self.rules.cutoff) {
            return Ok(false);
        }
        let mut request = Vec::with_capacity(size(&words));
        head(&mut request, b'*', words.len());
        words.iter().for_each(|word| put(&mut request, word.as_ref()));
        self.line.get().run(args.py(), &request)
    }
}

/// What is plain, and what is large.
#[derive(Debug, Clone, Copy)]
struct Rules {
    text: bool,
    cutoff: usize,
}

impl Rules {
    /// The words of a command; `None`: it is for redis-py to write.
    fn words<'a>(self, objects: &'a [Bound<'_, PyAny>]) -> Option<Vec<Word<'a>>> {
        let (first, others) = objects.split_first()?;
        let mut words = Vec::with_capacity(objects.len() + 1);
        // The name is UTF-8, whatever the text of the connection.
        let (name, splits) = match first.cast_exact::<PyString>() {
            Ok(text) => (text.to_str().ok()?.as_bytes(), true),
            Err(_) => {
                let name = first.cast_exact::<PyBytes>().ok()?.as_bytes();
                (name, name.contains(&b' '))
            }
        };
        if splits {
            let parts = name.split(|byte| SPACES.contains(byte)).filter(|part| !part.is_empty());
            words.extend(parts.map(Word::Borrowed));
        } else {
            words.push(Word::Borrowed(name));
        }
        for object in others {
            words.push(self.word(object)?);
        }
        Some(words)
    }

    fn word<'a>(self, object: &'a Bound<'_, PyAny>) -> Option<Word<'a>> {
        if let Ok(bytes) = object.cast_exact::<PyBytes>() {
            return Some(Word::Borrowed(bytes.as_bytes()));
        }
        if let Ok(text) = object.cast_exact::<PyString>() {
            // A large one would keep its bytes beside its characters for as long as it lives.
            if !self.text || text.len().is_ok_and(|len| len > self.cutoff) {
                return None;
            }
            let text = text.to_str().ok()?.as_bytes();
            return (text.len() <= self.cutoff).then_some(Word::Borrowed(text));
        }
        if let Ok(number) = object.cast_exact::<PyInt>() {
            return number.extract().ok().map(|value| Word::Number(Digits::of(value)));
        }
        let number = object.cast_exact::<PyFloat>().ok()?;
        Some(Word::Owned(number.repr().ok()?.to_str().ok()?.into()))
    }

    /// Writes a command that is plain. `false`: it is not, and nothing was written.
    fn command(self, args: &Bound<'_, PyTuple>, to: &mut Pieces<'_>) -> PyResult<bool> {
        let objects: Vec<_> = args.iter().collect();
        let Some(words) = self.words(&objects) else { return Ok(false) };
        // So many of them are of the first argument.
        let names = words.len() + 1 - objects.len();
        to.open.reserve(size(&words).min(self.cutoff));
        head(&mut to.open, b'*', words.len());
        for (at, word) in words.iter().enumerate() {
            let word = word.as_ref();
            match at.checked_sub(names) {
                // `bytes`, as everything that is large and plain: the very same object is handed on.
                Some(behind) if word.len() > self.cutoff => {
                    head(&mut to.open, b'$', word.len());
                    to.put(objects[behind + 1].clone())?;
                    to.open.extend_from_slice(b"\r\n");
                }
                _ => put(&mut to.open, word),
            }
        }
        Ok(true)
    }
}

/// Pieces of requests: the last one is still open.
struct Pieces<'p> {
    py: Python<'p>,
    list: Bound<'p, PyList>,
    open: Vec<u8>,
}

impl<'p> Pieces<'p> {
    fn new(py: Python<'p>) -> Self {
        Self { py, list: PyList::empty(py), open: Vec::new() }
    }

    fn close(&mut self) -> PyResult<()> {
        if !self.open.is_empty() {
            self.list.append(PyBytes::new(self.py, &self.open))?;
            self.open.clear();
        }
        Ok(())
    }

    fn put(&mut self, piece: Bound<'_, PyAny>) -> PyResult<()> {
        self.close()?;
        self.list.append(piece)
    }

    fn finish(mut self) -> PyResult<Bound<'p, PyList>> {
        self.close()?;
        Ok(self.list)
    }
}

/// Bytes that the words need, about.
fn size(words: &[Word<'_>]) -> usize {
    const AROUND: usize = 12;
    words.iter().map(|word| word.as_ref().len() + AROUND).sum::<usize>() + AROUND
}

fn put(to: &mut Vec<u8>, word: &[u8]) {
    head(to, b'$', word.len());
    to.extend_from_slice(word);
    to.extend_from_slice(b"\r\n");
}

fn head(to: &mut Vec<u8>, kind: u8, count: usize) {
    to.push(kind);
    to.extend_from_slice(Word::Number(Digits::of(count as i64)).as_ref());
    to.extend_from_slice(b"\r\n");
}
