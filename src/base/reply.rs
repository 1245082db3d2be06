//! A reply as a tree, for callers that speak in commands but not on a wire: `db.call`, batches, tests.
use super::{
    bytes::Bytes,
    emit::{Late, Sink},
    error::{Error, Result},
};

/// One value of a reply.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Reply {
    Nil,
    Int(i64),
    Float(f64),
    Bool(bool),
    Bytes(Bytes),
    /// A short constant such as `OK`.
    Status(Bytes),
    /// Text for people.
    Text(Bytes),
    Array(Vec<Reply>),
    /// Keys and values in the order of the reply.
    Map(Vec<(Reply, Reply)>),
    Set(Vec<Reply>),
    /// One command of a batch or transaction failed.
    Error(Error),
}

impl Reply {
    /// Returns the integer, when it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            Self::Bool(value) => Some((*value).into()),
            _ => None,
        }
    }

    /// Returns the bytes of a byte string, a status or a text.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(value) | Self::Status(value) | Self::Text(value) => Some(value),
            _ => None,
        }
    }

    /// Returns the values of a list or set.
    pub fn as_list(&self) -> Option<&[Reply]> {
        match self {
            Self::Array(values) | Self::Set(values) => Some(values),
            _ => None,
        }
    }

    /// Tells whether there is no value.
    pub fn is_nil(&self) -> bool {
        matches!(self, Self::Nil)
    }
}

#[derive(Debug, Clone, Copy)]
enum Shape {
    Array,
    Map,
    Set,
}

/// Builds a [`Reply`]. Long parts are kept as such until [`Tree::finish`], which belongs outside the locks.
#[derive(Default)]
pub struct Tree {
    done: Option<Reply>,
    open: Vec<(Shape, usize, Vec<Reply>)>,
    late: Vec<Box<dyn Late>>,
}

/// Stands for a late part until it is written: an error that no command ever says.
const LATE: &str = "\0late";

impl Tree {
    fn add(&mut self, mut value: Reply) {
        loop {
            let Some((_, len, values)) = self.open.last_mut() else {
                self.done = Some(value);
                return;
            };
            values.push(value);
            if values.len() < *len {
                return;
            }
            let Some((shape, _, values)) = self.open.pop() else { return };
            value = Self::close(shape, values);
        }
    }

    fn close(shape: Shape, values: Vec<Reply>) -> Reply {
        match shape {
            Shape::Array => Reply::Array(values),
            Shape::Set => Reply::Set(values),
            Shape::Map => {
                let mut values = values.into_iter();
                let mut pairs = Vec::with_capacity(values.len() / 2);
                while let (Some(key), Some(value)) = (values.next(), values.next()) {
                    pairs.push((key, value));
                }
                Reply::Map(pairs)
            }
        }
    }

    fn start(&mut self, shape: Shape, len: usize) {
        if len == 0 {
            self.add(Self::close(shape, Vec::new()));
        } else {
            // `len` is what a command is about to write, never what a peer announced.
            self.open.push((shape, len, Vec::with_capacity(len)));
        }
    }

    /// Writes the late parts and returns the reply; nil when nothing was written.
    pub fn finish(mut self) -> Reply {
        let mut reply = self.done.take().unwrap_or(Reply::Nil);
        let mut late = std::mem::take(&mut self.late).into_iter();
        if late.len() > 0 {
            Self::fill(&mut reply, &mut late);
        }
        reply
    }

    /// The reply, or the error that it is.
    pub fn into_result(self) -> Result<Reply> {
        match self.finish() {
            Reply::Error(error) => Err(error),
            reply => Ok(reply),
        }
    }

    fn fill(reply: &mut Reply, late: &mut std::vec::IntoIter<Box<dyn Late>>) {
        match reply {
            Reply::Error(error) if error.text() == LATE.as_bytes() => {
                if let Some(part) = late.next() {
                    let mut tree = Self::default();
                    part.emit_late(&mut tree);
                    *reply = tree.finish();
                }
            }
            Reply::Array(values) | Reply::Set(values) => values.iter_mut().for_each(|v| Self::fill(v, late)),
            Reply::Map(pairs) => {
                for (key, value) in pairs {
                    Self::fill(key, late);
                    Self::fill(value, late);
                }
            }
            _ => {}
        }
    }
}

impl Sink for Tree {
    fn nil(&mut self) {
        self.add(Reply::Nil);
    }
    fn nil_array(&mut self) {
        self.add(Reply::Nil);
    }
    fn int(&mut self, value: i64) {
        self.add(Reply::Int(value));
    }
    fn float(&mut self, value: f64) {
        self.add(Reply::Float(value));
    }
    fn bool(&mut self, value: bool) {
        self.add(Reply::Bool(value));
    }
    fn bytes(&mut self, value: &[u8]) {
        self.add(Reply::Bytes(Bytes::copy(value)));
    }
    fn status_line(&mut self, value: &[u8]) {
        self.add(Reply::Status(Bytes::copy(value)));
    }
    fn verbatim(&mut self, _format: &str, value: &[u8]) {
        self.add(Reply::Text(Bytes::copy(value)));
    }
    fn error(&mut self, error: &Error) {
        self.add(Reply::Error(error.clone()));
    }
    fn array(&mut self, len: usize) {
        self.start(Shape::Array, len);
    }
    fn map(&mut self, len: usize) {
        self.start(Shape::Map, len * 2);
    }
    fn set(&mut self, len: usize) {
        self.start(Shape::Set, len);
    }
    fn push(&mut self, len: usize) {
        self.start(Shape::Array, len);
    }
    fn pairs(&mut self, len: usize) {
        self.start(Shape::Array, len);
    }
    fn pair(&mut self) {
        self.start(Shape::Array, 2);
    }
    fn later(&mut self, part: Box<dyn Late>) {
        self.late.push(part);
        self.add(Reply::Error(Error::command(LATE)));
    }
    fn protocol(&self) -> u8 {
        3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_and_late_parts_keep_their_places() {
        let mut tree = Tree::default();
        tree.array(3);
        tree.later(Box::new(|to: &mut dyn Sink| {
            to.array(1);
            to.int(1);
        }));
        tree.map(1);
        tree.bytes(b"k");
        tree.pairs(1);
        tree.pair();
        tree.bytes(b"m");
        tree.float(0.5);
        tree.set(0);
        let pair = Reply::Array(vec![Reply::Bytes(Bytes::copy(b"m")), Reply::Float(0.5)]);
        let expected = Reply::Array(vec![
            Reply::Array(vec![Reply::Int(1)]),
            Reply::Map(vec![(Reply::Bytes(Bytes::copy(b"k")), Reply::Array(vec![pair]))]),
            Reply::Set(vec![]),
        ]);
        assert_eq!(tree.finish(), expected);
    }
}
